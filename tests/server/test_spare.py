"""A spare process, and when another one is loaded."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from chatroom.server.keeper import Keeper
from chatroom.server.spare import DELAY, PAUSES
from tests.log_lines import log_lines

from .processes import Started


class Kept:
    """A keeper in memory, of a process that works."""

    def __init__(self, *, spared=True):
        self.clock, self.started = Clock(), Started()
        self.keeper = Keeper(
            self.clock, "the house", lambda ended: self.started.start("the house", ended), spared=spared
        )
        self.keeper.start()
        self.current.say("ready")

    @property
    def current(self):
        return self.started.processes[0]

    @property
    def newest(self):
        return self.started.processes[-1]

    def count_after(self, seconds):
        """How many processes have been started *seconds* later, and none of them shortly before."""
        count = len(self.started.processes)
        self.clock.advance(seconds - 0.01)
        assert len(self.started.processes) == count
        self.clock.advance(0.02)
        return len(self.started.processes)


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def spared(kept):
    """With a spare that is loaded."""
    assert kept.count_after(DELAY) == 2
    kept.newest.say("loaded")
    return kept


def test_it_is_loaded_once_the_process_has_worked_for_a_while(kept):
    assert kept.count_after(DELAY) == 2 and kept.newest.heard == []
    with log_lines("chatroom") as lines:
        kept.newest.say("loaded")
    assert lines == ["A spare process of the house is ready."]


def test_without_need_there_is_none():
    kept = Kept(spared=False)
    kept.clock.advance(60)
    assert len(kept.started.processes) == 1


def test_beside_a_process_that_does_not_work_none_is_loaded(kept):
    kept.clock.advance(DELAY - 1)
    kept.current.end(1)
    kept.clock.advance(0)
    kept.clock.advance(60)
    assert len(kept.started.processes) == 2


def test_it_takes_the_place_at_once(spared):
    spared.current.end(-9)
    spared.clock.advance(0)
    assert spared.newest.heard == [["go"]] and len(spared.started.processes) == 2
    assert spared.keeper.current is spared.started.children[1]

    spared.newest.say("ready")
    assert spared.count_after(DELAY) == 3


def test_one_that_is_still_loading_is_sooner_there_than_another(kept):
    kept.clock.advance(DELAY)
    kept.current.end(-9)
    kept.clock.advance(0)
    assert kept.newest.heard == [["go"]]
    kept.newest.say("loaded")
    kept.newest.say("ready")
    assert kept.count_after(DELAY) == 3


def test_one_that_is_taken_while_it_loads_and_fails_then_is_no_spare_any_more(kept):
    kept.clock.advance(DELAY)
    with log_lines("chatroom") as lines:
        kept.current.end(-9)
        kept.clock.advance(0)
        kept.newest.end(1)
    assert lines[1:] == ["The house has ended with status 1. Starting the house again in 1 s."]
    assert kept.count_after(1) == 3 and kept.newest.heard == [["go"]]
    kept.clock.advance(600)
    assert len(kept.started.processes) == 3


def test_a_spare_that_takes_over_and_fails_is_followed_by_others_later_and_later(spared):
    spared.current.end(-9)
    spared.clock.advance(0)
    spared.newest.end(1)
    assert spared.count_after(1) == 3 and spared.newest.heard == [["go"]]
    spared.newest.end(1)
    assert spared.count_after(2) == 4


def test_one_that_cannot_be_loaded_is_tried_again_with_longer_pauses(kept):
    kept.clock.advance(DELAY)
    with log_lines("chatroom") as lines:
        for count, pause in enumerate((*PAUSES, PAUSES[-1]), 3):
            kept.newest.say("failed", "nonsense is unknown.")
            kept.newest.end(1)
            assert kept.count_after(pause) == count
    assert lines[0] == (
        "The spare process of the house cannot be used: nonsense is unknown. Loading another one in 10 s."
    )
    assert kept.keeper.current is kept.started.children[0]


def test_one_that_cannot_be_started_or_ends_while_it_waits_is_tried_again(spared):
    spared.started.failing = OSError(12, "Cannot allocate memory")
    with log_lines("chatroom") as lines:
        spared.newest.end(-9)
        spared.clock.advance(PAUSES[0])
    said = "The spare process of the house cannot be used:"
    assert lines == [
        f"{said} the house was ended by signal 9. Loading another one in 10 s.",
        f"{said} Cannot allocate memory. Loading another one in 60 s.",
    ]
    spared.started.failing = None
    assert spared.count_after(PAUSES[1]) == 3


def test_a_fresh_one_replaces_it_when_it_is_loaded_and_not_before(spared):
    old = spared.newest
    spared.keeper.spare.refresh()
    assert not old.killed
    spared.newest.say("loaded")
    assert old.killed
    old.die()
    spared.clock.advance(600)
    assert len(spared.started.processes) == 3


def test_if_a_fresh_one_cannot_be_loaded_the_one_before_stays(spared):
    old = spared.newest
    spared.keeper.spare.refresh()
    with log_lines("chatroom") as lines:
        spared.newest.say("failed", "nonsense is unknown")
        spared.newest.end(1)
    assert lines == ["The spare process of the house cannot be used: nonsense is unknown."]
    spared.current.end(-9)
    spared.clock.advance(0)
    assert old.heard == [["go"]]


def test_one_that_takes_over_before_a_fresh_one_is_loaded_reads_the_configuration_again(spared):
    old = spared.newest
    spared.keeper.spare.refresh()
    spared.current.end(-9)
    spared.clock.advance(0)
    assert old.heard == [["go"], ["reload"]]


def test_what_is_told_to_all_the_spare_does_not_hear(spared):
    spared.keeper.tell("reload")
    assert spared.current.heard == [["go"], ["reload"]] and spared.newest.heard == []


def test_after_a_stop_there_is_none(spared):
    spared.keeper.stop()
    assert spared.newest.killed
    spared.newest.die()
    spared.clock.advance(600)
    assert len(spared.started.processes) == 2 and not spared.clock.getDelayedCalls()


def test_the_spare_does_not_count_as_one_that_is_silent(spared):
    for _ in range(30):
        spared.current.say("beat")
        spared.keeper.look()
    assert not spared.newest.killed
