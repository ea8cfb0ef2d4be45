"""Worker threads: run blocking calls, and return the results to the reactor."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from twisted.python.failure import Failure

T = TypeVar("T")
CallFromThread = Callable[..., object]
"""Such as ``reactor.callFromThread``: from any thread, calls a function with arguments on the reactor's thread."""
_Job = tuple[Callable[[], Any], Callable[[Any], object]]
_Jobs = SimpleQueue[_Job | None]


class WorkerThreads:
    """
    One thread or a few that take their work from one queue; the first work starts them.

    Not Twisted's ``ThreadPool``: a fixed number of threads needs no team to coordinate it, and a `SimpleQueue`,
    which is written in C, hands over faster.  The threads are daemons, so that a disk which never answers cannot
    keep the process alive.

    :param call_from_thread: calls a function with arguments on the reactor's thread.
    :param name: the name of the threads.
    :param count: how many there are; with one, work is done in order.
    :param prepare: called on each thread before its first work.
    """

    def __init__(
        self,
        call_from_thread: CallFromThread,
        name: str,
        *,
        count: int = 1,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        self._call_from_thread = call_from_thread
        self._name = name
        self._count = count
        self._prepare = prepare
        self._jobs: _Jobs = SimpleQueue()
        self._threads: list[Thread] = []

    def run(self, work: Callable[[], T], done: Callable[[T | Failure], object]) -> None:
        """Run *work* on a thread; *done* gets its result, or its `Failure`, on the reactor's."""
        if not self._threads:
            self._start()
        self._jobs.put((work, done))

    def stop(self) -> None:
        """Wait for the threads to finish their work and end; harmless if they were never started."""
        for thread in self._dismiss():
            thread.join()

    def abandon(self) -> None:
        """Drop all work that has not begun; what has begun is finished, but nobody waits for it."""
        try:
            while True:
                self._jobs.get_nowait()
        except Empty:
            self._dismiss()

    def _start(self) -> None:
        self._jobs = SimpleQueue()
        self._threads = [
            Thread(target=self._work, args=(self._jobs,), name=self._name, daemon=True) for _ in range(self._count)
        ]
        for thread in self._threads:
            thread.start()

    def _dismiss(self) -> list[Thread]:
        """Let each thread end when its queue is empty."""
        threads, self._threads = self._threads, []
        for _ in threads:
            self._jobs.put(None)
        return threads

    def _work(self, jobs: _Jobs) -> None:
        if self._prepare is not None:
            self._prepare()
        for work, done in iter(jobs.get, None):
            result: object
            try:
                result = work()
            except BaseException:  # whatever it was, somebody waits for an answer
                result = Failure()  # type: ignore[no-untyped-call]
            self._call_from_thread(done, result)
            del work, done, result  # or a password in them would live until the next job
