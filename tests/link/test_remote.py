"""Parts of a session as its door sees them."""

from __future__ import annotations

from twisted.internet.task import Clock

from chatroom.chat.token_bucket import Rate
from chatroom.link.remote import RemoteBudget, RemoteCatchUp


def test_what_is_spent_is_charged_in_the_house_and_waited_for_here_beyond_any_budget():
    clock, charged = Clock(), []
    rates = Rate(5.0, 10, clock.seconds), Rate(100.0, 1000, clock.seconds)
    budget = RemoteBudget(lambda lines, size: charged.append((lines, size)), rates)

    assert [budget.spend(1) for _ in range(9)][-1] == 0.0 and budget.spend(1) > 0.0
    assert budget.spend(size=900) == 0.0 and budget.spend(size=300) > 0.0
    assert charged == [*[(1, 0)] * 10, (0.0, 900), (0.0, 300)]


def test_the_house_is_told_whether_the_client_reads():
    told = []
    catch_up = RemoteCatchUp(told.append)
    catch_up.fall_behind()
    catch_up.drained()
    assert told == [True, False]
