"""A complete house in memory: hub, journal and front door on a clock, and people at any door."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.python.failure import Failure

from chatroom.chat.events import EVENTS, Event
from chatroom.chat.hub import Hub
from chatroom.chat.limits import Limits
from chatroom.chat.policy import Policy
from chatroom.client.conversation import Conversation
from chatroom.client.net.connection import Connection
from chatroom.client.ui_port import UserInterface
from chatroom.dialects.json.decoder import decode_message
from chatroom.dialects.text.events import event_lines
from chatroom.dialects.text.replies import reply_lines
from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.front.assembly import Assembly
from chatroom.doors.front.front_door import SILENCE_TIMEOUT
from chatroom.doors.front.preconnects import Preconnects
from chatroom.doors.irc.door import IrcFactory
from chatroom.doors.irc.websocket import over_websocket
from chatroom.doors.line import JsonFactory, TextFactory
from chatroom.doors.outlets.fan_out import fan_out
from chatroom.doors.ssh.authorized_keys import AuthorizedKeys
from chatroom.doors.ssh.factory import SshFactory
from chatroom.doors.web.factory import WebFactory
from chatroom.doors.web.metrics import Metrics
from chatroom.doors.web.static import pages
from chatroom.host_keys import HostKeys
from chatroom.journal.memory import MemoryJournal
from chatroom.server.runtime import TwistedRuntime
from tests.certificates import Shown
from tests.stand_ins import PlainPasswords
from tests.wires import HERE, SecureWire, Wire

START = 1_767_322_800.0
"""A Friday in January, 2026-01-02 03:00 UTC: a day that is not today, whenever that is."""

PAGES = pages()

_TIME = re.compile(r"^\d\d:\d\d ")
_TELNET = re.compile(rb"\xff[\xfb-\xfe].", re.DOTALL)
"""A telnet command: nc shows its bytes, before the question for a password."""
_ECHO = re.compile(rb"\xff[\xfb\xfc]\x01")
"""What tells telnet to hide what is typed, or to show it again: no text, and nc's people see little of it."""


class House:
    """One server in memory; `clock.advance` is the only time there is."""

    def __init__(
        self,
        *,
        keep: int = 10_000,
        max_per_address: int = 0,
        tls: bool = True,
        tls_only: bool = False,
        authorized: Path | None = None,
        journal: MemoryJournal | None = None,
        clock: Clock | None = None,
        policy: Policy | None = None,
        **limits: float,
    ) -> None:
        self.clock = clock or Clock()
        if clock is None:
            self.clock.rightNow = START
        self.journal = journal or MemoryJournal(self.clock.callLater, secret=b"s" * 32, keep=keep)
        self.limits = replace(Limits(), **limits)
        self.policy = replace(policy or Policy(), limits=self.limits)
        self.passwords = PlainPasswords()
        self.stopped: list[str] = []
        """Why the server was asked to shut down, each time that it was."""
        self.wall_ahead = 0.0
        """How far the clock on the wall is ahead of the one that everything waits by."""
        world = TwistedRuntime(self.clock, lambda: self.clock.seconds() + self.wall_ahead)
        world.stop = self.stopped.append
        self.hub = Hub(world, self.journal, self.policy, "chatroom 1.2", fan_out, self.passwords)
        self.hub.open()
        self.text, self.json = TextFactory(self.hub, self.clock), JsonFactory(self.hub, self.clock)
        self.connection_limits, self.preconnects = ConnectionLimits(max_per_address), Preconnects(self.clock)
        self.admission = Admission(self.clock, self.hub.core.budgets, self.hub.core.fair_queue)
        self.web = WebFactory(
            self.hub, self.clock, PAGES, self.connection_limits, self.admission, self.preconnects.note
        )
        self.irc = IrcFactory(self.hub, self.clock)
        self.web.speak(over_websocket(self.irc, self.web.sockets))
        self.ssh = SshFactory(
            self.hub,
            self.clock,
            HostKeys([], None),
            AuthorizedKeys(authorized),
            self.admission,
            self.connection_limits,
        )
        self.ssh.open()
        doors = self.text, self.json, self.irc, self.ssh, self.web, self.web.streams
        self.metrics = Metrics(self.hub, self.web, doors)
        self.web.routes.figures = self.metrics.figures
        self.shown = Shown()
        self.front = self.assembly(self.shown if tls else None, tls_only).front_door(doors, self.preconnects)

    def assembly(self, certificate: Shown | None, tls_only: bool = False) -> Assembly:
        """What this house's front doors are put together with."""
        return Assembly(self.clock, self.connection_limits, self.admission, certificate, tls_only)

    def settle(self) -> None:
        """Let everything happen that is due now."""
        self.clock.advance(0)

    def advance(self, seconds: float) -> None:
        """Advance the time, second by second."""
        whole = int(seconds)
        self.clock.pump([1.0] * whole + [seconds - whole])

    def connect(self, address: object = HERE, kind: type[Wire] = Wire) -> Any:
        """Open a connection that has not said anything."""
        wire = kind(self.clock, address)
        wire.protocol = self.front.buildProtocol(address)
        wire.protocol.makeConnection(wire)
        wire.begin()
        return wire

    def join(self, nick: str, door: type[Person] | None = None) -> Any:
        """Let a person join."""
        person = (door or LinePerson)(self)
        person.joins(nick)
        return person

    def closes(self, reason: str) -> None:
        """Begin to shut down."""
        Deferred.fromCoroutine(self.hub.close(reason))
        self.settle()

    def stored(self, room: str = "lobby") -> list[tuple[int, Event]]:
        """All that the journal has of *room*."""
        return list(self.journal.after(room, 0, 1_000_000).result)

    def words(self, room: str = "lobby") -> list[str]:
        """What was said in *room*, as the journal has it."""
        return [event.text for _, event in self.stored(room) if hasattr(event, "text")]

    def restarted(self) -> House:
        """Start a new process with this one's journal."""
        return type(self)(journal=self.journal, clock=self.clock, policy=self.policy, **asdict(self.limits))


class Person:
    """A person at one end of a connection; subclasses speak the protocol of a door."""

    echoes: ClassVar[bool]
    """Whether this door shows people what they said themselves."""
    wires: ClassVar[type[Wire]] = Wire
    """What connections are made of."""
    secure_wires: ClassVar[type[Wire]] = SecureWire
    """The same with TLS."""

    def __init__(self, house: House, address: object = HERE) -> None:
        self.house = house
        self.nick = ""
        self._forgotten = 0
        self.wire = house.connect(address, self.wires)

    def joins(self, nick: str, *rooms: str) -> None:
        """Come in as *nick*."""
        raise NotImplementedError

    def types(self, *lines: str) -> None:
        """Type *lines*, and wait for what comes of each."""
        for line in lines:
            self.sends_line(line)
            self.house.settle()

    def sends_line(self, line: str) -> None:
        """Type *line* in the same moment as whatever is done next."""
        raise NotImplementedError

    def sends(self, data: bytes) -> None:
        """Send *data* as it is."""
        self.wire.carry(data)
        self.house.settle()

    @property
    def everything(self) -> list[str]:
        """Everything read so far, in the words of the text door, without times."""
        raise NotImplementedError

    @property
    def lines(self) -> list[str]:
        """Everything read since `forget`."""
        return self.everything[self._forgotten :]

    def forget(self) -> None:
        """Ignore everything read so far."""
        self._forgotten = len(self.everything)

    def heard(self, line: str) -> bool:
        """Return whether exactly *line* was read since `forget`."""
        return line in self.lines

    def heard_of(self, text: str) -> bool:
        """Return whether *text* is part of a line read since `forget`."""
        return any(text in line for line in self.lines)

    @property
    def talk(self) -> list[str]:
        """What others said, in the order it was read."""
        return [line for line in self.lines if line.startswith("<") and not line.startswith(f"<{self.nick}> ")]

    @property
    def gone(self) -> bool:
        """Whether the server has closed the connection."""
        return self.wire.cut

    def leaves(self) -> None:
        """Lose the connection."""
        self.wire.vanish()
        self.house.settle()


def over_tls(door: type[Person]) -> type[Person]:
    """Make *door* use TLS."""
    return type(f"{door.__name__}OverTls", (door,), {"wires": door.secure_wires})


class LinePerson(Person):
    """A person with nc."""

    echoes = False

    def joins(self, nick: str, *rooms: str) -> None:
        self.nick = nick
        self.house.clock.advance(SILENCE_TIMEOUT)
        self.types(nick, *(f"/join {room}" for room in rooms))

    def sends_line(self, line: str) -> None:
        self.wire.carry(line.encode() + b"\n")

    @property
    def everything(self) -> list[str]:
        text = _ECHO.sub(b"", self.wire.received).decode()
        return [_TIME.sub("", line) for line in text.splitlines()]


class JsonPerson(Person):
    """A program, or a person behind one."""

    echoes = True

    def __init__(self, house: House, address: object = HERE) -> None:
        super().__init__(house, address)
        self._read = 0
        self._objects: list[dict[str, Any]] = []
        self._worded: list[str] = []

    def joins(self, nick: str, *rooms: str, **more: Any) -> None:
        self.nick = nick
        if rooms:
            more["rooms"] = ["lobby", *rooms]
        self.asks("hello", nick=nick, **more)

    def asks(self, kind: str, **values: Any) -> list[dict[str, Any]]:
        """Send one command, and return what comes of it."""
        before = len(self.objects)
        self.sends_object({"type": kind, **values})
        self.house.settle()
        return self.objects[before:]

    def sends_object(self, values: Any) -> None:
        """Send one object in the same moment as whatever is done next."""
        self.wire.carry(json.dumps(values).encode() + b"\n")

    def sends_line(self, line: str) -> None:
        # What begins with a slash, and exit, is for the server to read; everything else is only said.
        kind = "line" if line.startswith("/") or line == "exit" else "say"
        self.sends_object({"type": kind, "text": line})

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Every object that was read."""
        end = self.wire.received.rfind(b"\n") + 1
        for line in bytes(self.wire.received[self._read : end]).decode().split("\n")[:-1]:
            self._objects.append(json.loads(line))
        self._read = end
        return self._objects

    @property
    def everything(self) -> list[str]:
        for values in self.objects[len(self._worded) :]:
            self._worded.append("\n".join(_TIME.sub("", line) for line in worded(values, self.nick)))
        return [line for lines in self._worded for line in lines.split("\n")]

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The objects of one type."""
        return [values for values in self.objects if values["type"] == kind]

    def seqs(self, room: str = "lobby") -> list[int]:
        """The seq of every event of *room* that was read."""
        return [values["seq"] for values in self.objects if values.get("room") == room and values["type"] in EVENTS]

    @property
    def token(self) -> str:
        """The resume token."""
        return [one["resume"] for one in self.objects if one.get("resume")][-1]

    @property
    def seen(self) -> dict[str, int]:
        """The last seq that was read, by room."""
        return {values["room"]: values["seq"] for values in self.objects if "seq" in values}

    def returns(self, house: House | None = None, **more: Any) -> JsonPerson:
        """Resume on another connection."""
        again = type(self)(house or self.house)
        again.joins(self.nick, **{"resume": self.token, "seen": self.seen, **more})
        return again


class ClientPerson(Person, UserInterface):
    """A person with the terminal client."""

    echoes = False

    def __init__(self, house: House, address: object = HERE) -> None:
        super().__init__(house, address)
        self.shown: list[str] = []
        self.conversation: Conversation | None = None

    def joins(self, nick: str, *rooms: str) -> None:
        self.nick = nick
        if self.conversation is None:
            self.conversation = Conversation(self, nick, ["lobby", *rooms] if rooms else ())
            self.connects()
        else:
            self.types(nick)

    def connects(self) -> None:
        """Carry the conversation over this wire."""
        connection = Connection(self.conversation, self.house.clock)
        connection.makeConnection(ClientEnd(self.house.clock, self.wire, connection))
        self.house.settle()

    def sends_line(self, line: str) -> None:
        self.conversation.type(line)

    def show(self, line: str) -> None:
        self.shown.append(_TIME.sub("", line))

    complain = show

    @property
    def everything(self) -> list[str]:
        return self.shown


class ClientEnd:
    """The client's own end of a wire, for a protocol of Twisted's."""

    def __init__(self, clock: Clock, wire: Wire, protocol: Any) -> None:
        self._clock = clock
        self._wire = wire
        self._protocol = protocol
        self._read = 0
        self._told = False
        self.disconnecting = False
        wire.taken = self._bring

    def getPeer(self) -> object:
        return HERE

    def setTcpNoDelay(self, enabled: bool) -> None: ...

    def write(self, data: bytes) -> None:
        self._clock.callLater(0, self._wire.carry, data)

    def loseConnection(self) -> None:
        self.disconnecting = True
        self._clock.callLater(0, self._wire.vanish, ConnectionDone)

    abortConnection = loseConnection

    def _bring(self) -> None:
        data = bytes(self._wire.received[self._read :])
        self._read += len(data)
        if data:
            self._protocol.dataReceived(data)
        if self._wire.cut and not self._told:
            self._told = True
            self._protocol.connectionLost(Failure(ConnectionDone()))


def worded(values: dict[str, Any], nick: str = "") -> list[str]:
    """Say what one object says in the words of the text door."""
    what = decode_message(values).what
    assert what is not None, f"nobody knows what this is: {values}"
    if isinstance(what, Event):
        return event_lines([what if what.bot else replace(what, by=what.nick)], nick)
    return reply_lines(what)


@contextmanager
def failures() -> Iterator[list[str]]:
    """Collect logged failures: every exception that is not a refusal."""
    found: list[str] = []

    def observe(event: dict[str, Any]) -> None:
        if "log_failure" in event:
            found.append(event["log_failure"].getTraceback())

    globalLogPublisher.addObserver(observe)
    try:
        yield found
    finally:
        globalLogPublisher.removeObserver(observe)
