"""Whom of a room's people each batch is shown as it is committed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ports import Outlet


class Subscribers(dict[str, "Outlet"]):
    """
    The outlets of those who are up to date, by identity.

    How many there are of each door is counted here, where somebody comes or goes, so that to count what is
    delivered costs nothing for each of them.
    """

    __slots__ = ("doors",)

    def __init__(self) -> None:
        super().__init__()
        self.doors: Counter[str] = Counter()

    def add(self, identity: str, outlet: Outlet) -> None:
        """Show *outlet* every batch from now on; it is not among them."""
        self[identity] = outlet
        self.doors[outlet.door] += 1

    def remove(self, identity: str) -> None:
        """Show them no more."""
        self.doors[self.pop(identity).door] -= 1
