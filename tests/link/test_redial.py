"""Connecting to the house again and again."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest
from twisted.internet.task import Clock

from chatroom.link.redial import FIRST_PAUSE, MAX_PAUSE, PAUSE, Redial


class Reactor(Clock):
    """A reactor at which a test says what becomes of each attempt."""

    def __init__(self):
        super().__init__()
        self.attempts = []

    def connectUNIX(self, path, factory):
        self.path = path
        self.connect()
        return self

    def connect(self):
        self.attempts.append(self.seconds())


class Dialled:
    """A door that connects to the house of a test."""

    def __init__(self):
        self.reactor, self.lost = Reactor(), []
        house = SimpleNamespace(build=lambda: SimpleNamespace(greeting=None))
        self.redial = Redial(self.reactor, "/data/link/house", house, lambda: self.lost.append(self.reactor.seconds()))
        self.redial.start()

    def connects(self, understood=True):
        link = self.redial.buildProtocol(None)
        link.greeting = [] if understood else None

    def fails(self):
        self.redial.clientConnectionFailed(self.reactor, None)

    def loses(self):
        self.redial.clientConnectionLost(self.reactor, None)

    def pause(self):
        """Return the seconds until the next attempt."""
        [call] = self.reactor.getDelayedCalls()
        pause = call.getTime() - self.reactor.seconds()
        self.reactor.advance(pause)
        return pytest.approx(pause)


@pytest.fixture
def dialled():
    return Dialled()


def test_it_tries_until_there_is_a_house(dialled):
    for _ in range(100):
        dialled.fails()
        dialled.pause()

    attempts = dialled.reactor.attempts
    assert dialled.reactor.path == "/data/link/house" and len(attempts) == 101
    for before, after in pairwise(attempts):
        assert after - before <= min(0.1 * before + 0.012, PAUSE + 1e-9), "short while it is away for short"
    assert not dialled.lost


def test_a_house_that_is_gone_is_told_and_waited_for(dialled):
    dialled.connects()
    dialled.loses()

    assert len(dialled.lost) == 1 and dialled.pause() == FIRST_PAUSE


def test_a_house_that_does_not_understand_us_is_asked_less_and_less_often(dialled):
    pauses = []
    for _ in range(8):
        dialled.connects(understood=False)
        dialled.loses()
        pauses.append(dialled.pause())

    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, MAX_PAUSE, MAX_PAUSE]
    dialled.fails()
    assert dialled.pause() == PAUSE, "perhaps there is another one now"


def test_after_a_stop_it_tries_no_more(dialled):
    dialled.fails()
    dialled.redial.stop()
    dialled.loses()

    assert not dialled.reactor.getDelayedCalls()
