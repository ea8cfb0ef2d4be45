"""Ban lists: queries of a long list cost no more than of a short one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from chatroom.chat.replies import Ban
from chatroom.chat.rules.ban_list import BanList


class Target(str):
    """A target of a ban; counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def casefold(self):
        Target.compared += 1
        return super().casefold()


class Value(dict):
    """A record's value; counts how often it is looked into."""

    looked = 0

    def __getitem__(self, name):
        Value.looked += 1
        return super().__getitem__(name)


def ban(target, until=None, at=0.0):
    return Value(target=Target(target), reason="", by="ann", at=at, until=until)


@pytest.fixture
def listed():
    """A thousand bans, of which none has run out before 1,000 seconds have passed."""
    listed = BanList()
    for number in range(1000):
        listed.put(f"nick:bob{number}", ban(f"Bob{number}", 1000.0 + number))
    Target.compared = Value.looked = 0
    return listed


def test_a_target_is_found_in_any_case_with_all_that_came_of_it(listed):
    listed.put("party:p7", ban("bob7"))
    listed.put("party:p8", ban("BOB7"))

    assert listed.named("boB7", ["nick:bob7", "nick:bob8", "nick:nobody"]) == [
        "nick:bob7",
        "party:p7",
        "party:p8",
        "nick:bob8",
    ]
    listed.put("party:p7", None)
    listed.put("nick:bob7", ban("carol"))
    assert listed.named("bob7", []) == ["party:p8"] and listed.named("carol", []) == ["nick:bob7"]
    listed.put("party:p8", None)
    assert listed.named("bob7", []) == []


def test_to_find_a_target_the_others_are_not_looked_at(listed):
    assert listed.named("bob500", ["nick:bob500"]) == ["nick:bob500"]
    assert Target.compared == Value.looked == 0


def test_to_find_what_has_run_out_the_others_are_not_looked_at(listed):
    assert listed.expired(999.0) == []
    assert listed.expired(1001.5) == ["nick:bob0", "nick:bob1"] == listed.expired(1001.5)
    assert Value.looked < 20


def test_what_has_run_out_is_forgotten_a_hundred_at_a_time_the_first_first(listed):
    forgotten = listed.expired(5000.0)
    for mask in forgotten:
        listed.put(mask, None)

    assert forgotten == [f"nick:bob{number}" for number in range(100)]
    assert listed.expired(5000.0)[0] == "nick:bob100" and len(listed) == 900


def test_what_is_listed_anew_runs_out_anew(listed):
    listed.put("nick:bob0", ban("bob0", 3000.0))
    listed.put("nick:bob1", ban("bob1"))
    listed.put("nick:bob2", None)

    assert listed.expired(1003.0) == ["nick:bob3"]
    assert "nick:bob1" not in listed.expired(1050.0)


def test_one_who_is_listed_again_and_again_fills_no_memory(listed):
    for number in range(100_000):
        listed.put("nick:bob0", ban("bob0", 5000.0 + number))

    assert len(listed._ends) < 5000 and len(listed) == 1000


def test_the_newest_are_listed_and_no_turn_looks_at_many(listed):
    """Of 100,000 bans the last step alone took 145 ms, when all were put in order to show the first few."""
    for number in range(1000, 20_000):
        listed.put(f"nick:bob{number}", ban(f"Bob{number}", at=float(number)))
    listed.put("party:p7", ban("Bob19999", at=30_000.0))
    Value.looked = 0
    looked = []

    async def work(lines):
        looked.append(Value.looked)

    rows, count = run(listed.newest_in_turns("ban", 5.0, 3, work))

    assert [row.target for row in rows] == ["Bob19999", "Bob19998", "Bob19997"] and rows[0].at == 30_000.0
    assert count == 20_000
    assert max(after - before for before, after in pairwise([*looked, Value.looked])) < 10_000


def run(steps):
    """Run a coroutine that waits for nothing."""
    with pytest.raises(StopIteration) as ended:
        steps.send(None)
    return ended.value.value


def test_what_holds_is_described_each_target_once_and_the_newest_first():
    listed = BanList()

    def put(mask, target, at, until=None):
        listed.put(mask, {"target": target, "reason": "spam", "by": "op", "at": at, "until": until})

    put("nick:ann", "ann", 1.0)
    put("party:a1", "ann", 3.0)
    put("nick:bob", "bob", 2.0, until=10.0)
    put("nick:eve", "eve", 4.0, until=9.0)
    assert listed.rows("mute", 9.0) == [
        Ban("ann", "spam", "op", 3.0, None, "mute"),
        Ban("bob", "spam", "op", 2.0, 10.0, "mute"),
    ]
