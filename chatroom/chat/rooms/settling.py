"""Settling: finds which commands the last house has stored, though it could not answer them any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..events import Joined, Left

if TYPE_CHECKING:
    from ..ports import Journal
    from .room import Room

_PAGE = 100
"""Events read at a time."""

_SLACK = 5.0
"""Seconds by which the clock of another machine may be behind."""

_PAGES = 10
"""Pages read at most to find how somebody came into a room or left it, which was a moment ago."""


class Sought(NamedTuple):
    """
    How far back a room is searched, at least; the clock may have been set back while something was stored there.

    :param shown: the seq up to which the session had been shown it.
    :param most: the events that are read at most because of that.
    """

    shown: int = 0
    most: int = _PAGES * _PAGE


async def settled(
    journal: Journal, rooms: Mapping[str, Sought], asks: Collection[str], since: float
) -> dict[str, str]:
    """
    Find which of these commands have made an event.

    :param rooms: those that they may have made one in.
    :param asks: the commands: see `Event.ask`.
    :param since: when the oldest of them was asked for, in seconds since the epoch.
    :returns: the room of each that has.
    :raises JournalError: if they cannot be read.
    """
    found: dict[str, str] = {}
    for room, (shown, most) in rooms.items() if asks else ():
        before: int | None = None
        while len(found) < len(asks):
            page = await journal.before(room, before, _PAGE)
            found |= {event.ask: room for event in page.events if event.ask in asks}
            most -= _PAGE
            sought = most <= 0 or page.first <= shown + 1
            if not page.events or page.first == 1 or (sought and page.events[0].at < since - _SLACK):
                break
            before = page.first
    return found


async def came(room: Room, identity: str) -> int | None:
    """
    Return the seq with which the person with this *identity*, who is in *room*, came; None if that is long ago.

    :raises JournalError: if it cannot be read.
    """
    before: int | None = room.shown + 1
    for _ in range(_PAGES):
        page = await room.core.journal.before(room.name, before, _PAGE)
        for seq, event in reversed(list(page)):
            if type(event) is Joined and event.by == identity:
                return seq
        if not page.events:
            break
        before = page.first
    return None


async def departed(room: Room, identity: str, position: int) -> int | None:
    """
    Return the seq with which the person with this *identity* has left *room*; None if it is not after *position*.

    :raises JournalError: if it cannot be read.
    """
    left = None
    # With the event before: a door may remember rooms that were left long ago.
    after = position - 1
    for _ in range(_PAGES):
        page = await room.core.journal.after(room.name, max(after, 0), _PAGE)
        for seq, event in page:
            if type(event) is Left and event.by == identity:
                if seq <= position:
                    return None
                left = seq
        if not page.events or page.last >= room.shown:
            break
        after = page.last
    return left
