"""Renewal: for how long a server may believe that it still has the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock

from chatroom.journal.postgres.lease import LENGTH, RENEWAL
from chatroom.journal.postgres.renewal import Renewal


class _Lease:
    def renew(self) -> None:
        """Renew it."""


class _Slow:
    """A thread whose answers come when the test says so."""

    def __init__(self) -> None:
        self.asked: list[Callable[[Any], object]] = []

    def run(self, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        self.asked.append(done)


def test_a_lease_lasts_from_when_its_renewal_was_sent():
    clock, worker = Clock(), _Slow()
    renewal = Renewal(clock.callLater, worker, lambda: None, clock.seconds)
    assert not renewal.lasts
    renewal.start(_Lease(), 2.0)
    clock.advance(0)
    clock.advance(1.5)
    assert renewal.lasts
    worker.asked.pop()(None)
    clock.advance(LENGTH - 1.5 - 0.01)
    assert renewal.lasts
    clock.advance(0.02)
    assert not renewal.lasts
    worker.asked.pop()("it does not answer")
    assert not renewal.lasts
    clock.advance(RENEWAL)
    worker.asked.pop()(None)
    assert renewal.lasts
