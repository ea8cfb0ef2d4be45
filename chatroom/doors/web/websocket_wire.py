"""The wire of WebSockets (RFC 6455): reads lines from messages, pings, and closes in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.frame_protocol import CloseReason

from chatroom.dialects.line_splitter import LineSplitter
from chatroom.doors.connection_limits import ConnectionLimits, place_of_host
from chatroom.doors.door import FULL, Door
from chatroom.doors.heartbeat import Heartbeat
from chatroom.doors.timeouts import Timeouts

from .frames import MAX_HEADER, LastFrames, frame_end, short_text
from .handshake import Upgrade

CLOSE_TIMEOUT = 2.0
"""Seconds for the client to answer our close."""

_NO_LINES = LineSplitter(0)


class WebSockets:
    """
    What all WebSockets of one server share.

    :param limits: counts clients of proxies; all others are already counted.
    :param longest: the longest message, in bytes.
    """

    def __init__(self, clock: IReactorTime, limits: ConnectionLimits, longest: int) -> None:
        self.limits = limits
        self.longest = longest
        self.heartbeat = Heartbeat(clock)
        self.closing: Timeouts[WebSocketWire] = Timeouts(clock, CLOSE_TIMEOUT, lambda wire: wire.close_unanswered())


class WebSocketWire(Door):
    """
    A door whose lines come in the messages of a WebSocket, one or several each.

    Its dialect writes whole frames.
    """

    takes_binary: ClassVar[bool] = False
    """Whether messages may be binary, too."""
    _read_line: Callable[[bytes], None]
    """Read a line."""

    def __init__(self, factory: Any, sockets: WebSockets, upgrade: Upgrade) -> None:
        super().__init__(factory)
        self._sockets = sockets
        self._connection = upgrade.connection
        self._frames = bytearray()
        """Received bytes that are not read yet; they begin with a frame."""
        self._beyond = 0
        """Missing bytes of a frame that is too long to buffer."""
        self._unfinished = False
        """Whether a fragmented message has begun."""
        self._accepting = upgrade.accepting
        self._peer = upgrade.peer
        self._place = place_of_host(upgrade.peer.host) if upgrade.peer.vouched else None
        """The place of a client behind a proxy, for counting."""
        self._message = bytearray()
        """The start of an incomplete message."""
        self._lines = _NO_LINES
        """The unread rest of a complete message."""
        self._opening = self._closing = False
        self._last: LastFrames | None = None
        """Looks for the answer to our close."""
        self._why = CloseConnection(CloseReason.NORMAL_CLOSURE)

    def connectionMade(self) -> None:
        """Connect a session, and complete the handshake."""
        self._sockets.limits.add(self._place)
        self.open()
        self._opening = True
        # Earlier responses may still be buffered and must not be overtaken.
        self._outlet.buffer(self._accepting, 0)
        self._opening = False
        self._sockets.heartbeat.heard(self)

    @property
    def address(self) -> str:
        """The client's address; "" if it has none."""
        return self._peer.address

    @property
    def secure(self) -> bool:
        """Whether the connection is private: this machine, or TLS."""
        return self._peer.secure

    # Input.

    def dataReceived(self, data: bytes) -> None:
        """Read frames; those after our close are skipped."""
        if self._closing:
            self._pass_over(data)
            return
        self._frames += data
        self._read_on()
        if not self._closing:
            self._charge_bytes(len(data))

    def readConnectionLost(self) -> None:
        """Half-close: answer everything, then close."""
        if self._closing:
            self.transport.loseConnection()
        else:
            super().readConnectionLost()

    def _read_on(self) -> None:
        try:
            while not (self._waits or self._closing):
                if self._lines.buffer and (line := self._lines.next_line()) is not None:
                    self._read_line(line)
                    continue
                event = next(self._connection.events(), None)
                if event is not None:
                    self._see(event)
                elif not self._read_frames():
                    return
        except Exception:
            self.factory.log.failure("Something went wrong at the {door} door.", door=self.factory.name)
            self._fail(CloseReason.INTERNAL_ERROR, "Something went wrong here. It has been logged.")
        if self._closing and self._frames:
            rest, self._frames = bytes(self._frames), bytearray()
            self._pass_over(rest)

    def _read_frames(self) -> bool:
        """
        Read frames, up to one that is not a single command.

        :returns: False if there is no complete frame.
        """
        frames, at = self._frames, 0
        while not (self._unfinished or self._beyond or self._closing or self._waits) and (
            short := short_text(frames, at)
        ):
            text, at = short
            if b"\n" in text or b"\r" in text:
                self._split(text)
                break
            self._read_line(text)
        else:
            at = self._read_frame(at)
        del frames[:at]
        return at > 0

    def _read_frame(self, begin: int) -> int:
        """
        Let wsproto read one frame, if it is complete or too long to buffer.

        :returns: the position after it.
        """
        frames = self._frames
        end = begin + self._beyond if self._beyond else frame_end(frames, begin)
        if end is None or self._closing or self._waits:
            return begin
        longest = self._sockets.longest + MAX_HEADER
        there = min(end, len(frames), begin + longest + 1)
        if there < end and not self._beyond and end - begin <= longest:
            return begin
        self._beyond = end - there
        self._connection.receive_data(bytes(frames[begin:there]))
        return there

    def _see(self, event: Event) -> None:
        if isinstance(event, CloseConnection):
            self._see_closed(event)
        elif isinstance(event, TextMessage) or (isinstance(event, BytesMessage) and self.takes_binary):
            self._add(event)
        elif isinstance(event, BytesMessage):
            self._fail(CloseReason.UNSUPPORTED_DATA, "Messages must be text.")
        elif isinstance(event, Ping):
            self._outlet.write(self._connection.send(event.response()))
            self._charge_lines()
        elif isinstance(event, Pong):
            self._sockets.heartbeat.heard(self)
            self._charge_lines()

    def _split(self, message: bytes) -> None:
        self._lines = LineSplitter(self._sockets.longest)
        self._lines.add(message + b"\n")

    def _pass_over(self, data: bytes) -> None:
        """Skip everything but the answer to our close."""
        if self._last is not None and self._last.close_in(data):
            self._last = None
            self.transport.loseConnection()

    def _add(self, event: TextMessage | BytesMessage) -> None:
        self._unfinished = not event.message_finished
        self._message += event.data.encode() if isinstance(event, TextMessage) else event.data
        if len(self._message) > self._sockets.longest:
            self._fail(CloseReason.MESSAGE_TOO_BIG, f"A message has at most {self._sockets.longest} bytes.")
        elif event.message_finished:
            self._split(bytes(self._message))
            self._message.clear()
        elif event.frame_finished:
            # Control frames are charged, too: each takes as long as a line.
            self._charge_lines()

    # Flow control.

    def outlet_full(self) -> None:
        """Backpressure: stop reading until the transport has drained; not a stall during the handshake."""
        if self._opening:
            self._wait(FULL)
        else:
            super().outlet_full()

    def pauseProducing(self) -> None:
        """Stop reading."""
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read what has arrived, and continue."""
        # A pong may be among the unread frames.
        self._sockets.heartbeat.renew(self)
        self.transport.resumeProducing()
        self._read_on()

    # Heartbeat.

    def ping(self) -> bool:
        """Send a ping, unless the client doesn't read."""
        if self._waits & FULL:
            return False
        self._outlet.write(self._connection.send(Ping()))
        return True

    def give_up_on_silent(self) -> bool:
        """Disconnect after a missing pong, unless reading is paused."""
        if self._waits:
            return False
        self.factory.count_hang_up("silent", "Disconnected a client (door: {door}) that did not answer a ping.")
        self.transport.abortConnection()
        return True

    # Closing.

    def _see_closed(self, event: CloseConnection) -> None:
        """Close after a close from the client or a protocol error."""
        if self._connection.state is ConnectionState.REMOTE_CLOSING:
            self._why = event.response()
            self._outlet.close()
        else:
            self._fail(event.code, event.reason or "")

    def _fail(self, code: int, reason: str) -> None:
        """Close because of invalid input; the session can be resumed."""
        self.factory.log.info(
            "Closed a connection of the {door} door: {code}.", door=self.factory.name, code=int(code)
        )
        self._why = CloseConnection(code, reason)
        self._outlet.close()

    def _disconnect(self, text: str, reason: str) -> None:
        self._why = CloseConnection(CloseReason.POLICY_VIOLATION, text)
        super()._disconnect(text, reason)

    def hang_up(self) -> None:
        """Close the WebSocket, and the connection after the client's answer or `CLOSE_TIMEOUT`."""
        if self.factory.hub.closing:
            self._why = CloseConnection(CloseReason.GOING_AWAY)
        answered = self._connection.state is ConnectionState.REMOTE_CLOSING or self._input_over
        self._closing = True
        self._lines = _NO_LINES
        self._message.clear()
        self._sockets.heartbeat.end(self)
        self.transport.write(self._connection.send(self._why))
        if answered:
            self.transport.loseConnection()
        else:
            self._last = LastFrames(self._beyond)
            self._sockets.closing.begin(self)
            # The answer is read even while reading is paused otherwise.
            self._waits = 0
            self.transport.resumeProducing()

    def close_unanswered(self) -> None:
        """Close the connection: the client didn't answer our close."""
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Disconnect the session."""
        self._closing = True
        self._sockets.heartbeat.end(self)
        self._sockets.closing.end(self)
        self._sockets.limits.remove(self._place)
        super().connectionLost(reason)
