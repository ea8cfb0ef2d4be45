"""Core: the state that all services share, and the effects of a new policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.limits import Limits
from chatroom.chat.policy import Policy
from chatroom.chat.refusals import BadName, NotNow


def test_a_new_policy_goes_for_limits_nicks_and_budgets(house):
    before = house.core.budgets.newcomer("192.0.2.7")
    policy = Policy(limits=replace(Limits(), burst=7), reserved=frozenset({"boss"}))
    house.core.set_policy(policy)

    assert house.core.policy is policy and house.core.limits is policy.limits
    with pytest.raises(BadName):
        house.core.nicks.claim(house.connect().person, "boss")
    assert before.level == Limits().burst and house.core.budgets.newcomer("192.0.2.8").level == 7


def test_nothing_begins_while_everyone_is_sent_home(house):
    house.core.check_open()
    house.core.closing = True
    with pytest.raises(NotNow):
        house.core.check_open()
