"""The world with doors in processes of their own: a house that is replaced, three doors, and links between them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from chatroom.chat.people.person import Connection
from chatroom.chat.ports import JournalError
from chatroom.chat.session import Session
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.link.carried import CarriedConnections
from chatroom.link.house import LinkFactory
from chatroom.link.session import RemoteSession

from .clock import SimClock
from .doors import SimDoor
from .faults import NONE, Fault
from .house import Ordered, SimHouse
from .left_over import check_links
from .links import LinkEnd, SimLink
from .model import Model
from .people import Guest
from .processes import Process
from .scripts import Scripts
from .simulation import Simulation, cut_off
from .world import Schedule, SimWorld

DOORS = 3
"""Processes with doors."""


class LinkedHouse(SimHouse):
    """A house without doors: they come by links."""

    process: Process
    fault = NONE
    listening = False
    """Whether doors can connect to it."""

    def open(self, clock: SimClock, model: Model) -> None:
        model.restart(self.hub, anew=False)
        self.hub.kept = frozenset(one.identity for one in model.disk.present())
        self.hub.open(keep=True)
        self.attaching: dict[Connection, None] = {}
        """The sessions of people that a door has attached, which nobody has looked at."""
        self._attach, self.hub.attaching.attach = self.hub.attaching.attach, self._note_attaching  # type: ignore[method-assign]
        limits = ConnectionLimits(0)
        reactor: Any = clock
        self.links = LinkFactory(self.hub, reactor, lambda link: CarriedConnections(reactor, link, (), limits), limits)
        self.links.links = Ordered()  # type: ignore[assignment]

    async def _note_attaching(self, session: Connection, *how: Any, **more: Any) -> list[str]:
        self.attaching[session] = None
        return await self._attach(session, *how, **more)

    def accept(self, end: LinkEnd, door: int) -> None:
        """Take a connection from a door."""
        self.process.schedule.add(f"accept {door}", lambda: self._accept(end))

    def _accept(self, end: LinkEnd) -> None:
        end.connect(self.links.buildProtocol(None))
        for door in self.links.links:
            self.fault.link(door)


class LinkedSimulation(Simulation):
    """Everything there is, with the doors in other processes than the house."""

    house: LinkedHouse

    def __init__(self, *, prompt: bool = True, fault: Fault = NONE) -> None:
        self.sids: dict[str, int] = {}
        """The numbers of guests, by what links call their sessions."""
        self.doors: list[SimDoor] = []
        self.at: dict[int, SimDoor] = {}
        """The door of each guest, by number."""
        self.links: list[SimLink] = []
        """All connections between processes that are not quite gone."""
        self._fault = fault
        super().__init__(prompt=prompt, fault=fault)

    def _start(self) -> None:
        self._start_house(0.0)
        self.doors = [self._build_door(number) for number in range(DOORS)]

    def _start_house(self, away: float) -> None:
        process = Process(self.clock, self.schedule)
        self.house = self._build(LinkedHouse, process.clock, process.schedule)
        self.house.process = process
        self.house.fault = self._fault
        self.house.hub.sids = self.sids
        self.scripts = Scripts(self)

        house = self.house
        process.clock.callLater(away, lambda: house.world.spawn(self._open_house(house)))

    async def _open_house(self, house: LinkedHouse) -> None:
        try:
            await house.hub.restore()
        except JournalError:
            # It has ended, and is started again.
            house.process.clock.callLater(1.0, lambda: self._succeed(house, False, 0.0))
        else:
            house.listening = True

    def _note_session(self, guest: Guest, session: Session) -> None:
        if guest.session is not session:
            guest.session = session
            if session in self.house.attaching:
                del self.house.attaching[session]
                self.model.attached(guest, session.person)
        super()._note_session(guest, session)

    def _build_door(self, number: int) -> SimDoor:
        process = Process(self.clock, self.schedule)
        world = SimWorld(process.clock, process.schedule, self._numbers, self._prompt, self._failed)
        return SimDoor(number, process, world, self.sids, self._numbers, self._dial, self._fault.rooms)

    def _dial(self, door: SimDoor, end: LinkEnd) -> bool:
        return self._connect(door, end, self.house)

    def _connect(self, door: SimDoor, end: LinkEnd, house: LinkedHouse) -> bool:
        """Connect *end*, of *door*, to *house*; return whether that listens."""
        if not house.listening:
            return False
        self.links = [link for link in self.links if not link.gone]
        other = LinkEnd(house.process, f"bring house {door.number}", lambda reason: None)
        door.link = SimLink(end, other)
        self.links.append(door.link)
        house.accept(other, door.number)
        return True

    def _entrance(self, number: int) -> tuple[Schedule, Any] | None:
        door = self.doors[number % DOORS]
        if door.front is None:
            return None
        self.at[number] = door
        return door.process.schedule, door.front

    # What can be done besides.

    def do_crash(self, flushed: bool) -> None:
        """Let the machine be gone from one moment to the next, and begin anew."""
        for door in self.doors:
            self._end_door(door, flushed)
        self._end_house(self.house, flushed)
        self._start()

    def do_fall(self, flushed: bool, away: float) -> None:
        """Let the house be gone from one moment to the next, and another one be there *away* seconds later."""
        self._succeed(self.house, flushed, away)

    def _succeed(self, house: LinkedHouse, flushed: bool, away: float) -> None:
        """Let *house* be gone, and another process be there in its place *away* seconds later."""
        self._end_house(house, flushed)
        self._start_house(away)

    def do_hand_over(self, away: float) -> None:
        """Let the house end in good order, so that another one goes on in its place."""
        if self.house.listening and not self.house.hub.closing:
            self._begin_hand_over(self.house, away)

    def _begin_hand_over(self, house: LinkedHouse, away: float) -> None:
        house.listening = False
        house.hub.hands_over = True
        house.links.drop("another house goes on")
        house.world.spawn(self._hand_over(house, away))

    async def _hand_over(self, house: LinkedHouse, away: float) -> None:
        # As when the server stops: it goes on stopping.
        with suppress(JournalError):
            await house.hub.hand_over()
        await house.journal.close()
        house.process.schedule.add("end", lambda: self._succeed(house, True, away))

    def _end_house(self, house: LinkedHouse, flushed: bool) -> None:
        self.switches |= house.world.switches
        house.world.die()
        house.process.die()
        for link in self.links:
            if link.ends[1].process is house.process:
                link.break_off(flushed, False)

    def do_fell(self, number: int, flushed: bool) -> None:
        """Let the door with this *number* be gone, with all connections of its people, and start it again."""
        self._end_door(self.doors[number], flushed)
        self.doors[number] = self._build_door(number)

    def _end_door(self, door: SimDoor, flushed: bool) -> None:
        for guest in self.here:
            if self.at.get(guest.number) is door:
                cut_off(guest, flushed)
        self.forget_gone()
        door.world.die()
        door.process.die()
        for link in self.links:
            if link.ends[0].process is door.process:
                link.break_off(False, flushed)

    def do_pause(self, number: int) -> None:
        """Pause the door with this *number*, or the house, or let it go on."""
        process = self.processes()[number]
        if process.paused:
            process.go_on()
        else:
            process.pause()

    def processes(self) -> list[Process]:
        """Return all processes: those of the doors first."""
        return [*(door.process for door in self.doors), self.house.process]

    def do_hold(self, number: int) -> None:
        """Let nothing arrive between the house and the door with this *number*, or everything again."""
        link = self.doors[number].link
        if link is not None and link.held:
            link.release()
        elif link is not None:
            link.hold()

    def do_cut(self, number: int, *arrives: bool) -> None:
        """Cut the link of the door with this *number*; *arrives*: see `SimLink.break_off`."""
        link = self.doors[number].link
        if link is not None:
            link.break_off(*arrives)

    # All is calm.

    def calm(self) -> None:
        super().calm()
        for process in self.processes():
            if process.paused:
                process.go_on()
        for link in self.links:
            link.release()

    def unsettled(self) -> bool:
        if super().unsettled() or not self.house.listening:
            return True
        # A house that may not answer now reads on a little later.
        if any(one.link.paused for one in self.house.links.links) or not all(one.house.linked for one in self.doors):
            return True
        return any(_waits(session) for door in self.doors for session in door.house.sessions.values())

    def check_rest(self) -> None:
        super().check_rest()
        self.links = [link for link in self.links if not link.gone]
        check_links(self)


def _waits(session: RemoteSession) -> bool:
    return session._held or bool(session.unanswered)
