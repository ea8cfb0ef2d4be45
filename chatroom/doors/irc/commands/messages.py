"""Commands that say something: PRIVMSG, NOTICE; and AWAY."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from chatroom.chat.events import Noticed
from chatroom.chat.refusals import BadInput, NotHere, Refusal
from chatroom.chat.rooms import speech
from chatroom.chat.syntax.blanks import is_blank
from chatroom.dialects.irc.message import MAX_LINE, Message
from chatroom.dialects.irc.names import SERVICES, seq_of
from chatroom.dialects.irc.viewer import AWAY
from chatroom.dialects.sanitize import clean

from ..actions import MAX_NAMED, Speak, check_may_use_nick, irc
from ..server import MAX_TARGETS, Passing
from .chat import holds_secret
from .rooms import room_called
from .services import serve
from .status_messages import has_status, say_to_some

if TYPE_CHECKING:
    from ..client import Client

REPLY = "+draft/reply"

_SURELY_FITS = 300
"""Bytes of a target and a text that fit into a line behind whatever name."""

_give_notice = partial(speech.act, kind=Noticed)


def quick(door: Client, message: Message, ref: str | None) -> Speak | None:
    """
    Return the command that *message* is if it says something to one channel, as most do; else None.

    What answers or is labelled without an echo takes the long way.
    """
    if message.command != "PRIVMSG" or len(message.params) < 2:
        return None
    target, text = message.params[0], message.params[1]
    if not target.startswith("#") or "," in target or text[:1] == "\1":
        return None
    if message.tags and ("batch" in message.tags or client_tags(message)):
        return None
    if ref is not None and not door.viewer.look.echo:
        return None
    room, text = target[1:], clean(text)
    if (
        is_blank(text)
        or not _fits(door, "PRIVMSG", target, text)
        or room not in door.session.person.seats
        or not door.session.person.may_use_nick(door.hub.core.accounts)
        or holds_secret(text)
    ):
        return None
    return Speak(room, text)


def _fits(door: Client, command: str, target: str, text: str) -> bool:
    """Return whether others can be shown *text* in one line, as clients expect who have split it themselves."""
    if len(target) + 4 * len(text) < _SURELY_FITS:
        return True
    start = f":{door.viewer.mask} {command} {target} :"
    return len(start) + len(text) * 4 <= MAX_LINE - 2 or len(f"{start}{text}".encode()) <= MAX_LINE - 2


@irc("PRIVMSG", "NOTICE", always=True)
def speak(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Say something to channels and people; what is for a service never becomes a message."""
    asked = [one.lower() for one in message.param(0).split(",")]
    if not SERVICES.isdisjoint(asked):
        if len(asked) > 1:
            # It may hold a password, which the others must not see.
            door.tell("407", message.param(0)[:MAX_NAMED], "A message to a service goes to nobody else")
            return None
        # A notice to a service is nobody's command; but it may hold a password, so nobody is shown it either.
        return serve(door, asked[0], message.param(1)) if message.command == "PRIVMSG" else None
    if not door.named:
        door.tell("451", "You have not registered")
        return None
    check_may_use_nick(door)
    return _speak(door, message)


async def _speak(door: Client, message: Message) -> None:
    targets = message.named(0)
    text = message.param(1)
    if targets and "batch" in message.tags and door.block is not None:
        door.block.add(message, door.hub.core.limits)
    elif not targets:
        door.tell("411", f"No recipient given ({message.command})")
    elif not text:
        door.tell("412", "No text to send")
    elif len(targets) > MAX_TARGETS:
        door.tell("407", targets[0][:MAX_NAMED], "Too many targets")
    else:
        for target in dict.fromkeys(targets):
            await say(door, message, target, text)


async def say(door: Client, message: Message, target: str, text: str) -> None:
    """Say *text*, the words of *message*, to *target*; answer why not if that is refused."""
    acted = text.startswith("\1ACTION ")
    if text.startswith("\1") and not acted:
        # Requests of one client to another, such as for its version; nobody here would see more than noise.
        return
    text = text.removeprefix("\1ACTION ").removesuffix("\1") if acted else text
    text = "\n".join(map(clean, text.split("\n"))).strip("\n")
    if is_blank(text):
        door.tell("412", "No text to send")
        return
    if "batch" not in message.tags and not _fits(door, message.command, target, text):
        door.tell("417", "Input line was too long")
        return
    key = (door.session.person.identity, text)
    passing = Passing(message.command, client_tags(message))
    if passing.tags or message.command == "NOTICE":
        door.server.passing[key] = passing
    channel = target.startswith("#") or has_status(target)
    try:
        if any(map(holds_secret, text.split("\n"))):
            raise BadInput("That looks like a command with a password, so nobody was sent it.")
        if has_status(target):
            await say_to_some(door, target, text, acted)
        elif channel:
            await _say_in_room(door, message, target, text, acted)
        else:
            await _say_to(door, message, target, text, acted)
    except Refusal as refusal:
        if message.command == "NOTICE":
            # Nothing may answer a notice (RFC 2812, section 3.3.2).
            return
        if channel:
            door.tell("404", target[:MAX_NAMED], str(refusal))
        elif isinstance(refusal, NotHere):
            door.tell("401", target[:MAX_NAMED], "No such nick/channel")
        else:
            door.tell("531", target[:MAX_NAMED], str(refusal))
    finally:
        if door.server.passing.get(key) is passing:
            del door.server.passing[key]


def client_tags(message: Message) -> dict[str, str]:
    """Return the tags of *message* that are for other clients (IRCv3, message-tags)."""
    return {key: clean(value) for key, value in message.tags.items() if key.startswith("+") and len(key) > 1}


async def _say_in_room(door: Client, message: Message, target: str, text: str, acted: bool) -> None:
    try:
        name = room_called(door, target)
    except Refusal:
        if message.command != "NOTICE":
            door.tell("403", target[:MAX_NAMED], "No such channel")
        return
    session = door.session
    answered = seq_of(name, message.tags.get(REPLY, ""))
    if answered is not None and message.command == "PRIVMSG" and not acted:
        await door.hub.changing.answer(session, session.room(name).name, answered, text)
        session.current = name
        # What is not stored with it is known until it has been shown.
        await session.flushed()
        return
    how: Callable[..., None] = speech.say
    if acted:
        how = speech.act
    elif message.command == "NOTICE":
        how = _give_notice
    how(session.room(name), session, text)
    session.current = name
    await session.flushed()


async def _say_to(door: Client, message: Message, target: str, text: str, acted: bool) -> None:
    session = door.session
    person = session.person
    if acted:
        text = f"* {person.nick} {text}"
    other = door.hub.core.people.meant(target)
    place = None if other is None else door.hub.direct_messages.name_of(person, other)
    answered = None if place is None else seq_of(place, message.tags.get(REPLY, ""))
    if place is not None and answered is not None:
        await door.hub.changing.answer(session, place, answered, text)
    else:
        await door.hub.direct_messages.whisper(session, target, text)
    if other is not None and other is not person and other.away is not None and message.command == "PRIVMSG":
        door.tell("301", other.nick, other.away or "Away")


@irc("AWAY", always=True)
async def away(door: Client, message: Message) -> None:
    """Mark the person as away, or as back; clients that nobody sits at do it before they come in (draft/pre-away)."""
    text = clean(message.param(0))[: door.hub.core.limits.topic].strip()
    if door.registration.done:
        check_may_use_nick(door)
        if door.registration.go_away(text):
            return
    else:
        door.registration.away = text
    door.tell(*AWAY["away" if text else "back"])
