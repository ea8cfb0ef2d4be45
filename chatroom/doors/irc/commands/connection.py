"""Commands that begin and end a connection: NICK, USER, PASS, PING, PONG, QUIT, SETNAME."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chatroom.chat.people.directory import PersonChange
from chatroom.chat.refusals import BadInput, BadName, MutedHere, NickTaken, TooLong
from chatroom.dialects.irc.message import Message, line
from chatroom.dialects.sanitize import clean

from ..actions import irc, lacks
from ..registration import MAX_REALNAME

if TYPE_CHECKING:
    from ..client import Client


@irc("NICK", always=True)
def nick(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Take a nick: the first one, or another."""
    wanted = message.param(0)
    if not wanted:
        door.tell("431", "No nickname given")
    elif door.registration.done:
        return _rename(door, wanted)
    else:
        door.registration.nick = wanted
        return _come_in(door)
    return None


async def _rename(door: Client, wanted: str) -> None:
    if wanted == door.session.person.nick:
        return
    try:
        await door.hub.renaming.rename(door.session, wanted)
    except NickTaken as refusal:
        door.tell("433", wanted, str(refusal))
    except (BadName, TooLong, BadInput) as refusal:
        door.tell("432", wanted, str(refusal))
    except MutedHere as refusal:
        door.tell("447", str(refusal))


def _come_in(door: Client) -> Coroutine[Any, Any, None] | None:
    """Come in, if everything that is needed has been said."""
    return door.registration.come_in() if door.registration.complete else None


@irc("USER", least=4, always=True)
def user(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Note the real name; the rest of USER says nothing that others may rely on."""
    if door.registration.done:
        door.tell("462", "You may not reregister")
        return None
    if not (message.params[0] and message.params[3].strip()):
        lacks(door, message)
        return None
    door.registration.name(message.params[0], message.params[3])
    return _come_in(door)


@irc("PASS", least=1, always=True)
def password(door: Client, message: Message) -> None:
    """Note the password of an account, with or without its name and a colon before it."""
    if door.registration.done:
        door.tell("462", "You may not reregister")
    else:
        door.registration.password = message.params[0]


def come_in(door: Client) -> Coroutine[Any, Any, None] | None:
    """Come in after the negotiation of capabilities, if nothing else is missing."""
    door.registration.negotiating = False
    return _come_in(door)


@irc("PING", least=1, always=True)
async def ping(door: Client, message: Message) -> None:
    """Answer once everything before has been stored, shown and answered."""
    if not message.params[0]:
        door.tell("409", "No origin specified")
        return
    if door.hub.core.journal.queue and door.hub.ledger.storing:
        # What others have said before, too; but not while that takes long, which everyone has been told.
        await door.hub.core.journal.flush()
    server = door.server.name
    door.write(f":{server} PONG {server} :{clean(message.params[0])}")


@irc("PONG", always=True)
def pong(door: Client, message: Message) -> None:
    """Do nothing: whatever a client sends shows that it is there."""


@irc("QUIT", always=True)
async def leave(door: Client, message: Message) -> None:
    """Leave the house, or end this session if there are others."""
    reason = clean(message.param(0))
    door.session.quit((f"Quit: {reason}" if reason else "Quit")[: door.hub.core.limits.topic])


@irc("SETNAME", least=1)
async def setname(door: Client, message: Message) -> None:
    """Change the real name."""
    name = clean(message.params[0]).strip()
    if not name or len(name) > MAX_REALNAME:
        door.write(line(door.server.name, "FAIL", "SETNAME", "INVALID_REALNAME", "That real name is not valid"))
        return
    door.session.person.realname = name
    door.hub.core.people.notify(door.session.person, PersonChange.REALNAME)
