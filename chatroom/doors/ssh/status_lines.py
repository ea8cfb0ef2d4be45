"""Status lines: brings those of many terminals up to date, not after each event, and some per reactor turn."""

from __future__ import annotations

from typing import Protocol

from twisted.internet.interfaces import IReactorTime

_DELAY = 0.5
"""Seconds until what has changed is shown."""

_PER_TURN = 50
"""Terminals in one reactor turn: 2 ms."""


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
