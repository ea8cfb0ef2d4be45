"""Actions: what IRC's commands do, run by the house one after the other as all commands are."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatroom.chat.command_table import SPECS, Spec
from chatroom.chat.refusals import NotAllowed, Refusal
from chatroom.chat.rooms import speech
from chatroom.dialects.irc.message import Message
from chatroom.dialects.irc.numeric import numeric

if TYPE_CHECKING:
    from chatroom.chat.hub import Hub
    from chatroom.chat.session import Session

    from .client import Client

    Handler = Callable[[Client, Message], Coroutine[Any, Any, None] | None]


@dataclass(frozen=True, slots=True)
class Handled:
    """One row of the table of commands: what *handle* does with a message that has at least *least* parameters."""

    handle: Handler
    least: int
    always: bool
    """Whether it works before there is a nick, and under a registered nick before login."""
    shows: bool
    """Whether it only shows something, and so does nothing for a client that is gone."""


MAX_NAMED = 64
"""Characters of a client's word that an answer repeats."""

TABLE: dict[str, Handled] = {}
"""IRC's commands, by name in upper case."""


def irc(*names: str, least: int = 0, always: bool = False, shows: bool = False) -> Callable[[Handler], Handler]:
    """Declare what handles the commands *names*: see `Handled`."""

    def register(handle: Handler) -> Handler:
        for name in names:
            TABLE[name] = Handled(handle, least, always, shows)
        return handle

    return register


def lacks(door: Client, message: Message) -> None:
    """Answer that *message* has too few parameters, or nothing where names or words should be."""
    door.tell("461", message.command, "Not enough parameters")


def check_may_use_nick(door: Client) -> None:
    """
    Check that nobody else owns the nick of this client.

    :raises NotAllowed: if somebody does; the text says how an IRC client can prove that it is theirs.
    """
    person = door.session.person
    if not person.may_use_nick(door.hub.core.accounts):
        raise NotAllowed(
            f"The nick {person.nick} is registered: /msg NickServ IDENTIFY PASSWORD, or choose another one."
        )


@dataclass(frozen=True, slots=True)
class Perform:
    """Do what *message* says, with the services of the house, after all earlier commands."""

    handle: Handler
    door: Client
    message: Message

    def run(self, hub: Hub, session: Session) -> Coroutine[Any, Any, None] | None:
        """Run the handler; what it answers belongs to the label of the message."""
        self.door.hold(session.ref)
        if not isinstance(self, PerformAlways):
            check_may_use_nick(self.door)
        task = self.handle(self.door, self.message)
        if task is None:
            self.door.release()
        return task


class Show(Perform):
    """Do what only shows something."""

    __slots__ = ()


class PerformAlways(Perform):
    """Do what works without a nick, too."""

    __slots__ = ()


class KeepAlive(PerformAlways):
    """Do what clients do on their own, and so shows nothing of the person."""

    __slots__ = ()


@dataclass(slots=True)
class Speak:
    """
    Say *text* in *room*, which is what most messages do.

    It only appends; the answer is the event, or a numeric if that is refused.  Nothing changes it, but a frozen one
    takes four times as long to make.
    """

    room: str
    text: str
    how: Callable[..., None] = speech.say

    def run(self, hub: Hub, session: Session) -> Coroutine[Any, Any, None] | None:
        """Append what is said, or return what refuses it."""
        try:
            self.how(session.room(self.room), session, self.text)
        except Refusal as refusal:
            return _cannot_send(session, self.room, str(refusal))
        # What CHAT does next concerns this room.
        session.current = self.room
        return None


async def _cannot_send(session: Session, room: str, why: str) -> None:
    session.reply(numeric("404", f"#{room}", why))


SPECS[Perform] = Spec("irc", group="server", help="", typed=False, before_login=True)
SPECS[Show] = Spec("irc", group="server", help="", typed=False, before_login=True, shows=True)
SPECS[PerformAlways] = Spec("irc", group="server", help="", typed=False, before_hello=True, before_login=True)
SPECS[KeepAlive] = Spec(
    "irc", group="server", help="", typed=False, before_hello=True, before_login=True, keepalive=True
)
SPECS[Speak] = Spec("irc", group="messages", help="", typed=False, appends=True)
