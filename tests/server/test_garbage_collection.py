"""Garbage collection: permanent objects are not scanned again."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from chatroom.server.garbage_collection import LEISURE, LONG, LongCollections, freeze_what_stays


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Nothing is frozen yet, and no house that an earlier test has left watches collections, by the real time."""
    others = gc.callbacks[:]
    gc.callbacks.clear()
    gc.unfreeze()
    yield
    gc.callbacks[:] = others


def test_what_is_frozen_is_nothing_to_the_garbage_collector():
    """A full collection of it would stop everybody for 40 ms."""
    thresholds = gc.get_threshold()
    try:
        freeze_what_stays()
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 1_000
        assert gc.get_threshold()[:2] == thresholds[:2], "small collections are as frequent as before"
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)


class Timed:
    """Collections that take as long as is said, by a clock that nothing else moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.takes = 0.0
        self.collections = LongCollections(lambda: self.seconds)
        gc.callbacks.append(self._pass)

    def _pass(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self.seconds += self.takes


@pytest.fixture
def timed() -> Iterator[Timed]:
    made = Timed()
    gc.collect()
    # Its own callback comes first: the clock moves between the two of a collection.
    gc.callbacks.remove(made._pass)
    made.collections.start()
    made.collections.start()
    gc.callbacks.append(made._pass)
    try:
        yield made
    finally:
        gc.callbacks.remove(made._pass)
        made.collections.stop()
        gc.unfreeze()


class Cycle:
    """Garbage that only a collection frees."""

    freed = 0

    def __init__(self) -> None:
        self.self = self

    def __del__(self) -> None:
        Cycle.freed += 1


def test_a_short_collection_freezes_nothing(timed):
    timed.takes = LONG / 2
    timed.collections.collect()
    assert gc.get_freeze_count() == 0 and timed.collections.spent == 0


def test_what_survives_a_long_collection_is_not_looked_at_by_the_next(timed):
    cycle = Cycle()
    timed.takes = LONG
    gc.collect()
    assert gc.get_freeze_count() > 10_000 and timed.collections.spent == pytest.approx(LONG)
    timed.takes, Cycle.freed = 0.0, 0
    del cycle
    timed.collections.collect()
    assert Cycle.freed == 0
    Cycle()
    timed.collections.collect()
    assert Cycle.freed == 1, "what is new is looked at"


def test_everything_is_looked_at_again_long_after_it_was(timed):
    cycle = Cycle()
    timed.takes = LONG
    gc.collect()
    timed.takes, Cycle.freed = 0.0, 0
    del cycle
    timed.seconds += LEISURE * LONG - 1
    timed.collections.collect()
    assert Cycle.freed == 0
    timed.seconds += 1
    timed.collections.collect()
    assert Cycle.freed == 1 and timed.collections.spent == 0 and gc.get_freeze_count() > 10_000


def test_nothing_is_watched_after_the_end(timed):
    timed.collections.stop()
    timed.collections.stop()
    timed.takes = LONG
    gc.collect()
    assert gc.get_freeze_count() == 0
