"""Commands that say something: PRIVMSG, NOTICE, TAGMSG, REDACT, BATCH, AWAY."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from chatroom.chat.events import Noticed
from chatroom.chat.fair_queue import NAMES_A_LINE
from chatroom.chat.refusals import BadInput, NotAllowed, NotHere, Refusal
from chatroom.chat.rooms import speech
from chatroom.chat.syntax import names
from chatroom.chat.syntax.blanks import is_blank
from chatroom.chat.syntax.conversations import name_of
from chatroom.chat.syntax.emoji import emoji
from chatroom.dialects.irc.message import MAX_LINE, Message, line, with_tags
from chatroom.dialects.irc.names import SERVICES, seq_of
from chatroom.dialects.json.encoder import iso
from chatroom.dialects.sanitize import clean

from ..actions import Speak, irc
from ..server import MAX_TARGETS, Passing
from .rooms import room_called
from .services import serve

if TYPE_CHECKING:
    from ..client import Client

_REPLY = "+draft/reply"
_MAX_NAMED = 32

_give_notice = partial(speech.act, kind=Noticed)


def quick(door: Client, message: Message, ref: str | None) -> Speak | None:
    """
    Return the command that *message* is if it says something to one channel, as most do; else None.

    What answers or is labelled without an echo takes the long way.
    """
    if message.command != "PRIVMSG" or len(message.params) < 2 or not door.named:
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
        or not _may_speak(door)
    ):
        return None
    return Speak(room, text)


def _fits(door: Client, command: str, target: str, text: str) -> bool:
    """Return whether others can be shown *text* in one line, as clients expect who have split it themselves."""
    start = f":{door.viewer.mask} {command} {target} :"
    return len(start) + len(text) * 4 <= MAX_LINE - 2 or len(f"{start}{text}".encode()) <= MAX_LINE - 2


def _may_speak(door: Client) -> bool:
    """Return whether nobody else owns the nick of this client; the house says why not."""
    return door.session.person.may_use_nick(door.hub.core.accounts)


@irc("PRIVMSG", "NOTICE", always=True)
def speak(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Say something to channels and people; what is for a service never becomes a message."""
    asked = [one.lower() for one in message.param(0).split(",")]
    if len(asked) == 1 and asked[0] in SERVICES:
        # A notice to a service is nobody's command; but it may hold a password, so nobody is shown it either.
        return serve(door, asked[0], clean(message.param(1))) if message.command == "PRIVMSG" else None
    if not door.named:
        door.tell("451", "You have not registered")
        return None
    if not _may_speak(door):
        nick = door.session.person.nick
        raise NotAllowed(f"The nick {nick} is registered: /msg NickServ IDENTIFY PASSWORD, or choose another one.")
    return _speak(door, message)


async def _speak(door: Client, message: Message) -> None:
    targets = list(filter(None, message.param(0).split(",")))
    text = message.param(1)
    if targets and "batch" in message.tags and door.block is not None:
        _collect(door, message)
    elif not targets:
        door.tell("411", f"No recipient given ({message.command})")
    elif not text:
        door.tell("412", "No text to send")
    elif len(targets) > MAX_TARGETS:
        door.tell("407", targets[0][:_MAX_NAMED], "Too many targets")
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
    try:
        if target.startswith("#"):
            await _say_in_room(door, message, target, text, acted)
        else:
            await _say_to(door, message, target, text, acted)
    except Refusal as refusal:
        if message.command == "NOTICE":
            # Nothing may answer a notice (RFC 2812, section 3.3.2).
            return
        if target.startswith("#"):
            door.tell("404", target[: _MAX_NAMED + 1], str(refusal))
        elif isinstance(refusal, NotHere):
            door.tell("401", target[:_MAX_NAMED], "No such nick/channel")
        else:
            door.tell("531", target[:_MAX_NAMED], str(refusal))
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
            door.tell("403", target[:_MAX_NAMED], "No such channel")
        return
    session = door.session
    answered = seq_of(name, message.tags.get(_REPLY, ""))
    if answered is not None and message.command == "PRIVMSG" and not acted:
        await door.hub.changing.answer(session, session.room(name).name, answered, text)
        return
    how: Callable[..., None] = speech.say
    if acted:
        how = speech.act
    elif message.command == "NOTICE":
        how = _give_notice
    how(session.room(name), session, text)
    await session.flushed()


async def _say_to(door: Client, message: Message, target: str, text: str, acted: bool) -> None:
    session = door.session
    person = session.person
    if names.key(target) == person.key:
        _say_to_oneself(door, message.command, text)
        return
    if acted:
        text = f"* {person.nick} {text}"
    other = door.hub.core.people.meant(target)
    place = "" if other is None else door.hub.direct_messages.name_of(person, other)
    answered = seq_of(place, message.tags.get(_REPLY, "")) if place else None
    if answered is not None:
        await door.hub.changing.answer(session, place, answered, text)
    else:
        await door.hub.direct_messages.whisper(session, target, text)
    if other is not None and other.away is not None and message.command == "PRIVMSG":
        door.tell("301", other.nick, other.away or "Away")


def _say_to_oneself(door: Client, command: str, text: str) -> None:
    """Show the client what it says to itself: nobody else, and no journal, needs to know."""
    me = door.viewer.mask
    for one in filter(None, text.split("\n")):
        said = f":{me} {command} {door.viewer.nick} :{one}"
        if door.viewer.look.echo:
            door.write(said)
        door.session.outlet.write_lines([said])  # type: ignore[attr-defined]


# Messages of several lines (draft/multiline).


@irc("BATCH", least=1)
def batch(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Begin or end a message of several lines."""
    name = message.params[0]
    if name.startswith("+") and message.param(1).lower() == "draft/multiline" and door.block is None:
        door.block = Block(name[1:], message.param(2), message)
        # The answer comes when it is complete.
        door.held = None
    elif name.startswith("-") and door.block is not None and name[1:] == door.block.name:
        block: Block = door.block
        door.block = None
        door.session.ref = door.hold(block.begun.tags.get("label"))
        return block.say(door)
    else:
        door.write(line(door.server.name, "FAIL", "BATCH", "INVALID_BATCH", name[:_MAX_NAMED], "No such batch"))
    return None


class Block:
    """A message of several lines on its way; *begun* is the line that began it."""

    def __init__(self, name: str, target: str, begun: Message) -> None:
        self.name = name
        self.target = target
        self.begun = begun
        self.command = ""
        self.refusal: tuple[str, ...] = ()
        self._lines: list[str] = []
        self._size = 0

    def add(self, message: Message, most: int, lines: int) -> None:
        """Add the line *message*; what is too much is refused in the end."""
        if message.tags["batch"] != self.name or message.params[0] != self.target:
            self.refusal = ("MULTILINE_INVALID_TARGET", self.target, message.params[0][:_MAX_NAMED])
            return
        text = message.param(1)
        self.command = self.command or message.command
        concat = "draft/multiline-concat" in message.tags
        self._size += len(text.encode()) + (bool(self._lines) and not concat)
        if self._size > most:
            self.refusal = ("MULTILINE_MAX_BYTES", str(most))
        elif len(self._lines) >= lines:
            self.refusal = ("MULTILINE_MAX_LINES", str(lines))
        elif concat and not text:
            self.refusal = ("MULTILINE_INVALID",)
        elif concat and self._lines:
            self._lines[-1] += text
        else:
            self._lines.append(text)

    async def say(self, door: Client) -> None:
        """Say it."""
        if self.refusal:
            most = door.hub.core.limits.line
            why = "That message cannot be sent"
            if self.refusal[0] == "MULTILINE_MAX_BYTES":
                why = f"A message has at most {most} bytes"
            door.write(line(door.server.name, "FAIL", "BATCH", *self.refusal, why))
            return
        text = "\n".join(self._lines)
        if not text.strip():
            why = "There is nothing in that message"
            door.write(line(door.server.name, "FAIL", "BATCH", "MULTILINE_INVALID", why))
            return
        # Only what is no part of a batch has to fit into one line.
        whole = Message(self.command, (self.target, text), tags={"batch": self.name, **self.begun.tags})
        await say(door, whole, self.target, text)


def _collect(door: Client, message: Message) -> None:
    limits = door.hub.core.limits
    assert door.block is not None
    door.block.add(message, limits.line, limits.paste)


# About messages.


@irc("TAGMSG", least=1)
async def tag(door: Client, message: Message) -> None:
    """React to a message, or pass on tags of the client, which nobody stores, such as that somebody is typing."""
    target, tags = message.params[0], message.tags
    added = tags.get("+draft/react", "")
    reaction = added or tags.get("+draft/unreact", "")
    place = place_called(door, target)
    if place is None and names.key(target) != door.session.person.key:
        door.tell("403" if target.startswith("#") else "401", target[:_MAX_NAMED], "No such nick/channel")
        return
    place = place or ""
    seq = seq_of(place, tags.get(_REPLY, ""))
    if not reaction or seq is None:
        _pass_on(door, message, target, place)
        return
    try:
        await door.hub.changing.react(door.session, place, seq, emoji(clean(reaction)))
    except Refusal as refusal:
        door.write(line(door.server.name, "FAIL", "TAGMSG", "REACTION_REFUSED", target, str(refusal)))


def _pass_on(door: Client, message: Message, target: str, place: str) -> None:
    """Show the tags of *message* to the IRC clients of those who are there now."""
    person, tags = door.session.person, client_tags(message)
    room = door.hub.rooms.get(place) if target.startswith("#") else None
    if not tags or not door.viewer.look.tags:
        return
    people = [person, *filter(None, [door.hub.core.people.meant(target)])]
    if room is not None:
        if room.is_muted(person):
            return
        people = [seat.person for seat in room.seats.values()]
        door.session.charge(len(people) / NAMES_A_LINE)
    msgid = door.hub.core.runtime.token()
    here = {one: None for each in people for one in each.sessions if not each.ignores(person)}
    for other in list(door.server.presence.clients):
        look = other.viewer.look
        if other.session not in here or not look.tags or (other is door and not look.echo):
            continue
        shown = {"time": iso(door.hub.core.runtime.now())} if look.times else {}
        tagged = with_tags(f":{door.viewer.mask} TAGMSG {target}", {**shown, "msgid": msgid, **tags})
        if other is door:
            door.write(tagged)
        if other is not door or door.session.person.key == names.key(target):
            other.show(tagged)


@irc("REDACT", least=2)
async def redact(door: Client, message: Message) -> None:
    """Take a message back (draft/message-redaction)."""
    target, id = message.params[:2]

    def fail(code: str, why: str) -> None:
        door.write(line(door.server.name, "FAIL", "REDACT", code, target[:_MAX_NAMED], id[:64] or "*", why))

    if "draft/message-redaction" not in door.viewer.look.capabilities:
        door.tell("421", "REDACT", "Unknown command")
        return
    place = place_called(door, target)
    if place is None:
        why = "You cannot delete messages there"
        door.write(line(door.server.name, "FAIL", "REDACT", "INVALID_TARGET", target[:_MAX_NAMED] or "*", why))
        return
    seq = seq_of(place, id)
    if seq is None:
        fail("UNKNOWN_MSGID", "There is no such message here")
        return
    try:
        await door.hub.changing.delete(door.session, place, seq, clean(message.param(2)))
    except NotAllowed as refusal:
        fail("REDACT_FORBIDDEN", str(refusal))
    except BadInput as refusal:
        fail("UNKNOWN_MSGID", str(refusal))
    except Refusal as refusal:
        fail("INVALID_TARGET", str(refusal))


def place_called(door: Client, target: str) -> str | None:
    """Return the room of the channel *target* that the client is in, or its conversation with this nick; or None."""
    person = door.session.person
    if target.startswith("#"):
        try:
            name = room_called(door, target)
        except Refusal:
            return None
        return name if name in person.seats else None
    other, account = door.hub.core.people.meant(target), door.hub.core.accounts.of(names.key(target))
    if other is not None:
        return door.hub.direct_messages.name_of(person, other) or None
    return None if account is None else name_of(person.party, account.id)


@irc("AWAY")
async def away(door: Client, message: Message) -> None:
    """Mark the person as away, or as back."""
    text = clean(message.param(0))[: door.hub.core.limits.topic].strip()
    door.hub.preferences.away(door.session, text or None)
    if text:
        door.tell("306", "You have been marked as being away")
    else:
        door.tell("305", "You are no longer marked as being away")
