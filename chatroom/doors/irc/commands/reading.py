"""MARKREAD: how far the person has read, on whatever device (IRCv3, draft/read-marker)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import Refusal
from chatroom.dialects.irc.message import Message, line
from chatroom.dialects.irc.names import channel
from chatroom.dialects.json.encoder import iso

from ..actions import MAX_NAMED, irc
from ..moments import MILLISECOND, moment
from .rooms import in_use, place_called

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatroom.chat.rooms.room import Room

    from ..client import Client

    Write = Callable[[str], object]

READ_MARKER = "draft/read-marker"


@irc("MARKREAD")
async def mark_read(door: Client, message: Message) -> None:
    """Tell up to when the person has read, or note it: never back."""
    target, written = message.param(0), message.param(1)
    server, place = door.server.name, place_called(door, target)
    if not target:
        door.write(line(server, "FAIL", "MARKREAD", "NEED_MORE_PARAMS", "Missing parameters"))
        return
    kind, _, value = written.partition("=")
    at = moment(value) if kind == "timestamp" else None
    if written and at is None:
        door.write(line(server, "FAIL", "MARKREAD", "INVALID_PARAMS", target[:MAX_NAMED], "That is no time"))
        return
    if place is None:
        door.write(line(server, "MARKREAD", target[:MAX_NAMED], "*"))
        return

    async def mark(room: Room) -> None:
        if at is not None:
            # Who gives a time that is still to come has not read what will be said until then.
            until = min(at, door.hub.core.runtime.now())
            seq = await room.history.seq_at(until + MILLISECOND) - 1
            later = until > await _read_until(door, room)
            if later:
                door.server.read_times.note(door.session.person.party, room.name, until)
            if later or seq > door.hub.reading.position(door.session.person, room):
                # The answer is told to every session of the person.
                await door.hub.reading.read(door.session, room.name, seq)
                return
        await _tell(door, target, room, door.write)

    try:
        await in_use(door, place, mark)
    except (Refusal, JournalError) as error:
        door.write(line(server, "FAIL", "MARKREAD", "INTERNAL_ERROR", target[:MAX_NAMED], str(error)))


async def tell_read(door: Client, place: str, write: Write) -> None:
    """Have the client of *door* told by *write* how far the person has read *place*."""
    identity = door.session.person.identity
    target = door.server.correspondent(place, identity) if place.startswith("@") else channel(place)
    if not target:
        return

    async def tell(room: Room) -> None:
        await _tell(door, target, room, write)

    # It can be asked for again.
    with suppress(Refusal, JournalError):
        await in_use(door, place, tell)


async def _tell(door: Client, target: str, room: Room, write: Write) -> None:
    until = await _read_until(door, room)
    write(f":{door.server.name} MARKREAD {target} {f'timestamp={iso(until)}' if until else '*'}")


async def _read_until(door: Client, room: Room) -> float:
    """Return the time, in seconds since the epoch, up to which the person has read *room*; 0.0: it is not known."""
    person = door.session.person
    said: float = door.server.read_times.of(person.party, room.name)
    if said and room.name not in person.read:
        # They have come in again, and so the house counts from there.
        return said
    seq = door.hub.reading.position(person, room)
    page = await room.history.after(seq - 1) if seq else None
    known = page is not None and page.events and page.first == seq
    return max(said, page.events[0].at) if page is not None and known else said
