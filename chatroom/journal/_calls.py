"""Calls to a worker thread: return a Deferred, which fails with a `JournalError`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.ports import JournalError, Timer

T = TypeVar("T")
Later = Callable[[float, Callable[[], object]], Timer]
"""Such as ``reactor.callLater``."""

CLOSED = "the journal is closed"
_log = Logger(namespace="chatroom.journal")


class OutOfReach(JournalError):
    """Nothing can be stored, until it is said that storing works again."""


class Worker(Protocol):
    """What a journal needs of a worker thread; tests hand in one that works at once, without a thread."""

    def run(self, work: Callable[[], T], done: Callable[[T | Failure], object]) -> None:
        """Run *work* after earlier calls, then *done* with its result on the reactor's thread."""

    def stop(self) -> None:
        """Finish all calls, then end."""


def call(worker: Worker, work: Callable[[], T]) -> Deferred[T]:
    """Run *work* on *worker*; every failure becomes a `JournalError`."""
    answer: Deferred[T] = Deferred()

    def done(result: T | Failure) -> None:
        if isinstance(result, Failure):
            answer.errback(as_error(result))
        else:
            answer.callback(result)

    worker.run(work, done)
    return answer


def as_error(failure: Failure) -> JournalError:
    """Convert *failure* to a `JournalError`; any other exception is a bug, and logged."""
    if isinstance(failure.value, JournalError):
        return failure.value
    _log.failure("The journal failed at its work.", failure)
    return JournalError("something is wrong with the journal; the server's log says what")
