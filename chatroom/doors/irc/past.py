"""Past: reads what a client is shown of a room's history, between two positions, forward or backward."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, inf
from typing import TYPE_CHECKING

from chatroom.dialects.irc.playback import played

if TYPE_CHECKING:
    from chatroom.chat.events import Event
    from chatroom.chat.rooms.room import Room

    from .client import Client

    Placed = tuple[float, Event]

_PAGE_WORK = 1.0
"""Cost of reading one page, in lines."""


async def last(door: Client, room: Room, low: float, high: float, limit: int) -> Sequence[Placed]:
    """Read the last *limit* of what the client is shown from the position *low* on, and below *high*."""
    look = door.viewer.look
    found: list[Placed] = []
    below = None if high == inf else ceil(high)
    while limit > len(found) and below != 0:
        some = await room.history.history(limit - len(found), below, door.session.work, talk_only=not look.playback)
        found = [*(one for one in played(look, some.events) if one[0] >= low), *found]
        if not some.more or not some.events or some.events[0][0] <= low:
            break
        below = some.events[0][0]
    if len(found) == limit and found:
        low = found[0][0]
    return _merged(found, door, room, low, high)[-limit:] if limit else ()


async def first(door: Client, room: Room, low: float, high: float, limit: int) -> Sequence[Placed]:
    """Read the first *limit* of what the client is shown from the position *low* on, and below *high*."""
    found: list[Placed] = []
    upto = ceil(low) - 1
    while len(found) < limit and upto < min(room.history.last, high - 1):
        await door.session.work(_PAGE_WORK)
        page = await room.history.after(upto)
        found += [one for one in played(door.viewer.look, page) if one[0] < high]
        upto = page.last
    if len(found) >= limit:
        high = min(high, found[limit - 1][0] + 1)
    return _merged(found, door, room, low, high)[:limit]


def _merged(found: Iterable[Placed], door: Client, room: Room, low: float, high: float) -> list[Placed]:
    """Return *found* with the TAGMSGs that are kept, in order, if the client is shown such things."""
    if not door.viewer.look.playback:
        return list(found)
    sealed = room.history.sealed
    kept = door.server.kept_tags.between(room.name, max(low, sealed + 1) if sealed else low, high)
    heard = [one for one in kept if not door.session.person.hides(one[1])]
    return sorted([*found, *heard], key=lambda one: one[0])
