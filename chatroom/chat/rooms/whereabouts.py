"""Whereabouts: sentences about which room a person's lines go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from ..people.person import Connection, Person

_MAX_NAMED = 5
"""Rooms named in a sentence."""


def whereabouts(session: Connection) -> str:
    """Say where the person of *session* is, now that a room was left."""
    if session.current:
        return f"You are in #{session.current} now."
    return _no_current_room(session.person) or "You are not in any room now."


def why_nowhere(session: Connection) -> str:
    """Say why something that concerns the current room of *session* was refused: it has none."""
    chosen = _no_current_room(session.person)
    return f"Nothing was sent. {chosen}" if chosen else "You are not in a room; /join one first."


def _no_current_room(person: Person[Any]) -> str:
    """Say that *person* was removed from the current room; "" if they are in no other one."""
    rooms = [name for name in person.room_names() if not person.seats[name].leaving]
    named = ", ".join([f"#{name}" for name in rooms[:_MAX_NAMED]]) + (", …" if len(rooms) > _MAX_NAMED else "")
    return f"You have no current room: /join one to go on. You are still in {named}." if rooms else ""
