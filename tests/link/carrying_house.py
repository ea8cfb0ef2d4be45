"""A house with one door process, whose carried connections can be looked at from both ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatroom.link.carried import CarriedConnections, CarriedTransport
from chatroom.link.carrying import CarriedClients
from chatroom.link.wire import Link
from tests.linked_house import LinkedHouse


class CarryingHouse(LinkedHouse):
    """The house, and the door at which everybody comes in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(doors=1, **options)
        [self.door] = self.processes

    def _carried(self, link: Link) -> CarriedConnections:
        self.carried = super()._carried(link)
        return self.carried

    @property
    def clients(self) -> CarriedClients:
        """The clients whose connections the door has carried."""
        return self.door.house.clients

    @property
    def transport(self) -> CarriedTransport:
        """The only carried connection, in the house."""
        [(transport, _)] = self.carried._open.values()
        return transport

    def splits(self, split: Callable[[bytes], list[bytes]]) -> None:
        """Have what goes over the link arrive in other pieces."""
        assert self.door.end is not None
        self.door.end.split = self.door.end.other.split = split

    def loses_link(self) -> None:
        """Break the link."""
        assert self.door.end is not None
        self.door.end.break_off()
        self.settle()

    def links_again(self) -> None:
        """Connect the door again."""
        self.door.link(self.links)
        self.settle()
