"""Whereabouts: sentences about which room a person's lines go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from ..people.person import Person

_MAX_NAMED = 5
"""Rooms named in a sentence."""


def whereabouts(person: Person[Any]) -> str:
    """Say where *person* is, now that a room was left."""
    current = person.session.current
    if current:
        return f"You are in #{current} now."
    return _no_current_room(person) or "You are not in any room now."


def why_nowhere(person: Person[Any]) -> str:
    """Say why something that concerns the current room was refused: *person* has none."""
    chosen = _no_current_room(person)
    return f"Nothing was sent. {chosen}" if chosen else "You are not in a room; /join one first."


def _no_current_room(person: Person[Any]) -> str:
    """Say that *person* was removed from the current room; "" if they are in no other one."""
    rooms = person.room_names()
    named = ", ".join([f"#{name}" for name in rooms[:_MAX_NAMED]]) + (", …" if len(rooms) > _MAX_NAMED else "")
    return f"You have no current room: /join one to go on. You are still in {named}." if rooms else ""
