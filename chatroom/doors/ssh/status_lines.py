"""Status lines: words them, and brings those of many terminals up to date, not after each event, some per turn."""

from __future__ import annotations

from typing import Protocol

from twisted.internet.interfaces import IReactorTime

from chatroom.chat.session import Session

_DELAY = 0.5
"""Seconds until what has changed is shown."""

_PER_TURN = 50
"""Terminals in one reactor turn: 2 ms."""


def prompt_of(session: Session) -> str:
    """Word what stands before the line that is typed: where it would be said."""
    return f"{_place(session)}> "


def status_of(session: Session) -> str | None:
    """Word who and where somebody is; None: they are nobody yet."""
    person, seat = session.person, session.person.seats.get(session.current)
    if seat is None:
        return person.nick or None
    here, rooms = len(seat.room.seats), person.public
    parts = [person.nick, _place(session), f"{here:,} {'person' if here == 1 else 'people'}"]
    parts += [f"{rooms} rooms"] if rooms > 1 else []
    parts += ["away"] if person.away is not None else []
    return f" {' · '.join(parts)}"


def _place(session: Session) -> str:
    if session.current not in session.person.seats:
        return ""
    return session.current if session.current.startswith("@") else f"#{session.current}"


class Shown(Protocol):
    """A terminal with a status line."""

    def redraw(self) -> None:
        """Show what has changed meanwhile."""


class StatusLines:
    """The terminals whose status lines are to be drawn again soon."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._stale: dict[Shown, None] = {}

    def add(self, terminal: Shown) -> None:
        """Draw that of *terminal* again soon."""
        if not self._stale:
            self._clock.callLater(_DELAY, self._draw)
        self._stale[terminal] = None

    def _draw(self) -> None:
        for terminal in list(self._stale)[:_PER_TURN]:
            del self._stale[terminal]
            terminal.redraw()
        if self._stale:
            self._clock.callLater(0, self._draw)
