"""What a journal's surroundings are in tests: somebody who listens, and a worker without a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.python.failure import Failure

from chatroom.chat.events import Batch, Event, Said
from chatroom.chat.ports import JournalError


def said(room: str, text: str, at: float = 1.5) -> Said:
    return Said(room, at, "guest:ann", "ann", text=text)


class Recorder:
    """Remembers what it was told, commit by commit."""

    def __init__(self) -> None:
        self.commits: list[list[Batch]] = []
        self.failures: list[tuple[list[Event], str]] = []
        self.changes = 0
        """How often it was told that another program has changed something."""
        self.then: Callable[[], object] = lambda: None
        """Called once, at the end of being told something."""

    def committed(self, batches: Sequence[Batch]) -> None:
        self.commits.append(list(batches))
        self._go_on()

    def failed(self, events: Sequence[Event], error: JournalError) -> None:
        self.failures.append((list(events), str(error)))
        self._go_on()

    def changed(self) -> None:
        self.changes += 1

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

    def start(self) -> None: ...

    def run(self, work, done) -> None:
        try:
            result = work()
        except Exception:
            result = Failure()
        self._call_from_thread(done, result)

    def stop(self) -> None: ...
