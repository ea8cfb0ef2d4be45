"""Subscribers: the outlets that are live in a room and get each batch as it is committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ports import Outlet, RoomLink


class Subscribers(dict[str, "Outlet"]):
    """
    The live outlets of this process, by the id of the session: for most people that is their identity.

    Those of other processes share their link, which is given each batch once.  All are counted per door on each
    change, so that counting deliveries costs nothing per outlet.
    """

    __slots__ = ("_linked", "doors", "further", "links")

    def __init__(self) -> None:
        super().__init__()
        self.doors: Counter[str] = Counter()
        self.further: dict[str, tuple[str, ...]] = {}
        """The ids of people's further sessions, by identity."""
        self._linked: dict[str, Outlet] = {}
        self.links: Counter[RoomLink] = Counter()
        """The number of live outlets behind each link, for those that have any."""

    @property
    def outlets(self) -> list[Outlet]:
        """All of them, those of other processes, too."""
        return [*self.values(), *self._linked.values()]

    def add(self, identity: str, session: str, outlet: Outlet) -> None:
        """Add the *outlet* of a *session* of a person, which must not be present."""
        link = outlet.link
        if link is None:
            self[session] = outlet
        else:
            self._linked[session] = outlet
            self.links[link] += 1
        self.doors[outlet.door] += 1
        if session != identity:
            self.further[identity] = (*self.further.get(identity, ()), session)

    def remove(self, identity: str, session: str) -> Outlet:
        """Remove an outlet, and return it."""
        outlet = self._linked.pop(session, None)
        if outlet is None:
            outlet = self.pop(session)
        elif (link := outlet.link) is not None:
            self.links[link] -= 1
            if not self.links[link]:
                del self.links[link]
        self.doors[outlet.door] -= 1
        if session != identity:
            left = tuple([one for one in self.further.pop(identity) if one != session])
            if left:
                self.further[identity] = left
        return outlet


@contextmanager
def together(every: Iterable[Subscribers]) -> Iterator[None]:
    """Let outlets that are live in several of these rooms show at once, at the end, what is shown inside."""
    counts = Counter(chain.from_iterable([one.values() for one in every]))
    with ExitStack() as shown:
        for outlet, count in counts.items():
            if count > 1:
                shown.enter_context(outlet.together())
        yield
