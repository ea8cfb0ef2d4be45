"""Group commit: events appended during a commit go into the next one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, Protocol, TypeVar

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.events import Batch, Event
from chatroom.chat.histogram import Histogram
from chatroom.chat.ports import JournalError, JournalListener

from ._background import Load
from ._calls import CLOSED, Later, OutOfReach, Worker, as_error
from ._records import Row

_MAX_GATHERED = 512
"""Number of events at which a commit begins at once, without waiting for the next turn."""

MAX_QUEUE = 100_000
"""Events that may wait, some 50 MB: more come in only while nothing can be stored, and are refused at once."""

_HEAVY_LOAD = 16
"""Events within a few milliseconds that make a heavy load."""

_IDLE_AFTER = 1.0
"""Seconds without an event after which nobody is likely to notice background work."""


Done = Callable[["list[Batch] | Failure"], None]


class Commits(Protocol):
    """What commits: on the worker's thread, which may block."""

    def commit(self, events: Sequence[Event], rows: Sequence[Row] = ()) -> list[Batch]:
        """
        Store *events* and *rows*, all or nothing; rooms in the order of their first event.

        :raises JournalError: if they could not be stored.
        """


W = TypeVar("W", bound=Commits)


class GroupCommit(Generic[W]):
    """
    Gathers appended events: all of one reactor turn go into one commit, and those that arrive during it into the next.

    ``writer`` is None while the journal is closed.
    """

    _log = Logger(namespace="chatroom.journal")

    def __init__(self, later: Later, worker: Worker, timer: Callable[[], float]) -> None:
        self.writer: W | None = None
        self.check_file: Callable[[], None] = lambda: None
        """Raises `OutOfReach` while writing is not possible."""
        self.failed: Callable[[JournalError], object] = lambda _: None
        """Called with the error of a commit before the listener is."""
        self.listener: JournalListener | None = None
        self._store_at_once: Callable[[Sequence[Event]], list[Batch] | None] = lambda _: None
        """Stores events before it returns, if there is a way to; returns None if not."""
        self.busy = False
        """Whether a commit is being written, or will begin in the next turn."""
        self._later = later
        self._worker = worker
        self._timer = timer
        self.times = Histogram()
        """The durations of commits, from their start until the reactor gets the result."""
        self._events: list[Event] = []
        """The events, and below the records, of the next commit."""
        self._rows: list[Row] = []
        self._waiting: list[Deferred[None]] = []
        """Fired when the next commit has ended: one for each change that came without an event."""
        self._gathered = 0
        self._failing = False
        """Whether the last commit failed: only a change of that is logged."""
        self._out_of_reach = False
        """Whether that was because nothing can be stored until further notice."""
        self._appended = 0
        self._settled = 0
        """Events and changes that have been committed, or have failed."""
        self._flushes: deque[tuple[int, Deferred[None]]] = deque()
        """The pending flushes, with the count that each waits for."""
        self._settled_before = 0
        """The count of settled items at the last call of `load`."""
        self._active_at = timer()
        self._begun: float | None = None
        """When the commit that is being written was begun; None if there is none."""

    @property
    def queue(self) -> int:
        """Return the number of events and changes that are not committed yet."""
        return self._appended - self._settled

    def waited(self) -> float:
        """Return for how many seconds a commit has been under way; 0 if there is none."""
        return 0.0 if self._begun is None else self._timer() - self._begun

    def load(self) -> Load:
        """Return the load since the last call, usually milliseconds ago."""
        before, self._settled_before = self._settled_before, self._settled
        now = self._timer()
        if self._settled != before:
            self._active_at = now
        if self.busy or self._settled - before >= _HEAVY_LOAD:
            return Load.HEAVY
        return Load.LIGHT if now - self._active_at < _IDLE_AFTER else Load.IDLE

    def append(self, event: Event, rows: Sequence[Row]) -> None:
        """Put *event*, and *rows* with it, into the next commit; if too many wait, it fails in the next turn."""
        if self._appended - self._settled >= MAX_QUEUE:
            self._later(0, partial(self._tell_refused, event))
            return
        self._events.append(event)
        if rows:
            self._rows += rows
        self._appended += 1
        if not self.busy:
            self._begin()

    def change(self, rows: Sequence[Row]) -> Deferred[None]:
        """Put *rows* into the next commit; fails with a `JournalError` if that does."""
        done: Deferred[None] = Deferred()
        self._rows += rows
        self._waiting.append(done)
        self._appended += 1
        if not self.busy:
            self._begin()
        return done

    def flush(self) -> Deferred[None]:
        """Wait until everything appended so far has been committed, or has failed."""
        if self._settled == self._appended:
            return succeed(None)
        flushed: Deferred[None] = Deferred()
        self._flushes.append((self._appended, flushed))
        return flushed

    def check(self) -> None:
        """Notify the listener if storing has become impossible or is possible again, even without events."""
        if self.busy or self.writer is None:
            return  # that commit will notice
        try:
            self.check_file()
        except OutOfReach as error:
            self.stalled(error)
        else:
            if self._out_of_reach:
                self._tell_safely([], [])

    def stalled(self, error: OutOfReach) -> None:
        """Notify the listener that nothing can be stored until the next commit succeeds."""
        if not self._out_of_reach and self.writer is not None:
            self._tell_safely([], error)

    def _begin(self) -> None:
        self.busy = True
        self._gathered = 0
        self._later(0, self._gather)

    def _gather(self) -> None:
        """Commit a lone event now; several, after a turn without new ones, or when there are enough."""
        if max(self._gathered, 1) < len(self._events) < _MAX_GATHERED:
            self._gathered = len(self._events)
            self._later(0, self._gather)
        else:
            self._commit()

    def _commit(self, *, at_once: bool = True) -> None:
        """:param at_once: whether it may have ended when this returns."""
        events, self._events = self._events, []
        rows, self._rows = self._rows, []
        waiting, self._waiting = self._waiting, []
        begun = self._begun = self._timer()
        done: Done = partial(self._done, events, waiting, begun)
        if self.writer is None:
            done(Failure(JournalError(CLOSED)))  # type: ignore[no-untyped-call]
            return
        try:
            # Here and not on the worker's thread, which would have to win back the interpreter lock for it.
            self.check_file()
        except OutOfReach as error:
            # In the order of the commits, so after those that are being written.
            self._worker.run(partial(_refuse, error), done)
        else:
            batches = None
            if at_once and not rows and not waiting and not self._failing:
                batches = self._store_at_once(events)
            if batches is None:
                self._store(self.writer, events, rows, done)
            else:
                done(batches)

    def _store(self, writer: W, events: Sequence[Event], rows: Sequence[Row], done: Done) -> None:
        """Store *events* and *rows* on the worker's thread."""
        self._worker.run(partial(writer.commit, events, rows), done)

    def _done(
        self, events: list[Event], waiting: list[Deferred[None]], begun: float, result: list[Batch] | Failure
    ) -> None:
        self._begun = None
        if not isinstance(result, Failure):
            self.times.note(self._timer() - begun)
        # First the next commit, so that the disk works while the house shows what this one stored.
        if self._events or self._waiting:
            self._commit(at_once=False)
        else:
            self.busy = False
        outcome = as_error(result) if isinstance(result, Failure) else result
        self._tell_safely(events, outcome)
        for done in waiting:
            if isinstance(outcome, JournalError):
                done.errback(outcome)
            else:
                done.callback(None)
        self._settled += len(events) + len(waiting)
        while self._flushes and self._flushes[0][0] <= self._settled:
            self._flushes.popleft()[1].callback(None)

    def _tell_safely(self, events: list[Event], result: list[Batch] | JournalError) -> None:
        try:
            self._tell(events, result)
        except Exception:
            self._log.failure("The journal's listener failed.")

    def _tell(self, events: list[Event], result: list[Batch] | JournalError) -> None:
        assert self.listener is not None
        failing, self._failing = self._failing, isinstance(result, JournalError)
        before, self._out_of_reach = self._out_of_reach, isinstance(result, OutOfReach)
        if isinstance(result, JournalError):
            self.failed(result)
            if not failing or self._out_of_reach > before:
                self._log.critical("Events cannot be stored: {error}", error=result)
            if events or self._out_of_reach > before:
                self.listener.failed(events, result)
        else:
            if failing:
                self._log.info("Events can be stored again.")
            if events or before:
                self.listener.committed(result)

    def _tell_refused(self, event: Event) -> None:
        try:
            assert self.listener is not None
            self.listener.failed([event], JournalError("too much is waiting to be stored"))
        except Exception:
            self._log.failure("The journal's listener failed.")


def _refuse(error: JournalError) -> list[Batch]:
    raise error
