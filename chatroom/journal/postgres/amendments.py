"""Amendments: what the changes of one commit make of the messages that they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from chatroom.chat.changes import CHANGES, Change, Deleted, Edited
from chatroom.chat.event import Marks
from chatroom.chat.events import TALK, Event
from chatroom.chat.outcomes import target_of, with_reaction

from .._rows import marks_of, stored
from .words import document

Place = tuple[int, int]
"""The id of a room, and a seq."""


class Said(NamedTuple):
    """A message as it is stored: the nick of its author, its marks, and its new text, or None if that stays."""

    nick: str
    marks: Marks
    text: str | None = None


Find = Callable[["list[Place]"], dict[Place, Said]]
"""Looks up messages that are stored already."""


def amendments(placed: Iterable[tuple[int, int, Event]], find: Find) -> dict[str, list[list[Any]]]:
    """
    Work out what the events *placed*, each with the id of its room and its seq, store beside themselves.

    :returns: rows for the function ``change`` of the schema, by name: none if there is nothing.
    """
    concerned = [one for one in placed if target_of(one[2]) is not None or one[2].marks is not None]
    if not concerned:
        return {}
    about = [
        [room, seq, target_of(event), None if event.marks is None else stored(event.marks)]
        for room, seq, event in concerned
    ]
    changes = [(room, event) for room, _, event in concerned if isinstance(event, CHANGES)]
    own = {
        (room, seq): Said(event.nick, event.marks or Marks()) for room, seq, event in placed if isinstance(event, TALK)
    }
    wanted = {(room, change.re): None for room, change in changes}
    known = {**find([place for place in wanted if place not in own]), **own}
    amended: dict[Place, list[Any]] = {}
    deleted: list[list[Any]] = []
    for room, change in changes:
        place = room, change.re
        before = known.get(place)
        if before is None or before.marks.deleted:
            continue  # it has been removed, or deleted, meanwhile
        after = known[place] = _after(before, change)
        words = document(after.text, after.nick, room, change.room) if after.text else None
        amended[place] = [*place, after.text, stored(after.marks), words]
        if isinstance(change, Deleted):
            deleted.append([*place, change.room])
    return {"about": about, "amended": list(amended.values()), "deleted": deleted}


def _after(before: Said, change: Change) -> Said:
    if isinstance(change, Deleted):
        return Said(before.nick, Marks(deleted=change.nick), "")
    if isinstance(change, Edited):
        return Said(before.nick, replace(before.marks, edited=True), change.text)
    reactions = with_reaction(before.marks.reactions, change.by, change.nick, change.emoji, added=change.added)
    return before._replace(marks=replace(before.marks, reactions=reactions))


def message(nick: str, marks: dict[str, Any] | None) -> Said:
    """Read a message from its columns."""
    return Said(nick, marks_of(marks))
