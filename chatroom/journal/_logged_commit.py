"""Group commit with a redo log: a few lines are committed by the log at once, everything else by the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from twisted.python.failure import Failure

from chatroom.chat.events import Batch, Event
from chatroom.chat.ports import JournalError

from ._calls import Later, Worker
from ._group_commit import Done, GroupCommit
from ._records import Row
from ._takeover import Handed, Takeover, store
from ._writer import Writer


class LoggedCommit(GroupCommit[Writer]):
    """Group commit by the redo log of ``takeover``, or by the database, which takes over what the log has."""

    def __init__(self, later: Later, worker: Worker, timer: Callable[[], float]) -> None:
        super().__init__(later, worker, timer)
        self.takeover = Takeover(later, worker, lambda: self.check_file(), self._taken_over)
        self._store_at_once = self.takeover.commit

    def _store(self, writer: Writer, events: Sequence[Event], rows: Sequence[Row], done: Done) -> None:
        handed = self.takeover.hand_over()
        self._worker.run(partial(store, writer, handed, events, rows), partial(self._stored, done, handed))

    def _stored(self, done: Done, handed: Handed, result: list[Batch] | Failure) -> None:
        if not isinstance(result, Failure):
            self.takeover.taken_over(handed)
            self.takeover.note(result)
        done(result)

    def _taken_over(self, error: JournalError | None) -> None:
        if self.writer is not None:
            self._tell_safely([], error or [])
