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
from .rooms import place_called

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from chatroom.chat.rooms.room import Room

    from ..client import Client

    Act = Callable[[Room], Coroutine[Any, Any, None]]

READ_MARKER = "draft/read-marker"


@irc("MARKREAD")
async def mark_read(door: Client, message: Message) -> None:
    """Tell how far the person has read, or note it: up to the last message of that time, and never back."""
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
            seq = await room.history.seq_at(at + MILLISECOND) - 1
            before = door.hub.reading.position(door.session.person, room)
            if seq > before:
                # The answer is told to every session of the person.
                await door.hub.reading.read(door.session, room.name, seq)
                return
        await _tell(door, target, room)

    try:
        await _in_use(door, place, mark)
    except (Refusal, JournalError) as error:
        door.write(line(server, "FAIL", "MARKREAD", "INTERNAL_ERROR", target[:MAX_NAMED], str(error)))


async def tell_read(door: Client, place: str) -> None:
    """Tell the client of *door*, unasked, how far the person has read *place*."""
    identity = door.session.person.identity
    target = door.server.correspondent(place, identity) if place.startswith("@") else channel(place)
    if not target:
        return

    async def tell(room: Room) -> None:
        await _tell(door, target, room)

    # It can be asked for again.
    with suppress(Refusal, JournalError):
        await _in_use(door, place, tell)


async def _in_use(door: Client, place: str, act: Act) -> None:
    if place.startswith("@"):
        await door.hub.direct_messages.in_use(door.session, place, act)
    else:
        await act(door.session.room(place))


async def _tell(door: Client, target: str, room: Room) -> None:
    seq = door.hub.reading.position(door.session.person, room)
    page = await room.history.after(seq - 1) if seq else None
    known = page is not None and page.events and page.first == seq
    written = f"timestamp={iso(page.events[0].at)}" if page is not None and known else "*"
    door.write(f":{door.server.name} MARKREAD {target} {written}")
