"""Glances: what a session that shows one room at a time is shown of the others."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..events import TALK, Batch, Event, Muted, RoleChanged, Unmuted
from ..replies import Unread, UnreadRoom
from ..syntax.mentions import mentions
from ..syntax.names import key as key_of

if TYPE_CHECKING:
    from ..people.person import Connection, Person

_BETWEEN = 60.0
"""Seconds between two lines about what is new in the same room: more would disturb the room that is shown."""


class Glance:
    """
    Stands in for the outlet of a session in a room that it does not show.

    Whoever is mentioned, muted or given a role is shown that; of what is said besides, they are told how much it is,
    now and then.
    """

    __slots__ = ("_new", "_room", "_session", "_told_at")

    link = None
    """It is shown batches here, though its session's outlet may be elsewhere."""
    send = None
    """Nothing is written to the socket directly."""

    def __init__(self, session: Connection, room: str) -> None:
        self._session = session
        self._room = room
        self._new = 0
        self._told_at: float | None = None

    @property
    def door(self) -> str:
        """The name of the session's door."""
        return self._session.outlet.door

    @property
    def dialect(self) -> object:
        """Itself: nothing that others are shown fits."""
        return self

    @property
    def log(self) -> Any:
        """The log of the session's door."""
        return self._session.outlet.log  # type: ignore[attr-defined]

    def together(self) -> AbstractContextManager[None]:
        """Write at once, at the end, what is shown inside; see `Outlet.together`."""
        return self._session.outlet.together()

    def deliver(self, batch: Batch) -> bool:
        """Show what concerns the person, and count the rest; see `Outlet.deliver`."""
        person, more = self._session.person, True
        for seq, event in batch:
            if event.by == person.identity or person.hides(event):
                continue
            if mentions(person.nick, event.text) if isinstance(event, TALK) else _concerns(person, event):
                more = self._session.outlet.deliver(Batch(self._room, seq, [event]))
            elif isinstance(event, TALK):
                self._new += 1
        if self._new:
            self._tell()
        return more

    def _tell(self) -> None:
        now = self._session.now()
        if self._told_at is None or now >= self._told_at + _BETWEEN:
            self._session.outlet.reply(Unread((UnreadRoom(self._room, "", self._new, 0),)))
            self._told_at, self._new = now, 0


def _concerns(person: Person[Any], event: Event) -> bool:
    """Return whether *event* changes what *person* may do there; of a removal they are told apart."""
    return isinstance(event, (Muted, Unmuted, RoleChanged)) and key_of(event.target) == person.key
