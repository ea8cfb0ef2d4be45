"""The IRC door: reads lines, answers what comes before there is a nick, and hands the rest to the house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IAddress, IHalfCloseableProtocol, IProtocolFactory, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.chat.hub import Hub
from chatroom.chat.replies import Notice, Reply, RoomEntered, Welcome
from chatroom.chat.session import Session
from chatroom.chat.syntax.public_keys import of_certificate
from chatroom.dialects.base import Decoded
from chatroom.dialects.irc.dialect import IrcDialect
from chatroom.dialects.irc.framing import Framing, in_lines
from chatroom.dialects.irc.message import MAX_LINE, MAX_TAGS, Message, parse, without_colours
from chatroom.dialects.irc.message import line as line_of
from chatroom.dialects.irc.numeric import Lines, numeric
from chatroom.dialects.irc.viewer import Viewer
from chatroom.dialects.line_splitter import LineSplitter
from chatroom.dialects.sanitize import clean
from chatroom.doors.addresses import certificate_of
from chatroom.doors.closed import TLS_ONLY, ClosedFactory
from chatroom.doors.door import FULL, Door
from chatroom.doors.factory import DoorFactory
from chatroom.doors.heartbeat import Heartbeat
from chatroom.doors.outlets.stream import StreamOutlet

from .actions import MAX_NAMED, TABLE, KeepAlive, Perform, PerformAlways, Show
from .commands import hint, quick
from .commands.blocks import Block
from .commands.reading import READ_MARKER, tell_read
from .entering import entered
from .outlet import labelled, outlet_for
from .registration import Registration
from .server import IrcServer
from .welcome import welcome

if TYPE_CHECKING:
    from .outlet import IrcOutlet

PING_INTERVAL = 90.0
"""Seconds of silence before a PING: clients take as many minutes as seconds here to miss a server."""

PONG_TIMEOUT = 60.0
"""Seconds to wait for the PONG."""

WITHOUT_TLS = ClosedFactory(f"ERROR :{TLS_ONLY}\r\n".encode())
"""The door that refuses clients without TLS."""

_ON_THEIR_OWN = frozenset({"PING", "PONG"})
"""What clients send without their people."""

_MAX_LABEL = 64
"""Bytes in a label (IRCv3, labeled-response)."""


@implementer(IHalfCloseableProtocol)
class IrcDoor(Door, Protocol):
    """One IRC client; `Client` says what its attributes are."""

    factory: IrcFactory
    _outlet: IrcOutlet
    _session: Session

    def __init__(self, factory: IrcFactory) -> None:
        super().__init__(factory)
        self.server = factory.server
        self.framing: Framing = in_lines
        self.viewer = Viewer(self.server.look(frozenset()))
        self.registration: Registration = Registration(self)
        self.label = ""
        self.held: list[str] | None = None
        self.watched: dict[str, str] = {}
        self.wallops = False
        self.subscribed: set[str] = set()
        self.block: Block | None = None
        self._motd = 0
        """Lines of the message of the day that are still to come as notices; the client has been shown them."""
        self._lines = LineSplitter(MAX_TAGS + MAX_LINE)

    def connectionMade(self) -> None:
        """Connect a session; clients speak first."""
        self.open()
        if fingerprint := certificate_of(self.transport):
            self._session.key, self._session.by_key = of_certificate(fingerprint), False
        self.factory.heartbeat.heard(self)

    def _make_outlet(self) -> StreamOutlet:
        return outlet_for(self.transport, self, self._dialect(frozenset()), self.factory.name)

    def _dialect(self, capabilities: frozenset[str]) -> IrcDialect:
        return self.server.dialect(capabilities, self.framing)

    @property
    def hub(self) -> Hub:
        """The house."""
        return self.factory.hub

    @property
    def session(self) -> Session:
        """The session of this connection."""
        return self._session

    @property
    def unnamed(self) -> int:
        """The number of other connections that have no nick yet."""
        return len(self.factory.nameless) - (self in self.factory.nameless)

    # Input.

    def dataReceived(self, data: bytes) -> None:
        """Split *data* into lines; a bare CR ends one, too."""
        self.factory.heartbeat.heard(self)
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._lines.add(data)
        self._read_on()
        self._charge_bytes(len(data))

    def _read_line(self, line: bytes) -> None:
        if self._session.gone or not line.strip():
            return
        tags, space, rest = line.partition(b" ") if line.startswith(b"@") else (b"", b"", line)
        if len(rest) > MAX_LINE - 2 or len(tags) + len(space) > MAX_TAGS:
            about = parse(f"{tags[:MAX_TAGS].decode(errors='replace')} *")
            self._answer(numeric("417", "Input line was too long"), self._label_of(about))
            return
        try:
            message = parse(without_colours(line.decode()))
        except UnicodeDecodeError:
            broken, why = parse(line.decode(errors="replace")), "That line is not UTF-8, so it was not sent"
            named = broken.command if broken.command in TABLE else "*"
            fail = line_of(self.server.name, "FAIL", named, "INVALID_UTF8", why)
            self._answer(Lines((fail,)), self._label_of(broken))
            return
        if message.command:
            self._take(message)

    def _take(self, message: Message) -> None:
        """Let the house run *message*, or answer why not."""
        ref = self._label_of(message) if message.tags else None
        said = quick(self, message, ref)
        if said is not None:
            self._run(Decoded(said, ref))
            return
        handled = TABLE.get(message.command)
        if handled is None:
            number = "421" if self.named else "451"
            text = hint(message.command) if self.named else "You have not registered"
            answer = numeric(number, *([message.command[:MAX_NAMED]] if self.named else []), text)
        elif not (self.named or handled.always):
            answer = numeric("451", "You have not registered")
        elif len(message.params) < handled.least:
            answer = numeric("461", message.command, "Not enough parameters")
        else:
            kind: type[Perform] = Show if handled.shows else Perform
            if handled.always:
                kind = KeepAlive if message.command in _ON_THEIR_OWN else PerformAlways
            self._run(Decoded(kind(handled.handle, self, message), ref))
            return
        self._answer(answer, ref)

    def _label_of(self, message: Message) -> str | None:
        label = message.tags.get("label")
        if not label or len(label) > _MAX_LABEL or "labeled-response" not in self.viewer.look.capabilities:
            return None
        return clean(label) or None

    def _answer(self, reply: Reply, ref: str | None = None) -> None:
        """Answer a line that no command came of, after the answers to all earlier ones."""
        self._run(Decoded(PerformAlways(lambda door, _: door.reply(reply), self, Message("")), ref))

    # Called by commands.

    def reply(self, *replies: Reply) -> None:
        """Answer the running command."""
        for one in replies:
            self._session.reply(one)

    def tell(self, number: str, *params: str) -> None:
        """Answer the running command with a numeric."""
        self._session.reply(numeric(number, *params))

    def write(self, *lines: str) -> None:
        """Answer the running command with whole *lines*."""
        self._outlet.answer(list(lines))

    def show(self, *lines: str) -> None:
        """Write *lines*, which answer nothing."""
        self._outlet.write_lines(list(lines))

    def use(self, capabilities: frozenset[str]) -> None:
        """Write as these *capabilities* ask for from now on."""
        self.viewer.look = self.server.look(capabilities)
        self._outlet.use(self._dialect(capabilities))

    # Called by the outlet.

    def hold(self, label: str | None) -> str | None:
        """Hold what answers the running command, which has this *label*, if any, until it is complete."""
        label = self._label_of(Message("", tags={"label": label})) if label else None
        if label is not None:
            self.label, self.held = label, []
        return label

    def release(self) -> None:
        """Write what was held: the command is complete."""
        held, self.held = self.held, None
        if held is not None:
            self._outlet.write_lines(labelled(self, self.label, held))

    def ready(self) -> None:
        """Answer the label of the command that has just ended, and read the next one."""
        self.release()
        super().ready()

    def welcome(self, reply: Welcome) -> list[str]:
        """Write the welcome."""
        self.registration.done = True
        self.server.presence.clients.add(self)
        self.viewer.nick = reply.nick
        self._motd = 0 if reply.resumed else len(self.hub.core.policy.message_of_the_day)
        return welcome(self, reply)

    def entered(self, reply: RoomEntered, *, answers: bool) -> list[str]:
        """Write that the client is in a room now."""
        return entered(self, reply, answers=answers)

    def tell_read(self, place: str, *, answers: bool) -> None:
        """
        Tell the client how far the person has read the room or conversation *place*, if it wants to know.

        :param answers: whether that belongs to the answer to the running command.
        """
        if READ_MARKER in self.viewer.look.capabilities:
            self.hub.core.runtime.spawn(tell_read(self, place, self.write if answers else self.show))

    def skips(self, notice: Notice) -> bool:
        """Return whether the client has been shown *notice* already, as a part of the message of the day."""
        if self._motd and notice.text in self.hub.core.policy.message_of_the_day:
            self._motd -= 1
            return True
        return False

    # Flow control.

    def pauseProducing(self) -> None:
        """Stop reading."""
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read what has arrived, and continue."""
        # A pong may be among the unread lines.
        self.factory.heartbeat.renew(self)
        self.transport.resumeProducing()
        self._read_on()

    def _read_on(self) -> None:
        lines = self._lines
        while lines.buffer and not self._waits and (line := lines.next_line()) is not None:
            self._read_line(line)

    # Heartbeat.

    def ping(self) -> bool:
        """Send a ping, unless the client doesn't read."""
        if self._waits & FULL:
            return False
        self._outlet.write_lines([f"PING :{self.server.name}"])
        return True

    def give_up_on_silent(self) -> bool:
        """Disconnect after a missing pong, unless reading is paused."""
        if self._waits:
            return False
        self.factory.count_hang_up("silent", "Disconnected a client (door: {door}) that did not answer a ping.")
        self.transport.abortConnection()
        return True

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Disconnect the session."""
        self.factory.heartbeat.end(self)
        self.server.presence.left(self)
        super().connectionLost(reason)


class IrcFactory(DoorFactory):
    """Builds doors for IRC clients."""

    hub: Hub
    name = "irc"
    resumes = False
    openings = tuple(f"{command} ".encode() for command in ("NICK", "USER", "CAP", "PASS", "AUTHENTICATE"))
    late = True

    def __init__(self, hub: Hub, clock: IReactorTime) -> None:
        self.server = IrcServer(hub)
        dialect = self.server.dialect(frozenset())
        super().__init__(hub, clock, (dialect, dialect))
        self.heartbeat = Heartbeat(clock, PING_INTERVAL, PONG_TIMEOUT)

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Build a door for one connection."""
        return IrcDoor(self)

    def without_tls(self) -> IProtocolFactory:
        """Build the door that refuses connections without TLS."""
        return WITHOUT_TLS
