"""The database of a cluster: one journal, of which only the house that leads may write; and how processes reach it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.python.failure import Failure

from chatroom.chat.events import Batch, Event
from chatroom.chat.ports import JournalError
from chatroom.journal._records import Row
from chatroom.journal.postgres.connection import Deposed
from chatroom.journal.postgres.leader import Leader
from chatroom.journal.postgres.lease import LENGTH, OPENING

from .broken import Broken
from .clock import SimClock
from .disk import Disk
from .model import Model
from .processes import Process
from .world import Schedule


class Lost(JournalError):
    """The connection has broken: nobody knows whether the statement was carried out."""


class Database:
    """
    The fence, the lease and the numbers of commits, as the tables of PostgreSQL have them, over the *disk*.

    :param clock: the clock of the database, which no house sees.
    :param checks_epoch: whether a commit compares its epoch with that of the fence.
    """

    def __init__(self, disk: Disk, clock: SimClock, model: Model, *, checks_epoch: bool = True) -> None:
        self.disk = disk
        self._clock = clock
        self._model = model
        self._checks_epoch = checks_epoch
        self.epoch = 0
        self._holder = ""
        self._until = float("-inf")
        """When the lease ends; never begun, or given back: minus infinity."""
        self._leased = 0
        self._link = ""
        self._since = 0.0
        self._done: dict[tuple[int, int], list[Batch]] = {}
        """What was stored by each commit, by its epoch and number."""
        self._led: list[Leader] = []
        """The house that leads, and the one before, as far as anybody has asked."""
        self.started = float("-inf")
        """When the database itself was started."""
        self.lags = False
        """Whether its standby has not everything yet; doors may ask that."""

    @property
    def left(self) -> float:
        """Return the seconds until the lease ends; negative: it has ended."""
        return self._until - self._clock.passed

    def take(self, holder: str, *, expired: bool) -> int | None:
        """Take over if nobody leads; *expired*: also if the lease has ended by itself.  Returns the epoch."""
        now = self._clock.passed
        free = self._until == float("-inf") or (expired and self._until < now and self.started < now - LENGTH)
        if not free:
            return None
        self._until = now + OPENING
        self.epoch += 1
        self._holder = holder
        return self.epoch

    def leads(self, epoch: int, holder: str) -> bool:
        """Tell whether nobody has taken over since."""
        return (epoch, holder) == (self.epoch, self._holder)

    def renew(self, epoch: int, holder: str, link: str) -> None:
        """
        Renew the lease.

        :raises Deposed: if another house has taken over.
        """
        if not self.leads(epoch, holder):
            raise Deposed("another server has taken over")
        self.lengthen()
        self._since = self._since if self._leased == epoch else self._clock.now()
        self._leased, self._link = epoch, link

    def lengthen(self) -> None:
        """Let the lease end later."""
        self._until = max(self._until, self._clock.passed + LENGTH)

    def release(self, epoch: int, holder: str) -> None:
        """End the lease."""
        if self.leads(epoch, holder):
            self._until = float("-inf")

    def leader(self, *, lagging: bool) -> Leader | None:
        """Tell who leads; *lagging*: as a standby says that has not everything yet."""
        if self._until != float("-inf") and self._leased == self.epoch:
            known = Leader(self.epoch, "", self._link, self._since, self.left)
            if not self._led or self._led[-1][:3] != known[:3]:
                self._led = [*self._led[-1:], known]
            return self._led[0] if lagging else known
        return self._led[0] if lagging and self._led else None

    def append(
        self, epoch: int, holder: str, number: int, events: Sequence[Event], rows: Sequence[Row]
    ) -> list[Batch]:
        """
        Commit, unless the commit of this *number* is done.

        :raises Deposed: if another house has taken over.
        :raises JournalError: if there is no room.
        """
        leads = self.leads(epoch, holder)
        if self._checks_epoch and not leads:
            raise Deposed("another server has taken over this database")
        done = self._done.get((epoch, number))
        if done is not None:
            return done
        if self.disk.full:
            raise JournalError("the disk of the database is full")
        batches = self._done[epoch, number] = self.disk.commit(events, rows)
        self._model.stored(rows, batches)
        if not leads:
            raise Broken(f"a house of epoch {epoch} has stored something after one of epoch {self.epoch} took over")
        return batches

    def done(self, epoch: int, number: int) -> list[Batch] | None:
        """Return what the commit of this *number* has stored; None: it was none."""
        return self._done.get((epoch, number))


class Connection:
    """
    How one process reaches the database: every question, and every answer, is on its way for a while.

    :param common: where questions are on their way; they arrive though the process be gone.
    """

    def __init__(self, process: Process, common: Schedule, name: str) -> None:
        self._process = process
        self._common = common
        self._name = name
        self.held = False
        """Whether nothing arrives, in either direction."""
        self._waiting: list[Callable[[], object]] = []
        self._asked: dict[Callable[[Any], object], None] = {}
        """What is to be called with an answer, for each question without one."""

    def ask(self, statement: Callable[[], Any], answer: Callable[[Any], object]) -> None:
        """Carry out *statement* there, then call *answer* with its result, or with a `JournalError`; or `Lost`."""
        self._asked[answer] = None

        def arrive() -> None:
            self.when_reached(execute)

        def execute() -> None:
            try:
                result = statement()
            except JournalError as error:
                result = error
            self._process.schedule.add(f"answer {self._name}", lambda: self.when_reached(lambda: deliver(result)))

        def deliver(result: Any) -> None:
            if answer in self._asked:
                del self._asked[answer]
                answer(result)

        self._common.add(f"ask {self._name}", arrive)

    def when_reached(self, call: Callable[[], object]) -> None:
        """Call now, or once something arrives again."""
        if self.held:
            self._waiting.append(call)
        else:
            call()

    def hold(self) -> None:
        """Let nothing arrive."""
        self.held = True

    def release(self) -> None:
        """Let arrive what was held."""
        self.held = False
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            self._common.add(f"reach {self._name}", lambda call=call: self.when_reached(call))  # type: ignore[misc]

    def break_off(self) -> None:
        """Break: what was asked may be carried out all the same, now or later."""
        asked, self._asked = self._asked, {}
        for answer in asked:
            self._process.schedule.add(f"lost {self._name}", lambda answer=answer: answer(Lost("it is out of reach")))  # type: ignore[misc]


class Asking:
    """
    A thread that asks the database; see `Worker` of the journal.

    :param connection: reaches it.
    :param otherwise: the result if the connection breaks meanwhile.
    """

    def __init__(self, connection: Connection, otherwise: object) -> None:
        self._connection = connection
        self._otherwise = otherwise

    def run(self, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        """Have *work* done there, then call *done* with its result."""

        def answered(result: Any) -> None:
            if isinstance(result, Lost):
                result = self._otherwise
            done(Failure(result) if isinstance(result, Exception) else result)

        self._connection.ask(work, answered)

    def stop(self) -> None:
        """Do nothing: there is no thread."""
