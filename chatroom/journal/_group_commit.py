"""What has been asked to be stored: gathered into commits, each told of when it is settled."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.events import Batch, Event
from chatroom.chat.ports import JournalError, Listener
from chatroom.chat.times import Times

from ._calls import CLOSED, Later, Worker, as_error
from ._database import Gone
from ._records import Row
from ._writer import Writer

_ENOUGH = 512
"""Events that are not waited for company any longer."""


class Commits:
    """
    Groups what is appended: all lines of one reactor turn go into one commit, and what arrives while
    that is under way into the next.

    ``writer`` is None while the journal is closed.
    """

    _log = Logger(namespace="chatroom.journal")

    def __init__(self, later: Later, worker: Worker, timer: Callable[[], float]) -> None:
        self.writer: Writer | None = None
        self.check: Callable[[], None] = lambda: None
        """Raises `Gone` while nothing may be written."""
        self.listener: Listener | None = None
        self.busy = False
        """Whether a commit is under way, or will be in the next turn."""
        self._later = later
        self._worker = worker
        self._timer = timer
        self.times = Times()
        """How long commits take, from when they are begun to when that is known here."""
        self._open: list[Event] = []
        self._rows: list[Row] = []
        self._asked: list[Deferred[None]] = []
        """Who waits for changes that are open and come without an event."""
        self._gathered = 0
        self._failing = False
        """Whether the last commit failed: the log is told when that changes, not each time."""
        self._gone = False
        """Whether that was because the file is gone."""
        self._appended = 0
        self.settled = 0
        """Events and changes that have been committed, or have failed."""
        self._flushes: deque[tuple[int, Deferred[None]]] = deque()
        """Who waits, and for how much to be settled."""

    @property
    def queue(self) -> int:
        """How many events and changes are on their way."""
        return self._appended - self.settled

    def append(self, event: Event, rows: Sequence[Row]) -> None:
        """Put *event*, and *rows* with it, into the next commit."""
        self._open.append(event)
        if rows:
            self._rows += rows
        self._appended += 1
        if not self.busy:
            self._begin()

    def change(self, rows: Sequence[Row]) -> Deferred[None]:
        """Put *rows* into the next commit; fails with a `JournalError` if that does."""
        done: Deferred[None] = Deferred()
        self._rows += rows
        self._asked.append(done)
        self._appended += 1
        if not self.busy:
            self._begin()
        return done

    def flush(self) -> Deferred[None]:
        """Wait until everything so far has been committed, or has failed."""
        if self.settled == self._appended:
            return succeed(None)
        flushed: Deferred[None] = Deferred()
        self._flushes.append((self._appended, flushed))
        return flushed

    def _begin(self) -> None:
        self.busy = True
        self._gathered = 0
        self._later(0, self._gather)

    def _gather(self) -> None:
        """Commit a lone event now, and a crowd when a turn has brought nothing new, or enough has come."""
        if max(self._gathered, 1) < len(self._open) < _ENOUGH:
            self._gathered = len(self._open)
            self._later(0, self._gather)
        else:
            self._commit()

    def _commit(self) -> None:
        events, self._open = self._open, []
        rows, self._rows = self._rows, []
        asked, self._asked = self._asked, []
        settle: Callable[[list[Batch] | Failure], None] = partial(self._settle, events, asked, self._timer())
        if self.writer is None:
            settle(Failure(JournalError(CLOSED)))  # type: ignore[no-untyped-call]
            return
        try:
            # Here and not on the worker's thread, which would have to win back the interpreter lock for it.
            self.check()
        except Gone as error:
            # Behind the commits that are under way.
            self._worker.run(partial(_refuse, error), settle)
        else:
            self._worker.run(partial(self.writer.commit, events, rows), settle)

    def look(self) -> None:
        """Tell that the file is gone, or back, while nobody says anything, too."""
        if self.busy or self.writer is None:
            return  # that commit finds out
        try:
            self.check()
        except Gone as error:
            if not self._gone:
                self._tell_safely([], error)
        else:
            if self._gone:
                self._tell_safely([], [])

    def _settle(
        self, events: list[Event], asked: list[Deferred[None]], begun: float, result: list[Batch] | Failure
    ) -> None:
        if not isinstance(result, Failure):
            self.times.note(self._timer() - begun)
        # First the next commit, so that the disk works while the house shows what this one stored.
        if self._open or self._asked:
            self._commit()
        else:
            self.busy = False
        outcome = as_error(result) if isinstance(result, Failure) else result
        self._tell_safely(events, outcome)
        for done in asked:
            if isinstance(outcome, JournalError):
                done.errback(outcome)
            else:
                done.callback(None)
        self.settled += len(events) + len(asked)
        while self._flushes and self._flushes[0][0] <= self.settled:
            self._flushes.popleft()[1].callback(None)

    def _tell_safely(self, events: list[Event], result: list[Batch] | JournalError) -> None:
        try:
            self._tell(events, result)
        except Exception:
            self._log.failure("The journal's listener failed")

    def _tell(self, events: list[Event], result: list[Batch] | JournalError) -> None:
        assert self.listener is not None
        failing, self._failing = self._failing, isinstance(result, JournalError)
        gone, self._gone = self._gone, isinstance(result, Gone)
        if isinstance(result, JournalError):
            if not failing or self._gone > gone:
                self._log.critical("Events cannot be stored: {error}", error=result)
            if events or self._gone > gone:
                self.listener.failed(events, result)
        else:
            if failing:
                self._log.info("Events can be stored again.")
            if events or gone:
                self.listener.committed(result)


def _refuse(error: JournalError) -> list[Batch]:
    raise error
