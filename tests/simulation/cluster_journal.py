"""The journal of one of several houses, of which only the one that leads may write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred

from chatroom.chat.ports import JournalError, JournalListener, Present
from chatroom.journal._calls import OutOfReach
from chatroom.journal._records import Row
from chatroom.journal.postgres.connection import Deposed
from chatroom.journal.postgres.journal import STALLED, Stalled
from chatroom.journal.postgres.lease import OPENING
from chatroom.journal.postgres.renewal import Renewal

from .database import Asking, Connection, Database, Lost
from .journal import Commit, SimJournal


@dataclass
class Tenure:
    """A house's time with the *database*, from when it has taken over."""

    database: Database
    connection: Connection
    machine: int
    epoch: int
    holder: str
    deposed: Callable[[], object]
    """Called when another one has taken over."""
    asked: float
    """When it asked for the database."""
    lasting: bool = False
    """Whether it goes on when its lease is over: a fault."""


class SimLease:
    """The lease, as `Renewal` has it; asked at the database."""

    def __init__(self, tenure: Tenure) -> None:
        self._tenure = tenure
        self.link = ""

    def renew(self) -> None:
        """Renew it."""
        self._tenure.database.renew(self._tenure.epoch, self._tenure.holder, self.link)

    def release(self) -> None:
        """End it."""
        self._tenure.database.release(self._tenure.epoch, self._tenure.holder)


class ClusterJournal(SimJournal):
    """Commits one after the other, each under its number, again and again until it is known what became of it."""

    def __init__(self, tenure: Tenure, *others: Any) -> None:
        super().__init__(*others)
        self.epoch = tenure.epoch
        self._tenure = tenure
        self._connection = tenure.connection
        self._number = 0
        self._under_way: Commit | None = None
        self._unknown = self._due = self._stopped = False
        """Whether an answer was lost, whether the next commit waits for this one, and whether no more is tried."""
        asking = Asking(tenure.connection, "it is out of reach")
        self.renewal = Renewal(self._world.later, asking, tenure.deposed, self._world.monotonic)

    @property
    def leads(self) -> bool:  # type: ignore[override]
        """Whether its lease has not ended."""
        return self._tenure.lasting or self.renewal.lasts

    def open(self, listener: JournalListener, *, keep: bool = False) -> list[Present]:
        present = super().open(listener, keep=keep)
        self.renewal.start(SimLease(self._tenure), self._tenure.asked + OPENING)  # type: ignore[arg-type]
        return present

    def write_beside(self, rows: list[Row]) -> None:
        if self._world.dead:
            self._disk.commit([], rows)
        else:
            super().write_beside(rows)

    def tell_of_disk(self) -> None:
        if not self._world.dead:
            super().tell_of_disk()

    # Writing.

    def _write(self) -> None:
        if self._under_way is not None:
            self._due = True
            return
        commit, self._open = self._open, Commit()
        try:
            self.renewal.check()
        except OutOfReach as error:
            commit.error = error
        if self.closed or self._stopped:
            commit.error = JournalError("the journal is closed")
        if commit.error is not None:
            self._end(commit)
            return
        self._number += 1
        self._under_way, self._unknown = commit, False
        self._world.later(STALLED, lambda: self._stall(commit))
        self._ask(commit)

    def _ask(self, commit: Commit) -> None:
        tenure, number = self._tenure, self._number
        self._connection.ask(
            lambda: tenure.database.append(tenure.epoch, tenure.holder, number, commit.events, commit.rows),
            lambda answer: self._answered(commit, answer),
        )

    def _answered(self, commit: Commit, answer: Any) -> None:
        if commit is not self._under_way:
            return
        if isinstance(answer, Lost):
            self._unknown = True
            self._world.later(0.1, lambda: None if commit is not self._under_way else self._ask(commit))
            return
        if isinstance(answer, JournalError) and self._unknown:
            # If the first try has stored it, nobody must be told that it is not stored.
            done = self._tenure.database.done(self.epoch, self._number)
            answer = answer if done is None else done
        if isinstance(answer, JournalError):
            commit.error = answer
        else:
            commit.batches = answer
        self._end(commit)

    def _end(self, commit: Commit) -> None:
        self._under_way = None
        if self._due:
            self._due = False
            self._world.schedule.add("write", self._write)
        if isinstance(commit.error, Deposed):
            self.renewal.failed(commit.error)
        self._tell_later(commit, commit.noticed)

    def _stall(self, commit: Commit) -> None:
        if commit is self._under_way and not commit.noticed:
            commit.noticed = True
            self._listener.failed([], Stalled("the database does not answer"))

    def _give_up(self) -> None:
        self._stopped = True
        commit = self._under_way
        if commit is not None:
            commit.error = JournalError("the database cannot be reached")
            self._end(commit)

    async def close(self) -> None:
        """Commit what is open, for so long as that takes no longer than it may, and let another house lead."""
        giving_up = self._world.later(STALLED, self._give_up)
        await self.flush()
        if giving_up.active():
            giving_up.cancel()
        self.closed = self._stopped = True
        released = self._world.future()
        Deferred.fromCoroutine(self.renewal.stop()).addBoth(lambda _: released.callback(None))
        await released

    # Reading.

    def _when_read(self, answer: Callable[[], object]) -> None:
        self._connection.when_reached(answer)
