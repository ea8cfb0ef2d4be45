"""TAGMSG and REDACT: reactions, tags of clients that nobody stores, and messages that are taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.chat.fair_queue import NAMES_A_LINE
from chatroom.chat.refusals import BadInput, NotAllowed, Refusal
from chatroom.chat.syntax import names
from chatroom.chat.syntax.emoji import emoji
from chatroom.dialects.irc.message import Message, line, with_tags
from chatroom.dialects.irc.names import seq_of
from chatroom.dialects.irc.tagged import Tagged
from chatroom.dialects.json.encoder import iso
from chatroom.dialects.sanitize import clean

from ..actions import MAX_NAMED, irc
from .messages import REPLY, client_tags
from .rooms import in_use, place_called

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatroom.chat.rooms.room import Room

    from ..client import Client

_PERSIST = "+draft/persist"
"""The tag with which a client asks that a TAGMSG be kept."""


@irc("TAGMSG", least=1)
async def tag(door: Client, message: Message) -> None:
    """React to a message, or pass on tags of the client, which nobody stores, such as that somebody is typing."""
    target, tags = message.params[0], message.tags
    added = tags.get("+draft/react", "")
    reaction = added or tags.get("+draft/unreact", "")
    place = place_called(door, target)
    if place is None:
        door.tell("403" if target.startswith("#") else "401", target[:MAX_NAMED], "No such nick/channel")
        return
    seq = seq_of(place, tags.get(REPLY, ""))
    if not reaction or seq is None:
        await _pass_on(door, message, target, place)
        return
    try:
        symbol = emoji(clean(reaction))
    except Refusal:
        # Clients may react with any text, which cannot be stored as a reaction.
        await _pass_on(door, message, target, place)
        return
    try:
        await door.hub.changing.react(door.session, place, seq, symbol, bool(added))
    except Refusal as refusal:
        door.write(line(door.server.name, "FAIL", "TAGMSG", "REACTION_REFUSED", target, str(refusal)))


async def _pass_on(door: Client, message: Message, target: str, place: str) -> None:
    """Show the tags of *message* to the IRC clients of those who are there now, and keep them if they say so."""
    person, tags = door.session.person, client_tags(message)
    room = door.hub.rooms.get(place) if target.startswith("#") else None
    if not tags or not door.viewer.look.tags:
        return
    people = [person, *filter(None, [door.hub.core.people.meant(target)])]
    if room is not None:
        if room.is_silenced(person):
            return
        people = [seat.person for seat in room.seats.values()]
        door.session.charge(len(people) / NAMES_A_LINE)
    id = await _kept(door, place, tags) if _PERSIST in tags and place else door.hub.core.runtime.token()
    here = {one: None for each in people for one in each.sessions if not each.ignores(person)}
    for other in list(door.server.presence.clients):
        look = other.viewer.look
        if other.session not in here or not look.tags or (other is door and not look.echo):
            continue
        shown = {"time": iso(door.hub.core.runtime.now())} if look.times else {}
        tagged = with_tags(f":{door.viewer.mask} TAGMSG {target}", {**shown, "msgid": id, **tags})
        if other is door:
            door.write(tagged)
        if other is not door or door.session.person.key == names.key(target):
            other.show(tagged)


async def _kept(door: Client, place: str, tags: Mapping[str, str]) -> str:
    """Keep *tags* for the history of the room or conversation *place*, and return their id."""
    core, person = door.hub.core, door.session.person
    event = Tagged(place, core.runtime.now(), person.identity, person.nick, core.runtime.token(), tags)

    async def keep(room: Room) -> None:
        nonlocal event
        event = door.server.kept_tags.keep(event, room.shown)

    await in_use(door, place, keep)
    return event.id


@irc("REDACT", least=2)
async def redact(door: Client, message: Message) -> None:
    """Take a message back (draft/message-redaction)."""
    target, id = message.params[:2]

    def fail(code: str, why: str) -> None:
        door.write(line(door.server.name, "FAIL", "REDACT", code, target[:MAX_NAMED], id[:MAX_NAMED] or "*", why))

    if "draft/message-redaction" not in door.viewer.look.capabilities:
        door.tell("421", "REDACT", "Unknown command")
        return
    place = place_called(door, target)
    if place is None:
        why = "You cannot delete messages there"
        door.write(line(door.server.name, "FAIL", "REDACT", "INVALID_TARGET", target[:MAX_NAMED] or "*", why))
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
