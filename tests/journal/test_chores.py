"""What the writer's thread does between commits: it stands back in a flood, and hurries when nobody speaks."""

from __future__ import annotations

import pytest
from twisted.internet.defer import succeed
from twisted.internet.task import Clock

from chatroom.journal._chores import PAUSE, Chores, Mood


class AtOnce:
    """A worker without a thread."""

    def run(self, work, done):
        done(work())


@pytest.mark.parametrize(
    ("mood", "least", "most"), [(Mood.FLOOD, 1, 10), (Mood.TALK, 50, 250), (Mood.SILENCE, 500, 2_000)]
)
def test_the_more_is_said_the_less_is_done_beside(mood, least, most):
    clock, steps = Clock(), []
    chores = Chores(clock.callLater, lambda: mood, AtOnce(), clock.seconds, lambda: succeed(None))
    chores.start()
    chores.do(lambda: steps.append(1) or 1).addErrback(lambda closed: None)
    clock.pump([PAUSE / 5] * 1_000)
    assert least <= len(steps) <= most
    chores.stop()
