"""The world of a cluster: two machines that may have the house, three with doors, and a database beneath."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.interfaces import IProtocol
from twisted.internet.protocol import Factory

from chatroom.chat.people.person import Connection as Session
from chatroom.chat.ports import JournalError
from chatroom.journal.postgres.lease import LENGTH
from chatroom.link.locating import Leader, Locating
from chatroom.link.secure import SecureLinks

from .broken import Broken
from .cluster_journal import ClusterJournal, Tenure
from .database import Asking, Connection, Database, Lost
from .disk import Disk
from .doors import SimDoor, SimRemoteHouse
from .faults import NONE, Fault
from .linked import DOORS, LinkedHouse, LinkedSimulation
from .links import LinkEnd
from .model import Former, Model
from .processes import Process
from .scripts import Scripts
from .world import Schedule, SimWorld

MACHINES = 2
"""Machines that may have the house."""

AHEAD = (0.0, 1.5, -1.5, 0.7, -0.2)
"""By how many seconds the clocks of the machines are ahead: those of the doors first."""

_LOOK = 0.5
"""Seconds between two looks whether the database may be taken over."""


class ClusterHouse(LinkedHouse):
    """
    A house that leads, or has led and does not know that another one does.

    :param tenure: its time with the database.
    """

    def __init__(self, tenure: Tenure, *others: Any) -> None:
        self.tenure = tenure
        super().__init__(*others)

    def make_journal(self, disk: Disk, schedule: Schedule, model: Model) -> ClusterJournal:
        return ClusterJournal(self.tenure, self.world, disk, schedule.coin, model)

    @property
    def leads(self) -> bool:
        """Whether no other one has taken over."""
        return self.tenure.database.leads(self.tenure.epoch, self.tenure.holder)

    def succeeded(self, model: Model) -> None:
        """Note that another one has taken over."""
        former = Former(model)
        self.hub.model = self.journal._watch = former

    async def _note_attaching(self, session: Session, *how: Any, **more: Any) -> list[str]:
        if not (self.leads or self.fault.takes_lower):
            raise Broken(f"a house of epoch {self.tenure.epoch} lets somebody go on after another one took over")
        return await super()._note_attaching(session, *how, **more)

    def _accept(self, end: LinkEnd) -> None:
        protocol = SecureLinks(self.process.clock, self.links).buildProtocol(None)  # type: ignore[arg-type]
        end.handshake = protocol.handshakeCompleted
        end.connect(protocol)
        for door in self.links.links:
            self.fault.link(door)


class Machine:
    """One machine that may have the house: what it does now, and how it reaches the database."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.process: Process
        self.connection: Connection
        self.house: ClusterHouse | None = None
        """None: it waits until it may have the database."""
        self.answering: float | None = None
        """Since when the database has answered all the time."""


class _Careless(SimRemoteHouse):
    """A fault: goes back to a house of a lower epoch."""

    def up(self, link: Any) -> None:
        self.epoch = 0
        super().up(link)


class _CarelessLocating(Locating):
    """A fault: goes to whichever house is named."""

    def _follow(self, leader: Leader) -> None:
        if leader.epoch < self._house.epoch:
            self._house.epoch = 0
        super()._follow(leader)


class ClusterDoor(SimDoor):
    """
    A process with doors, which looks in the database where the house is.

    :param reach: connects an end to the house at an address; returns whether there is one that listens.
    """

    def __init__(
        self,
        connection: Connection,
        database: Database,
        reach: Callable[[ClusterDoor, LinkEnd, str], bool],
        takes_lower: bool,
        *others: Any,
    ) -> None:
        self.connection = connection
        self._database = database
        self._reach = reach
        self.highest = 0
        """The highest epoch of a house that it was linked to."""
        self._locating = _CarelessLocating if takes_lower else Locating
        self.house_class = _Careless if takes_lower else SimRemoteHouse
        super().__init__(*others)

    def begin(self) -> None:
        clock: Any = self.process.clock
        worker = Asking(self.connection, JournalError("it is out of reach"))
        self._locating(clock, worker, self._look, self._dial, self.house).start()

    def _look(self) -> Leader | None:
        return self._database.leader(lagging=self._database.lags and self.process.schedule.coin())

    def _dial(self, address: str, factory: Factory) -> Deferred[IProtocol]:
        dialling: Deferred[IProtocol] = Deferred()
        self.process.schedule.add(f"dial {self.number}", lambda: self._arrive(address, factory, dialling))
        return dialling

    def _arrive(self, address: str, factory: Factory, dialling: Deferred[IProtocol]) -> None:
        if dialling.called:
            # It was called off.
            return
        end = LinkEnd(self.process, f"bring {self.number}", lambda reason: None)
        if not self._reach(self, end, address):
            dialling.errback(ConnectionRefusedError())
            return
        protocol: Any = factory.buildProtocol(None)  # type: ignore[arg-type]
        end.handshake = protocol.handshakeCompleted
        end.connect(protocol)
        dialling.callback(protocol)


class ClusterSimulation(LinkedSimulation):
    """Everything there is, with two machines that may have the house, one after the other, and back."""

    house: ClusterHouse  # type: ignore[assignment]

    def __init__(self, *, prompt: bool = True, fault: Fault = NONE) -> None:
        self.machines: list[Machine] = []
        self.database: Database
        super().__init__(prompt=prompt, fault=fault)

    def _start(self) -> None:
        if not self.machines:
            self.database = Database(self.disk, self.clock, self.model, checks_epoch=self._fault.checks_epoch)
            self.machines = [Machine(number) for number in range(MACHINES)]
            for machine in self.machines:
                self._start_machine(machine, 0.0)
            first = self.machines[0]
            epoch = self.database.take(self._holder(), expired=False)
            assert epoch is not None
            self._lead(first, epoch, self.database._holder, self.clock.passed)
        else:
            for machine in self.machines:
                self._start_machine(machine, 0.0)
        self.doors = [self._build_door(number) for number in range(DOORS)]

    def _holder(self) -> str:
        return f"holder {next(self._numbers)}"

    def _process(self, number: int) -> Process:
        process = Process(self.clock, self.schedule)
        process.clock.ahead = AHEAD[number]
        return process

    def _build_door(self, number: int) -> SimDoor:
        process = self._process(number)
        world = SimWorld(process.clock, process.schedule, self._numbers, self._prompt, self._failed)
        connection = Connection(process, self.schedule, f"door {number}")
        reach, lower = self._reach, self._fault.takes_lower
        others = number, process, world, self.sids, self._numbers, self._dial, self._fault.rooms
        return ClusterDoor(connection, self.database, reach, lower, *others)

    def _reach(self, door: ClusterDoor, end: LinkEnd, address: str) -> bool:
        house = self.machines[int(address)].house
        return house is not None and self._connect(door, end, house)

    # Who leads.

    def _start_machine(self, machine: Machine, away: float) -> None:
        machine.process = self._process(DOORS + machine.number)
        machine.connection = Connection(machine.process, self.schedule, f"house {machine.number}")
        machine.house = machine.answering = None
        machine.process.clock.callLater(away, lambda: self._look(machine))

    def _look(self, machine: Machine) -> None:
        """Take over if nobody leads; see `wait_for` of the lease."""
        if machine.house is not None:
            return
        holder, since = self._holder(), machine.answering
        asked = self.clock.passed
        expired = since is not None and asked - since > LENGTH
        machine.connection.ask(
            lambda: self.database.take(holder, expired=expired),
            lambda answer: self._looked(machine, holder, asked, answer),
        )

    def _looked(self, machine: Machine, holder: str, asked: float, answer: Any) -> None:
        if isinstance(answer, Lost):
            machine.answering = None
        elif answer is not None:
            machine.process.schedule.add(f"lead {machine.number}", lambda: self._lead(machine, answer, holder, asked))
            return
        elif machine.answering is None:
            machine.answering = self.clock.passed
        machine.process.clock.callLater(_LOOK, lambda: self._look(machine))

    def _lead(self, machine: Machine, epoch: int, holder: str, asked: float) -> None:
        """Open the house on *machine*, which has taken over a while ago, and *asked* for that before."""
        connection, lasting = machine.connection, self._fault.lasting
        deposed = partial(self._deposed, machine, epoch)
        tenure = Tenure(self.database, connection, machine.number, epoch, holder, deposed, asked, lasting)
        leads = self.database.leads(epoch, holder)
        if leads and hasattr(self, "house"):
            self.house.succeeded(self.model)
        model = self.model
        if not leads:
            self.model = Former(model)
        try:
            house = self._build(partial(ClusterHouse, tenure), machine.process.clock, machine.process.schedule)  # type: ignore[arg-type]
        finally:
            self.model = model
        machine.house = house
        house.process = machine.process
        house.fault = self._fault
        house.hub.sids = self.sids
        if leads:
            self.house = house
            self.scripts = Scripts(self)
        machine.process.clock.callLater(0.0, lambda: house.world.spawn(self._open_house(house)))

    async def _open_house(self, house: LinkedHouse) -> None:
        await super()._open_house(house)
        assert isinstance(house, ClusterHouse) and isinstance(house.journal, ClusterJournal)
        if house.listening:
            house.journal.renewal.publish(str(house.tenure.machine))

    def _deposed(self, machine: Machine, epoch: int) -> None:
        house = machine.house
        if house is not None and house.tenure.epoch == epoch and not house.hub.hands_over:
            self._begin_hand_over(house, 0.0)

    def _succeed(self, house: LinkedHouse, flushed: bool, away: float) -> None:
        assert isinstance(house, ClusterHouse)
        self._end_house(house, flushed)
        self._start_machine(self.machines[house.tenure.machine], away)

    def check(self) -> None:
        for door in self.doors:
            assert isinstance(door, ClusterDoor)
            link = door.house._link
            if link is not None and link.greeting:
                epoch = link.greeting[0]["epoch"]
                if epoch < door.highest:
                    before = f"door {door.number} was linked to a house of epoch {door.highest}"
                    raise Broken(f"{before}, and is to one of {epoch}")
                door.highest = epoch
        super().check()

    # What can be done besides.

    def do_wait(self, seconds: float) -> None:
        super().do_wait(seconds)
        self.model.latest = max(self.model.latest, self.clock.now() + max(AHEAD))
        house = self.house
        idle = house.process.dead or house.process.paused or house.tenure.connection.held or house.hub.hands_over
        if house.leads and not idle and self.schedule.coin():
            # All the while, it has renewed the lease.
            self.database.lengthen()

    def do_close(self, reason: str) -> None:
        """Ask the machine that has the house to shut down: another one goes on."""
        self.do_hand_over(0.0)

    def do_crash(self, flushed: bool) -> None:
        """Let all machines but that of the database be gone from one moment to the next, and begin anew."""
        for door in self.doors:
            self._end_door(door, flushed)
        for machine in self.machines:
            self._end_machine(machine, flushed)
        self._start()

    def do_kill(self, number: int, flushed: bool, away: float) -> None:
        """Let what a machine does be gone from one moment to the next, and begin anew *away* seconds later."""
        machine = self.machines[number]
        self._end_machine(machine, flushed)
        self._start_machine(machine, away)

    def _end_machine(self, machine: Machine, flushed: bool) -> None:
        if machine.house is not None:
            self._end_house(machine.house, flushed)
        machine.process.die()

    def processes(self) -> list[Process]:
        return [*(door.process for door in self.doors), *(machine.process for machine in self.machines)]

    def _connections(self) -> list[Connection]:
        doors = [door.connection for door in self.doors if isinstance(door, ClusterDoor)]
        return [*doors, *(machine.connection for machine in self.machines)]

    def do_hold_database(self, number: int) -> None:
        """Let nothing arrive between the database and a process, or everything again."""
        connection = self._connections()[number]
        if connection.held:
            connection.release()
        else:
            connection.hold()

    def do_cut_database(self, number: int) -> None:
        """Break the connection of a process with the database."""
        self._connections()[number].break_off()

    def do_restart_database(self) -> None:
        """Let the database be gone, and there again."""
        self.database.started = self.clock.passed
        for connection in self._connections():
            connection.break_off()

    def has_former(self) -> bool:
        """Tell whether a house still takes links that has a successor."""
        houses = [machine.house for machine in self.machines if machine.house is not None]
        return any(house.listening and not house.leads for house in houses)

    def misled(self) -> list[int]:
        """Return the numbers of the doors that are linked to the house that leads while a former one takes links."""
        doors = [door for door in self.doors if isinstance(door, ClusterDoor)]
        linked = [door.number for door in doors if door.house.linked and door.highest == self.database.epoch]
        return linked if self.has_former() else []

    def do_lag(self) -> None:
        """Let the standby of the database lag behind, or not any more."""
        self.database.lags = not self.database.lags

    # All is calm.

    def calm(self) -> None:
        super().calm()
        self.database.lags = False
        for connection in self._connections():
            if connection.held:
                connection.release()

    def unsettled(self) -> bool:
        house = self.house
        if house.process.dead or not house.leads or super().unsettled():
            return True
        links = [door.link for door in self.doors]
        return any(link is None or link.ends[1].process is not house.process for link in links)
