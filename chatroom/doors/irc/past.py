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
    # What an event is shown as depends on the one before it, which is read, too.
    context = 1 if look.playback else 0
    while limit > len(found) and below != 0:
        wanted = limit - len(found) + context
        some = await room.history.history(wanted, below, door.session.work, talk_only=not look.playback)
        skipped = context if some.more and len(some.events) > context else 0
        below = some.events[skipped][0] if skipped else some.first
        found = [*(one for one in played(look, some.events) if one[0] >= max(low, below)), *found]
        if not some.more or below <= low or door.session.gone:
            break
    if len(found) == limit and found:
        low = found[0][0]
    return _merged(found, door, room, low, high)[-limit:] if limit else ()


async def first(door: Client, room: Room, low: float, high: float, limit: int) -> Sequence[Placed]:
    """Read the first *limit* of what the client is shown from the position *low* on, and below *high*."""
    found: list[Placed] = []
    look = door.viewer.look
    upto = max(0, ceil(low) - 1 - look.playback)
    before: Event | None = None
    while len(found) < limit and upto < min(room.history.last, high - 1):
        await door.session.work(_PAGE_WORK)
        page = await room.history.after(upto)
        found += [one for one in played(look, page, before) if low <= one[0] < high]
        upto, before = page.last, page.events[-1] if page.events else before
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
