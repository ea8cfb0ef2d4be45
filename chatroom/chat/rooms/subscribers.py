"""Subscribers: the outlets that are live in a room and get each batch as it is committed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ports import Outlet


class Subscribers(dict[str, "Outlet"]):
    """
    The live outlets, by the id of the session: for most people that is their identity.

    It counts them per door on each change, so that counting deliveries costs nothing per outlet.
    """

    __slots__ = ("doors", "further")

    def __init__(self) -> None:
        super().__init__()
        self.doors: Counter[str] = Counter()
        self.further: dict[str, tuple[str, ...]] = {}
        """The ids of people's further sessions, by identity."""

    def add(self, identity: str, session: str, outlet: Outlet) -> None:
        """Add the *outlet* of a *session* of a person, which must not be present."""
        self[session] = outlet
        self.doors[outlet.door] += 1
        if session != identity:
            self.further[identity] = (*self.further.get(identity, ()), session)

    def remove(self, identity: str, session: str) -> None:
        """Remove an outlet."""
        self.doors[self.pop(session).door] -= 1
        if session != identity:
            left = tuple([one for one in self.further.pop(identity) if one != session])
            if left:
                self.further[identity] = left
