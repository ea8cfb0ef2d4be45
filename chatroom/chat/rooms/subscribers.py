"""Subscribers: the outlets that are live in a room and get each batch as it is committed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ports import Outlet


class Subscribers(dict[str, "Outlet"]):
    """
    The live outlets, by identity.

    It counts them per door on each change, so that counting deliveries costs nothing per outlet.
    """

    __slots__ = ("doors",)

    def __init__(self) -> None:
        super().__init__()
        self.doors: Counter[str] = Counter()

    def add(self, identity: str, outlet: Outlet) -> None:
        """Add *outlet*, which must not be present."""
        self[identity] = outlet
        self.doors[outlet.door] += 1

    def remove(self, identity: str) -> None:
        """Remove an outlet."""
        self.doors[self.pop(identity).door] -= 1
