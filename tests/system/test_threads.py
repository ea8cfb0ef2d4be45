"""Worker threads: calls that block run there, and their results come back to the reactor."""

from __future__ import annotations

import threading
import weakref
from queue import SimpleQueue
from threading import Event as Gate

import pytest
from twisted.python.failure import Failure

from chatroom.system.threads import WorkerThreads


class Bench:
    """Threads whose reactor is the test's own thread, while it waits."""

    def __init__(self, **more) -> None:
        self._calls: SimpleQueue = SimpleQueue()
        self.results: list = []
        self.threads = WorkerThreads(lambda call, *args: self._calls.put((call, args)), "bench", **more)

    def run(self, *work) -> None:
        for each in work:
            self.threads.run(each, self.results.append)

    def wait(self, count: int) -> list:
        while len(self.results) < count:
            call, args = self._calls.get(timeout=30)
            call(*args)
        return self.results


@pytest.fixture
def bench():
    bench = Bench()
    yield bench
    bench.threads.stop()


def alive(name: str = "bench") -> int:
    return sum(thread.name == name for thread in threading.enumerate())


def test_results_come_back_in_order_on_the_thread_that_asked(bench):
    here = threading.get_ident()
    bench.run(threading.get_ident, *(lambda n=n: n for n in range(100)))

    there, *rest = bench.wait(101)

    assert there != here and rest == list(range(100))


def test_a_failure_is_a_result_and_the_thread_goes_on(bench):
    bench.run(lambda: 1 / 0, lambda: exit(), lambda: "still here")

    broken, ended, result = bench.wait(3)

    assert isinstance(broken, Failure) and broken.check(ZeroDivisionError)
    assert ended.check(SystemExit) and result == "still here"


def test_threads_start_with_the_first_work_and_end_when_stopped():
    bench = Bench(count=3)
    bench.threads.stop()
    assert alive() == 0

    bench.run(lambda: None)
    assert alive() == 3 and all(thread.daemon for thread in threading.enumerate() if thread.name == "bench")

    bench.threads.stop()
    assert alive() == 0 and bench.wait(1) == [None]


def test_stopped_threads_start_again_when_there_is_work():
    bench = Bench(count=2)
    for _ in range(3):
        bench.run(lambda: "done")
        bench.threads.stop()

    assert bench.wait(3) == ["done"] * 3 and alive() == 0


def test_abandoned_work_is_finished_only_if_it_has_begun():
    bench, gate, begun = Bench(), Gate(), Gate()
    bench.run(lambda: begun.set() or gate.wait(30), lambda: "dropped")
    begun.wait(30)

    bench.threads.abandon()
    bench.run(lambda: "new")

    assert bench.wait(1) == ["new"], "the thread that is still at work keeps nobody waiting"
    gate.set()
    assert bench.wait(2) == ["new", True]
    bench.threads.stop()


def test_each_thread_is_prepared_before_its_first_work():
    prepared: list[int] = []
    bench = Bench(count=2, prepare=lambda: prepared.append(threading.get_ident()))
    assert not prepared

    bench.run(threading.get_ident, threading.get_ident)
    ran = set(bench.wait(2))
    bench.threads.stop()

    assert len(set(prepared)) == 2 and ran <= set(prepared)


def test_nothing_of_the_work_is_remembered_when_it_is_done(bench):
    class Secret:
        pass

    secret = Secret()
    trace = weakref.ref(secret)
    gone = Gate()
    weakref.finalize(secret, gone.set)
    bench.run(lambda kept=secret: None)
    del secret

    bench.wait(1)

    assert gone.wait(30) and trace() is None
