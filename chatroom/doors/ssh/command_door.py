"""The door for one command, as in ``ssh host say ops build ok``: for scripts, with an exit status."""

from __future__ import annotations

import re
import shlex
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.chat.command_table import Command
from chatroom.chat.commands import parse_line
from chatroom.chat.commands.messages import Say, Whisper
from chatroom.chat.commands.rooms import History, Join
from chatroom.chat.events import Batch
from chatroom.chat.refusals import BadInput, Refusal, TooLong
from chatroom.chat.replies import Gap, Goodbye, Notice, PasswordWanted, Refused, Reply
from chatroom.chat.session import Session
from chatroom.chat.syntax.marks import bounded
from chatroom.dialects.base import Decoded
from chatroom.dialects.json.dialect import JsonDialect
from chatroom.dialects.sanitize import decode
from chatroom.doors.door import Door
from chatroom.doors.outlets.stream import StreamOutlet

from .channel import SessionChannel
from .coming_in import ComeIn
from .environment import dialects_in, zone_of
from .identity import Identity
from .outlet import SshOutlet

FAILED, MISUSED = 1, 2
"""Exit statuses: a rule, or the journal, said no; no such command."""

_OUT = ("removed", "left")
"""What notices are about that say that one is in a room no more."""

_JSON = "--json"

_USAGE = (
    "who [ROOM], rooms, history ROOM [N], search ROOM WORDS and follow ROOM, each also with --json; say ROOM TEXT; "
    "msg NICK TEXT"
)

_HISTORY = 20
"""Lines of history that are shown if their number is not given."""

_COUNT = re.compile("0*[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Task:
    """
    What a command line asks for.

    :param command: what is run; None: nothing but following the room.
    :param room: the room to be in meanwhile; empty: none.
    """

    command: Command | None
    room: str = ""
    json: bool = False


def read(line: bytes, longest: int) -> Task:
    """
    Read a command line, with the quotes of a shell; what is said may have several lines between them.

    :param longest: bytes that it may have.
    :raises Refusal: if it is none of ours.
    """
    if len(line) > longest:
        raise TooLong(f"A command line has at most {longest} bytes.")
    try:
        words = shlex.split("\n".join(map(decode, line.split(b"\n"))))
    except ValueError as error:
        raise BadInput(f"That command line cannot be read: {error}.") from None
    # Between letters and their marks, there may have been quotes.
    name, *arguments = map(bounded, words or [""])
    name = name.removeprefix("/")
    reader = _READERS.get(name)
    if reader is None:
        raise BadInput(f"There is no such command here. These are: {_USAGE}. Without a command, you are in the room.")
    json = _JSON in arguments and name not in ("say", "msg")
    task = reader([one for one in arguments if not json or one != _JSON])
    return Task(task.command, task.room, json)


def _typed(name: str, *arguments: str) -> Command | None:
    return parse_line(" ".join([f"/{name}", *arguments]).replace("\n", " "))


def _who(arguments: Sequence[str]) -> Task:
    return Task(_typed("who", *(arguments or ["lobby"])))


def _rooms(arguments: Sequence[str]) -> Task:
    return Task(_typed("rooms", *arguments))


def _history(arguments: Sequence[str]) -> Task:
    room, *rest = _at_least(arguments, 1, "history ROOM [N]")
    if len(rest) > 1 or not all(_COUNT.fullmatch(one) for one in rest):
        raise BadInput("Usage: history ROOM [N] [--json]")
    return Task(History(int(rest[0]) if rest else _HISTORY), room)


def _follow(arguments: Sequence[str]) -> Task:
    return Task(None, _at_least(arguments, 1, "follow ROOM")[0])


def _say(arguments: Sequence[str]) -> Task:
    room, *words = _at_least(arguments, 2, "say ROOM TEXT")
    return Task(Say(" ".join(words).strip("\n")), room)


def _msg(arguments: Sequence[str]) -> Task:
    nick, *words = _at_least(arguments, 2, "msg NICK TEXT")
    return Task(Whisper(nick, " ".join(words).strip("\n")))


def _search(arguments: Sequence[str]) -> Task:
    room, *words = _at_least(arguments, 2, "search ROOM WORDS")
    return Task(_typed("search", f"in:{room}", *words), room)


def _at_least(arguments: Sequence[str], count: int, usage: str) -> Sequence[str]:
    if len(arguments) < count:
        raise BadInput(f"Usage: {usage}")
    return arguments


_READERS: dict[str, Callable[[Sequence[str]], Task]] = {
    "who": _who,
    "rooms": _rooms,
    "history": _history,
    "follow": _follow,
    "say": _say,
    "msg": _msg,
    "search": _search,
}
"""What reads the arguments of each command."""


class CommandOutlet(SshOutlet):
    """
    Writes the answers to one command, or what happens in the room that is followed; nothing of coming in.

    What ends the session before it is done, and what refuses it, goes to standard error.
    """

    __slots__ = ("follows", "speaks")

    _owner: CommandDoor

    def __init__(self, *args: Any, zone: ZoneInfo | None) -> None:
        super().__init__(*args, zone=zone)
        self.speaks = False
        self.follows = ""
        """The room that is followed."""

    def deliver(self, batch: Batch) -> bool:
        """Write *batch*, if it is of the room that is followed."""
        return super().deliver(batch) if batch.room == self.follows else not self._full

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Write *reply*, if it answers the command or is about the room that is followed."""
        if isinstance(reply, Goodbye) and not self._owner.finished:
            self._owner.fail(reply.text, FAILED)
            super().reply(replace(reply, text=""), ref)
        elif self.follows:
            self._reply_to_follower(reply, ref)
        elif isinstance(reply, Refused):
            self._owner.fail(reply.text, FAILED)
        elif isinstance(reply, PasswordWanted):
            self._owner.fail("That needs a password, which cannot be asked for here.", FAILED)
        elif self.speaks:
            super().reply(reply, ref)

    def _reply_to_follower(self, reply: Reply, ref: str | None) -> None:
        if isinstance(reply, Notice) and reply.about in _OUT and self.follows in reply.names:
            self._owner.give_up(reply.text)
        elif isinstance(reply, Refused):
            # Nothing was asked for: it is told to everybody.
            self._transport.write_error(f"chatroom: {reply.text}\n")
        elif isinstance(reply, (Gap, Notice)):
            super().reply(reply, ref)


@implementer(IHalfCloseableProtocol)
class CommandDoor(Door, Protocol):
    """One session that runs one command; what is sent to it meanwhile is not read."""

    transport: SessionChannel
    _outlet: CommandOutlet
    _session: Session

    def __init__(self, factory: Any, identity: Identity) -> None:
        super().__init__(factory)
        self._identity = identity
        self._steps: deque[tuple[bool, Any]] = deque()
        """Whether it is what was asked for, and the command."""
        self._task = Task(None)
        self._opened = False
        """Whether there is a session: the command could be read."""

    def connectionMade(self) -> None:
        """Read the command, and run it."""
        channel = self.transport
        try:
            if channel.subsystem:
                raise BadInput("No files are exchanged here: sftp and scp find nothing. Come in with: ssh HOST.")
            self._task = read(channel.command or b"", 2 * self.factory.hub.core.limits.line)
        except Refusal as refusal:
            self._be_refused(str(refusal))
            return
        self.open()
        self._opened = True
        task = self._task
        self._steps.append((False, ComeIn(self._identity, ())))
        if task.room:
            self._steps.append((False, Join(task.room)))
        if task.command is not None:
            self._steps.append((True, task.command))
        self._take_step()

    def _be_refused(self, text: str) -> None:
        self.transport.write_error(f"chatroom: {text}\n")
        self.transport.exit_status = MISUSED
        self.transport.loseConnection()

    def _make_outlet(self) -> StreamOutlet:
        factory, zone = self.factory, zone_of(self.transport.environment)
        dialects = dialects_in(zone)
        if self._task.json:
            dialect = JsonDialect(factory.hub.core.limits.ref)
            dialects = dialect, dialect
        return CommandOutlet(self.transport, self, dialects, factory.name, False, factory.typed, zone=zone)

    @property
    def secure(self) -> bool:
        """Whether the connection is private: always."""
        return True

    @property
    def finished(self) -> bool:
        """Whether everything has been done, or refused."""
        return self._finished

    def fail(self, text: str, status: int) -> None:
        """Tell that something was refused; nothing else is done."""
        self._steps.clear()
        self._task = Task(None)
        self.transport.exit_status = status
        self.transport.write_error(f"chatroom: {text}\n")

    def give_up(self, text: str) -> None:
        """Tell that nothing more will come of what was asked for, and end."""
        self.fail(text, FAILED)
        self.factory.clock.callLater(0, self._take_step)

    def _take_step(self) -> None:
        while self._steps and not self._waits and not self._session.gone:
            self._outlet.speaks, command = self._steps.popleft()
            self._run(Decoded(command))
        if self._waits or self._session.gone or self._finished:
            return
        if self._task.room and self._task.command is None:
            self._outlet.follows = self._session.current
            if self._outlet.follows:
                return
            self.fail("You are not in that room any more.", FAILED)
        self._outlet.speaks, self._outlet.follows = False, ""
        self._finished = True
        self._session.finish()

    # Input is not read.

    def dataReceived(self, data: bytes) -> None:
        """Drop *data*."""
        if self._opened:
            self._charge_bytes(len(data))

    def readConnectionLost(self) -> None:
        """Go on: only the input has ended, which nobody reads."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End the session, if there is one."""
        if self._opened:
            super().connectionLost(reason)

    def pauseProducing(self) -> None:
        """Stop reading."""
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Take the next step."""
        self.transport.resumeProducing()
        self._take_step()
