"""A turn of the reactor serves many connections for a bounded time, and none of them starves."""

from __future__ import annotations

import select
import socket

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.epollreactor import EPollReactor

from chatroom.system.turn_limit import FEW, TURN, LimitedPoller, limit_turns

READ = select.EPOLLIN


class Ready:
    """A poller whose file descriptors, all from 0 on, are ready as long as they are not served often enough."""

    def __init__(self, wanted: list[int]) -> None:
        self.wanted = dict(enumerate(wanted))
        self.register = self.modify = self.unregister = lambda *_: None

    def poll(self, timeout: float, maxevents: int) -> list[tuple[int, int]]:
        return [(fd, READ) for fd, times in self.wanted.items() if times][:maxevents]


class Turns:
    """Serves what a poller lets go of, and counts time by that."""

    def __init__(self, wanted: list[int], costs: list[float]) -> None:
        self.ready = Ready(wanted)
        self.costs = costs
        self.now = 100.0
        self.poller = LimitedPoller(self.ready, lambda: self.now)

    def turn(self) -> list[int]:
        """Serve one turn; return the file descriptors in their order."""
        served = []
        for fd, event in self.poller.poll(-1, 10_000):
            assert event == READ
            self.ready.wanted[fd] -= 1
            self.now += self.costs[fd]
            served.append(fd)
        return served


def test_few_are_served_however_long_it_takes():
    turns = Turns([1] * FEW, [1.0] * FEW)
    assert turns.turn() == list(range(FEW))


def test_many_are_served_in_one_turn_if_that_is_short():
    turns = Turns([1] * 1000, [TURN / 2000] * 1000)
    assert turns.turn() == list(range(1000))


def test_a_turn_ends_when_its_time_is_over_and_the_others_are_first_in_the_next():
    turns = Turns([3] * 100, [TURN / 10] * 100)
    first, second = turns.turn(), turns.turn()
    assert first == list(range(len(first))) and FEW < len(first) < 20
    assert second[:5] == list(range(len(first), len(first) + 5))


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from([0.0, 0.001, 0.02])), min_size=1, max_size=60))
def test_whoever_was_passed_over_is_served_before_all_others(people):
    wanted, costs = [times for times, _ in people], [cost for _, cost in people]
    turns = Turns(wanted, costs)
    served: list[int] = []
    late: list[int] = []
    while any(turns.ready.wanted.values()):
        begun, ready = turns.now, [fd for fd, times in turns.ready.wanted.items() if times]
        now = turns.turn()
        assert turns.now - begun <= TURN + FEW * max(costs)
        assert len(set(now)) == len(now) >= min(FEW, len(ready))
        assert now[: len(late)] == late[: len(now)]
        late = late[len(now) :] + [fd for fd in ready if fd not in now and fd not in late]
        served += now
    assert sorted(served) == sorted(fd for fd, times in enumerate(wanted) for _ in range(times))


def test_a_reactor_that_uses_epoll_serves_sockets_as_before():
    reactor = EPollReactor()
    limit_turns(reactor)
    limited = reactor._poller
    limit_turns(reactor)
    assert reactor._poller is limited and isinstance(limited, LimitedPoller)

    class Reader:
        def __init__(self) -> None:
            self.mine, self.other = socket.socketpair()
            self.read = b""

        def fileno(self) -> int:
            return self.mine.fileno()

        def doRead(self) -> None:
            self.read += self.mine.recv(100)

        def connectionLost(self, reason: object) -> None:
            self.mine.close()

        def logPrefix(self) -> str:
            return "test"

    readers = [Reader() for _ in range(3 * FEW)]
    try:
        for reader in readers:
            reactor.addReader(reader)
            reader.other.send(b"hello")
        reactor.doIteration(0)
        assert [reader.read for reader in readers] == [b"hello"] * len(readers)
        reactor.removeReader(readers[0])
        readers[0].other.send(b"more")
        reactor.doIteration(0)
        assert readers[0].read == b"hello"
    finally:
        reactor.removeAll()
        for reader in readers:
            reader.other.close()
            reader.mine.close()


def test_other_reactors_are_left_alone():
    class Other:
        pass

    other = Other()
    limit_turns(other)
    assert vars(other) == {}
