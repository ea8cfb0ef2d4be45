"""Doors as processes of their own: the real doors behind the real end of a link, without a house."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from twisted.internet.error import ConnectionRefusedError
from twisted.internet.protocol import ClientFactory
from twisted.python.failure import Failure

from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import DoorFactory
from chatroom.doors.front.assembly import Assembly
from chatroom.doors.front.front_door import FrontFactory
from chatroom.doors.front.preconnects import Preconnects
from chatroom.doors.line import JsonFactory, TextFactory
from chatroom.link.door import RemoteHouse
from chatroom.link.redial import Redial
from chatroom.link.rooms import RoomsShown
from chatroom.link.session import RemoteSession
from chatroom.link.web import DoorWebFactory

from .house import number_of, opened
from .links import LinkEnd, SimLink
from .processes import Process
from .world import SimWorld


class SimRemoteHouse(RemoteHouse):
    """The house as a door has it, with an eye on who is who."""

    sids: dict[str, int]
    numbers: Iterator[int]

    def new_sid(self) -> str:
        return f"s{next(self.numbers)}"

    def connect(self, outlet: Any) -> RemoteSession:
        session = super().connect(outlet)
        self.sids[session.sid] = number_of(outlet)
        return session


class _Dialling:
    """The part of a reactor, and of its connectors, by which a door comes to the house."""

    def __init__(self, door: SimDoor) -> None:
        self._door = door
        self._factory: Any = None
        self.callLater = door.process.clock.callLater

    def connectUNIX(self, path: str, factory: ClientFactory) -> _Dialling:
        """Connect."""
        self._factory = factory
        self.connect()
        return self

    def connect(self) -> None:
        """Connect again."""
        self._door.process.schedule.add(f"dial {self._door.number}", self._dial)

    def _dial(self) -> None:
        door = self._door
        end = LinkEnd(door.process, f"bring {door.number}", self._lost)
        if door.reach_house(door, end):
            end.connect(self._factory.buildProtocol(None))
        else:
            self._factory.clientConnectionFailed(self, Failure(ConnectionRefusedError()))

    def _lost(self, reason: Failure) -> None:
        self._factory.clientConnectionLost(self, reason)


class SimDoor:
    """
    One process with doors.

    A subclass may replace the class named here.

    :param reach_house: connects an end to the house; returns whether there is one that listens.
    """

    house_class: type[SimRemoteHouse] = SimRemoteHouse

    def __init__(
        self,
        number: int,
        process: Process,
        world: SimWorld,
        sids: dict[str, int],
        numbers: Iterator[int],
        reach_house: Callable[[SimDoor, LinkEnd], bool],
        rooms: type[RoomsShown] = RoomsShown,
    ) -> None:
        self.number = number
        self.process = process
        self.world = world
        self.reach_house = reach_house
        self.link: SimLink | None = None
        """The newest connection to a house; it may be gone."""
        self.front: FrontFactory | None = None
        """Who listens; None: nobody does yet."""
        self.factories: list[DoorFactory] = []
        self.house = self.house_class(process.clock, world, f"door {number}", self._open)  # type: ignore[arg-type]
        self.house.sids, self.house.numbers, self.house.rooms = sids, numbers, rooms()
        self.begin()

    def begin(self) -> None:
        """Connect to the house."""
        Redial(_Dialling(self), "", self.house, lambda: None).start()

    def _open(self) -> None:
        house: Any = self.house
        clock: Any = self.process.clock
        limits, preconnects = ConnectionLimits(0), Preconnects(clock)
        admission = Admission(clock, house.core.budgets, house.core.fair_queue)
        self.factories = [
            TextFactory(house, clock),
            JsonFactory(house, clock),
            DoorWebFactory(house, clock, house.clients, limits, admission, preconnects.note),
        ]
        self.front = opened(Assembly(clock, limits, admission), [*self.factories], preconnects)
