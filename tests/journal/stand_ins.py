"""Stand-ins for a journal's surroundings: a listener, and a worker without a thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import pytest
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from chatroom.chat.events import Batch, Event, Said
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.journal._calls import Worker
from chatroom.journal.memory import MemoryJournal
from chatroom.journal.postgres.journal import PostgresJournal
from chatroom.journal.sqlite import SqliteJournal
from chatroom.system.threads import WorkerThreads

NOW = 1_700_000_000.0


def said(room: str, text: str, at: float = 1.5) -> Said:
    return Said(room, at, "guest:ann", "ann", text=text)


class Workers(dict[str, WorkerThreads]):
    """The threads that a journal has started, by name: tests delay them."""

    def __call__(self, call_from_thread: Callable[..., object], name: str) -> WorkerThreads:
        self[name] = WorkerThreads(call_from_thread, name)
        return self[name]


class Recorder:
    """Records its calls, commit by commit."""

    def __init__(self) -> None:
        self.commits: list[list[Batch]] = []
        self.failures: list[tuple[list[Event], str]] = []
        self.changes: list[list[RecordChange]] = []
        """The changes by another program, per call."""
        self.then: Callable[[], object] = lambda: None
        """Called once, at the end of a call."""

    def committed(self, batches: Sequence[Batch]) -> None:
        self.commits.append(list(batches))
        self._go_on()

    def failed(self, events: Sequence[Event], error: JournalError) -> None:
        self.failures.append((list(events), str(error)))
        self._go_on()

    def changed(self, changes: Sequence[RecordChange]) -> None:
        self.changes.append(list(changes))
        self._go_on()

    def _go_on(self) -> None:
        then, self.then = self.then, lambda: None
        then()

    def seen(self, room: str) -> list[tuple[int, Event]]:
        """All of *room* so far, as ``(seq, event)``."""
        return [pair for commit in self.commits for batch in commit if batch.room == room for pair in batch]

    def texts(self, room: str) -> list[str]:
        return [event.text for _, event in self.seen(room) if isinstance(event, Said)]


class AtOnce:
    """Does the work while it is being asked; only the answer has to wait for its turn."""

    def __init__(self, call_from_thread: Callable[..., object], name: str) -> None:
        self._call_from_thread = call_from_thread

    def run(self, work, done) -> None:
        try:
            result = work()
        except Exception:
            result = Failure()
        self._call_from_thread(done, result)

    def stop(self) -> None: ...


class Driven:
    """A journal whose reactor is a clock and whose workers need no threads."""

    journal: Any

    def __init__(self) -> None:
        self.clock = Clock()
        self.told = Recorder()

    def later(self, call: Callable[..., object], *args: object) -> None:
        """Call in the next turn: what `reactor.callFromThread` does."""
        self.clock.callLater(0, call, *args)

    def open(self, *, keep: bool = False) -> int:
        """Open the journal; return how many were still in a room."""
        return len(self.journal.open(self.told, keep=keep))

    def refusal(self) -> str:
        """The one line that says why it could not be opened."""
        with pytest.raises(JournalError) as caught:
            self.open()
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def turn(self) -> None:
        self.clock.advance(0)

    def settle(self) -> None:
        """Run everything that is due now, except periodic maintenance."""
        while any(call.getTime() <= self.clock.seconds() for call in self.clock.getDelayedCalls()):
            self.turn()

    def rest(self, seconds: float) -> None:
        """Let time pass in which nobody says anything."""
        self.clock.pump([0.001] * round(seconds * 1000))
        self.settle()

    def write(self, *events) -> None:
        for event in events:
            self.journal.append(event)
        self.settle()

    def now(self, deferred):
        """The result of *deferred*, once every turn that it needs has been taken."""
        self.settle()
        return deferred.result

    def read(self, room: str) -> list:
        """All that is kept of *room*, page by page."""
        found: list = []
        while page := list(self.now(self.journal.after(room, found[-1][0] if found else 0, 100_000))):
            found += page
        return found

    def close(self) -> None:
        self.now(self.journal.close())

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_) -> None:
        self.close()


class MemoryDesk(Driven):
    """A journal in memory."""

    def __init__(self, **more) -> None:
        super().__init__()
        self.journal = MemoryJournal(self.clock.callLater, now=lambda: NOW, **more)


class PostgresDesk(Driven):
    """A journal in the database at *address*."""

    def __init__(self, address: str, worker: Callable[..., Worker] = AtOnce, **more) -> None:
        super().__init__()
        self.address = address
        self.journal = PostgresJournal(
            address,
            self.clock.callLater,
            self.later,
            now=lambda: NOW,
            worker=worker,
            **{"timer": lambda: 0.0, "sleep": None, **more},
        )


class Desk(Driven):
    """A journal on disk."""

    def __init__(self, folder: Path | str, worker: Callable[..., Worker] = AtOnce, **more) -> None:
        super().__init__()
        self.folder = Path(folder)
        self.journal = SqliteJournal(
            self.folder,
            self.clock.callLater,
            self.later,
            now=lambda: NOW,
            worker=worker,
            **{"timer": lambda: 0.0, "sleep": None, **more},
        )

    def take_over(self) -> None:
        """Have the database take over what the redo log has."""
        self.now(self.journal._commits.takeover.settle())

    def in_memory(self) -> MemoryJournal:
        """Copy every room into a journal in memory."""
        memory = MemoryJournal(self.clock.callLater, now=lambda: NOW)
        memory.open(Recorder())
        for (room,) in self.sql("SELECT name FROM room ORDER BY id"):
            for _, event in self.read(room):
                memory.append(event)
        self.settle()
        return memory

    def sql(self, statement: str) -> list:
        """What the database has, after it has taken over everything."""
        if self.journal._database is not None:
            self.take_over()
        other = sqlite3.connect(self.folder / "journal.sqlite3")
        try:
            rows = other.execute(statement).fetchall()
            other.commit()
            return rows
        finally:
            other.close()
