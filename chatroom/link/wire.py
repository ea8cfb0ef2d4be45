"""
The wire of the link: frames between a door and the house, over one connection.

A frame is an array, ``[KIND, …]``, as UTF-8 JSON; or bytes of a carried connection: ``\\0``, its id (4 bytes,
big-endian), the bytes.  Each goes behind its length (4 bytes, big-endian); a long one in parts, each behind ``\\1``,
the last behind ``\\2``.  The first frames are the door's ``["hello", VERSION, …]`` and the house's ``["welcome",
VERSION, …]``; neither waits for the other.  ``["beat"]`` says that this end is alive.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import Int32StringReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.doors.outlets.direct_transport import direct_transport

from .codec import BadFrame

VERSION = 1
"""The version of the link; both ends must have the same."""

MAX_LENGTH = 2**20
"""Bytes of a frame, or of one part of a longer one."""
MAX_WAITING = 2**26
"""Bytes that may wait for the other end, and those of a frame in parts."""
AT_ONCE = 2**16
"""Bytes with which sending doesn't wait for the end of the reactor turn."""
BEAT = 1.0
"""Seconds after which one who sent nothing sends a beat."""
LOOK = 0.1
"""Seconds between two looks whether frames that wait may be taken."""
SILENCE = 5
"""Beats that may be missing."""

_DATA, _PART, _LAST = b"\0", b"\1", b"\2"
_BEAT = ["beat"]
_SIDES = {"hello": "door", "welcome": "house"}
"""Who sends each of the first frames."""

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode


def encode(frame: list[Any]) -> bytes:
    """Return *frame* as it is sent: see `Link.send_encoded`."""
    return _encode(frame).encode("utf-8", "surrogatepass")


def decode(body: bytes) -> list[Any]:
    """
    Return the frame that `encode` made into *body*.

    :raises BadFrame: if it is no JSON, or no array that begins with its kind.
    """
    try:
        text = body.decode("utf-8", "surrogatepass")
        frame, end = _decode(text)
    except (ValueError, RecursionError):
        raise BadFrame("not JSON") from None
    if end != len(text) or type(frame) is not list or not frame or type(frame[0]) is not str:
        raise BadFrame("not an array with a kind")
    return frame


class Owner(Protocol):
    """Whose link it is.  A `BadFrame` that it raises drops the link, any other exception is logged only."""

    def up(self, link: Link) -> None:
        """Note that the other end speaks the same version: see `Link.greeting`."""

    def frame(self, link: Link, frame: list[Any]) -> None:
        """Take a frame, ``[KIND, …]``, the kind a string."""

    def data(self, link: Link, connection: int, data: bytes) -> None:
        """Take bytes of a carried connection."""

    def lost(self, link: Link, reason: str) -> None:
        """Note that the connection is gone, for *reason*; it may never have been up."""


class Link(Int32StringReceiver):
    """
    One end of a link.

    It is never paused: what may be sent without an answer is bounded above.

    :param first: the first frame, without the version: ``["hello", …]`` at a door, ``["welcome", …]`` in the house.
    :param turn: when to write; shared by links that are sent the same; None: one of its own.
    :param answers: whether frames may be taken now; if not, they wait, and so does the first frame of this end.
    """

    _log = Logger()
    MAX_LENGTH = MAX_LENGTH
    transport: Any

    def __init__(
        self,
        owner: Owner,
        clock: IReactorTime,
        first: list[Any],
        turn: Turn | None = None,
        answers: Callable[[], bool] = lambda: True,
    ) -> None:
        self.greeting: list[Any] | None = None
        """What the first frame of the other end has after the version; None until it came."""
        self._owner = owner
        self._clock = clock
        self._first = first
        self._turn = turn or Turn(clock)
        self._answers = answers
        self._looking: IDelayedCall | None = None
        """Looks again whether frames may be taken, while some wait."""
        self._parts = bytearray()
        self._reason: str | None = None
        self._sent = False
        self._silent = 0

    def makeConnection(self, transport: Any) -> None:
        """Write straight to the socket: a line that comes alone waits for no further turn of either reactor."""
        super().makeConnection(direct_transport(transport))

    def connectionMade(self) -> None:
        """Send the first frame."""
        self._output = _Output(self.transport, self._turn, lambda: self.drop("it reads too slowly"))
        self._timer = self._clock.callLater(BEAT, self._beat)
        kind, *rest = self._first
        self._withheld = not self._answers()
        if self._withheld:
            self._output.pauseProducing()
        self.send([kind, VERSION, *rest])
        self._take_in(b"")

    @property
    def reason(self) -> str:
        """Why it was dropped or lost; "" while it is up."""
        return self._reason or ""

    @property
    def quiet(self) -> bool:
        """Whether the other end has missed a beat: it may be dead, or the network."""
        return self._silent > 1

    @property
    def waiting(self) -> int:
        """The number of bytes that wait for the other end, or for the end of this reactor turn."""
        return len(self._output)

    def send(self, frame: list[Any]) -> None:
        """Send *frame*; nothing happens on a link that was dropped or lost."""
        self.send_encoded(encode(frame))

    def send_bytes(self, connection: int, data: bytes) -> None:
        """Send *data* of the carried *connection*."""
        self.send_encoded(_DATA + connection.to_bytes(4, "big") + data)

    def send_encoded(self, body: bytes) -> None:
        """Send a frame that was encoded once for several links."""
        if self._reason is None:
            self._sent = True
            if len(body) <= MAX_LENGTH:
                self._output.put(body)
            else:
                last = (len(body) - 1) // AT_ONCE * AT_ONCE
                for start in range(0, last, AT_ONCE):
                    self._output.put(_PART + body[start : start + AT_ONCE])
                self._output.put(_LAST + body[last:])

    def drop(self, reason: str) -> None:
        """Close the link for *reason*, after what was sent if that is read now; `Owner.lost` follows."""
        if self._reason is None:
            self._log.info("Dropped the link to {other}: {reason}.", other=self._other_end, reason=reason)
            self._reason = reason
            self._output.flush()
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        """Note that the other end is alive, and take its frames."""
        self._silent = 0
        if self._reason is None:
            self._take_in(data)

    def _take_in(self, data: bytes) -> None:
        """Take what has come, or keep it until frames may be taken; that is bounded by what doors may ask at once."""
        self.paused = not self._answers()
        if self.paused:
            if self._looking is None:
                self._looking = self._clock.callLater(LOOK, self._look_again)
        elif self._withheld:
            self._withheld = False
            self._output.resumeProducing()
        super().dataReceived(data)

    def _look_again(self) -> None:
        self._looking = None
        if self._reason is None:
            self._take_in(b"")

    def stringReceived(self, string: bytes) -> None:
        """Take one frame, or a part of one."""
        if self._reason is not None:
            return
        try:
            self._take(string)
        except BadFrame as bad:
            self.drop(f"invalid frame: {bad}")
        except Exception:
            self._log.failure("A frame of the link failed")

    def lengthLimitExceeded(self, length: int) -> None:
        """Drop the link: this is no frame."""
        self.drop(f"invalid frame: {length:,} bytes")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the owner."""
        self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self._output.end()
        if self._reason is None:
            self._reason = reason.getErrorMessage()
        self._owner.lost(self, self._reason)

    @property
    def _other_end(self) -> str:
        """What the log calls the other end: a door has said its name."""
        side = self._other_side
        return str(self.greeting[0]) if side == "door" and self.greeting else f"the {side}"

    @property
    def _other_side(self) -> str:
        return "house" if self._first[0] == "hello" else "door"

    def _take(self, string: bytes) -> None:
        if string.startswith((_PART, _LAST)):
            self._parts += string[1:]
            if len(self._parts) > MAX_WAITING:
                raise BadFrame(f"more than {MAX_WAITING:,} bytes")
            if string.startswith(_PART):
                return
            string = bytes(self._parts)
            self._parts.clear()
        if string.startswith(_DATA) and self.greeting is not None:
            if len(string) < 5:
                raise BadFrame("no connection")
            self._owner.data(self, int.from_bytes(string[1:5], "big"), string[5:])
            return
        frame = decode(string)
        if self.greeting is None:
            self._greeted(frame)
        elif frame != _BEAT:
            self._owner.frame(self, frame)

    def _greeted(self, frame: list[Any]) -> None:
        kind, *rest = frame
        if _SIDES.get(kind) != self._other_side or not rest or type(rest[0]) is not int:
            raise BadFrame("not a first frame")
        if rest[0] != VERSION:
            door, house = (rest[0], VERSION) if kind == "hello" else (VERSION, rest[0])
            self.drop(f"this door speaks version {door} of the link, this server {house}")
            return
        self.greeting = rest[1:]
        self._owner.up(self)

    def _beat(self) -> None:
        """Send a beat and count those of the other end: a pause of this process is not the other's silence."""
        self._timer = self._clock.callLater(BEAT, self._beat)
        if self._reason is not None:
            self.transport.abortConnection()
            return
        if not self._sent:
            self.send(_BEAT)
        self._sent = False
        self._silent += 1
        if self._silent > SILENCE:
            self.drop(f"silent for {SILENCE * BEAT:.0f} seconds")


class Turn:
    """The end of this reactor turn, at which links write what they were given in it: one timer for all of them."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._outputs: dict[_Output, None] = {}
        self._call: IDelayedCall | None = None

    def add(self, output: _Output) -> None:
        """Have *output* flushed."""
        self._outputs[output] = None
        if self._call is None:
            self._call = self._clock.callLater(0, self._end)

    def remove(self, output: _Output) -> None:
        """Forget *output*, which has been flushed or is lost."""
        if self._outputs.pop(output, self) is None and not self._outputs and self._call is not None:
            self._call.cancel()
            self._call = None

    def _end(self) -> None:
        self._call = None
        outputs, self._outputs = self._outputs, {}
        for output in outputs:
            output.flush()


@implementer(IPushProducer)
class _Output:
    """
    What is to be written: once a reactor turn, and nothing while the transport is full.

    :param overflow: called if more than `MAX_WAITING` bytes wait.
    """

    def __init__(self, transport: Any, turn: Turn, overflow: Callable[[], None]) -> None:
        self._transport = transport
        self._turn = turn
        self._overflow = overflow
        self._waiting: list[bytes] = []
        self._size = 0
        self._full = False
        transport.registerProducer(self, True)

    def __len__(self) -> int:
        """Return how many bytes wait."""
        return self._size

    def put(self, body: bytes) -> None:
        """Write *body*, behind its length, by the end of this reactor turn."""
        if not (self._size or self._full):
            self._turn.add(self)
        self._waiting += (len(body).to_bytes(4, "big"), body)
        self._size += 4 + len(body)
        if self._full:
            if self._size > MAX_WAITING:
                self._overflow()
        elif self._size > AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what waits, as far as the transport takes it."""
        self._turn.remove(self)
        if not self._size or self._full:
            return
        data = b"".join(self._waiting)
        self._waiting, self._size = [], 0
        for start in range(0, len(data), MAX_LENGTH):
            if self._full:
                rest = data[start:]
                self._waiting, self._size = [rest, *self._waiting], len(rest) + self._size
                return
            self._transport.write(data[start : start + MAX_LENGTH])

    def end(self) -> None:
        """Forget what waits."""
        self._turn.remove(self)
        self._waiting, self._size = [], 0

    def pauseProducing(self) -> None:
        """Hold what is to be written: the transport is full."""
        self._full = True

    def resumeProducing(self) -> None:
        """Write on."""
        self._full = False
        self.flush()

    def stopProducing(self) -> None:
        """Do nothing: the connection is lost."""
