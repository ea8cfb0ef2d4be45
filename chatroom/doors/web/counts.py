"""Counts: what the doors of this process have counted, series by series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from chatroom.chat.people.budgets import Budgets
from chatroom.doors.factory import DoorFactory
from chatroom.doors.figures import Figures, figures_of_this_process

from .factory import HttpFactory


class DoorCounts:
    """
    What the doors of this process have counted.

    :param doors: all of them, including *web*.
    :param budgets: those that are kept here.
    """

    def __init__(self, doors: Sequence[DoorFactory], web: HttpFactory, budgets: Budgets) -> None:
        self._doors = doors
        self._web = web
        self._budgets = budgets

    def figures(self) -> Figures:
        """Return everything, with what this process uses."""
        return figures_of_this_process(self.counted(), self.present())

    def counted(self) -> dict[str, Counter[str]]:
        """Return what only grows."""
        doors = self._doors
        return {
            "lines": Counter({door.name: door.lines for door in doors}),
            "refusals": Counter({door.name: door.refusals for door in doors}),
            "stalls": Counter({door.name: door.stalled.count for door in doors}),
            "hang_ups": sum((door.hang_ups for door in doors), Counter()),
            "rests": self._budgets.rests,
            "http_answers": Counter({str(status): count for status, count in self._web.http.routes.statuses.items()}),
        }

    def present(self) -> dict[str, Counter[str]]:
        """Return what there is now."""
        doors = self._doors
        return {
            "sessions": Counter({door.name: len(door.connected) for door in doors}),
            "slow_readers": Counter({door.name: len(door.stalled) for door in doors}),
            "http_connections": Counter({"": len(self._web.http.all)}),
        }
