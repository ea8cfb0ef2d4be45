"""LIST: the channels that there are, or those that the client asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from math import nan
from typing import TYPE_CHECKING, NamedTuple

from chatroom.chat.fair_queue import ROWS_A_LINE
from chatroom.chat.ports import JournalError
from chatroom.dialects.irc.message import Message, mask_pattern
from chatroom.dialects.irc.names import channel

from ..actions import irc

if TYPE_CHECKING:
    from chatroom.chat.replies import RoomLine

    from ..client import Client

_SLICE = 200
"""Rooms listed in one turn."""

_DIGITS = 9
"""Digits of a number that are read."""

_READ = 0.25
"""Cost of reading when one room began, in lines."""


class _Row(NamedTuple):
    """A room of the list, and for how many seconds it, and its topic, have been there; nan: that is not known."""

    row: RoomLine
    age: float
    topic_age: float


@irc("LIST", shows=True)
async def list_rooms(door: Client, message: Message) -> None:
    """List channels: all, those named, those that match a mask, or those with more or fewer people, or older ones."""
    wanted = message.named(0)
    conditions, named = list(map(_condition, wanted)), {one.lower() for one in wanted if one[0] == "#"}
    aged = any(word[0] in "Cc" for word in wanted)
    rows = [row for row in await door.hub.room_list.rows(door.session) if row.people]
    door.tell("321", "Channel", "Users  Name")
    start = f":{door.server.name} 322 {door.viewer.nick} "
    for at in range(0, len(rows), _SLICE):
        some = rows[at : at + _SLICE]
        await door.session.work(len(some) / ROWS_A_LINE)
        await door.session.catch_up.taking()
        if wanted:
            some = [
                one.row
                for one in await _with_ages(door, some, aged)
                if channel(one.row.room) in named or all(meets(one) for meets in conditions)
            ]
        door.write(*[f"{start}#{row.room} {row.people} :{row.topic}" for row in some])
    door.tell("323", "End of /LIST")


async def _with_ages(door: Client, rows: Sequence[RoomLine], aged: bool) -> list[_Row]:
    found, now = [], door.hub.core.runtime.now()
    for row in rows:
        room, created, topic = door.hub.rooms.get(row.room), 0.0, 0.0
        if room is not None:
            topic = 0.0 if room.topic_by is None else room.topic_by[1]
            if aged:
                await door.session.work(0.0 if door.server.creations.known(room) else _READ)
                # Otherwise it counts as not known.
                with suppress(JournalError):
                    created = await door.server.creations.of(room)
        found.append(_Row(row, now - created if created else nan, now - topic if topic else nan))
    return found


def _condition(word: str) -> Callable[[_Row], bool]:
    """
    Return what one *word* of LIST asks for (ELIST=CMNTU): a mask, ``!`` and a mask, or ``<N`` or ``>N`` of something.

    That is people; with ``C`` before it, the minutes since the channel began, and with ``T``, those since its topic.
    """
    kind = word[0].upper() if word[0] in "CcTt" else ""
    sign, digits = word[len(kind) : len(kind) + 1], word[len(kind) + 1 :]
    if sign in ("<", ">") and digits.isdecimal():
        number = int(digits[:_DIGITS])

        def compared(one: _Row) -> bool:
            value = {"C": one.age / 60, "T": one.topic_age / 60, "": one.row.people}[kind]
            return value < number if sign == "<" else value > number

        return compared
    mask = mask_pattern(word.removeprefix("!").lower())
    return lambda one: (mask.fullmatch(channel(one.row.room)) is None) == (word[0] == "!")
