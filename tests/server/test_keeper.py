"""Keeping a process running."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from chatroom.server.keeper import PAUSES, SILENCE, Keeper
from tests.log_lines import log_lines

from .processes import Started


class Kept:
    """A keeper of a process in memory."""

    def __init__(self):
        self.clock = Clock()
        self.started = Started()
        self.keeper = Keeper(self.clock, "door 1", lambda ended: self.started.start("door 1", ended))

    @property
    def newest(self):
        return self.started.processes[-1]

    def starts_after(self, seconds):
        """Whether it starts another one after exactly so long."""
        count = len(self.started.processes)
        if seconds:
            self.clock.advance(seconds - 0.01)
            assert len(self.started.processes) == count
        self.clock.advance(0.02)
        return len(self.started.processes) == count + 1


@pytest.fixture
def kept():
    kept = Kept()
    kept.keeper.start()
    return kept


def test_it_is_started_and_may_begin(kept):
    assert kept.keeper.current is kept.started.children[0] and kept.newest.heard == [["go"]]


def test_what_ends_is_started_again_later_and_later_if_it_never_works(kept):
    for pause in (*PAUSES, PAUSES[-1]):
        kept.newest.end(1)
        assert kept.keeper.current is None and not kept.keeper.children
        assert kept.starts_after(pause), pause


def test_what_has_worked_is_started_again_at_once(kept):
    for _ in range(3):
        kept.newest.end(1)
        kept.clock.advance(PAUSES[-1])

    kept.newest.say("ready", None)
    kept.newest.end(-9)

    assert kept.starts_after(0)
    kept.newest.end(1)
    assert kept.starts_after(PAUSES[1])


def test_the_log_says_why_and_when(kept):
    with log_lines("chatroom") as lines:
        kept.newest.say("failed", "the port is in use.")
        kept.newest.end(1)
        kept.clock.advance(0)
        kept.newest.end(-9)

    assert lines == [
        "The port is in use. Starting door 1 again now.",
        "Door 1 was ended by signal 9. Starting door 1 again in 1 s.",
    ]


def test_what_cannot_even_be_started_is_tried_again(kept):
    kept.started.failing = OSError(11, "Resource temporarily unavailable")
    with log_lines("chatroom") as lines:
        kept.newest.end(1)
        kept.clock.advance(0)
    assert lines[1] == "Door 1 cannot be started: Resource temporarily unavailable. Starting door 1 again in 1 s."

    kept.started.failing = None

    assert kept.starts_after(1)


def test_after_a_stop_nothing_is_started(kept):
    kept.newest.end(1)
    kept.keeper.stop()
    kept.clock.advance(60)
    kept.keeper.start()

    assert len(kept.started.processes) == 1 and not kept.clock.getDelayedCalls()


def test_what_ends_after_a_stop_stays_ended(kept):
    kept.keeper.stop()
    kept.newest.end(0)

    assert not kept.clock.getDelayedCalls() and not kept.keeper.children


def test_one_that_is_released_may_end(kept):
    old = kept.keeper.release()
    kept.newest.end(0)

    assert old is kept.started.children[0]
    assert not kept.clock.getDelayedCalls()


def test_another_one_beside_it_waits_and_may_end(kept):
    spare = kept.keeper.spawn()

    assert kept.newest.heard == [] and kept.keeper.children == set(kept.started.children)
    kept.newest.end(1)
    assert kept.keeper.current is not spare and not kept.clock.getDelayedCalls()


def test_one_that_is_adopted_is_the_one_that_is_kept(kept):
    kept.newest.end(1)
    kept.keeper.adopt(kept.keeper.spawn())
    kept.clock.advance(60)
    assert len(kept.started.processes) == 2, "no other is started instead of the one that had ended"

    kept.newest.say("ready", None)
    kept.newest.end(1)

    assert kept.starts_after(0)


def test_what_does_not_answer_is_killed_and_only_then_replaced(kept):
    kept.newest.say("ready")
    for _ in range(SILENCE - 1):
        kept.keeper.look()
    assert not kept.newest.killed

    kept.keeper.look()
    kept.clock.advance(60)

    assert kept.newest.killed and len(kept.started.processes) == 1
    kept.newest.die()
    assert kept.starts_after(0)


def test_what_answers_or_still_opens_its_journal_is_not_killed(kept):
    for _ in range(3 * SILENCE):
        kept.keeper.look()
    kept.newest.say("ready")
    for _ in range(3 * SILENCE):
        kept.newest.say("beat")
        kept.keeper.look()

    assert not kept.newest.killed
