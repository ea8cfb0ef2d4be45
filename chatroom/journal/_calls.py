"""Asking a worker for something: its answer as a Deferred, and what went wrong in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.ports import JournalError

from .worker import AnyWorker

T = TypeVar("T")

CLOSED = "the journal is closed"
_log = Logger(namespace="chatroom.journal")


def ask(worker: AnyWorker, work: Callable[[], T]) -> Deferred[T]:
    """Let *worker* do *work*; whatever goes wrong is a `JournalError`."""
    answer: Deferred[T] = Deferred()

    def done(result: T | Failure) -> None:
        if isinstance(result, Failure):
            answer.errback(as_error(result))
        else:
            answer.callback(result)

    worker.run(work, done)
    return answer


def as_error(failure: Failure) -> JournalError:
    """Make a `JournalError` of *failure*; what is none yet is a bug, and logged."""
    if isinstance(failure.value, JournalError):
        return failure.value
    _log.failure("The journal could not do its work", failure)
    return JournalError("something is wrong with the journal; the server's log says what")
