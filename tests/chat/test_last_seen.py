"""Last seen: who left, and when."""

from __future__ import annotations

from chatroom.chat.people import last_seen
from chatroom.chat.people.last_seen import LastSeen


def test_who_never_left_is_not_known():
    left = LastSeen()
    assert left.of("ann") is None

    left.note("joann", "Joann", 1.0)
    left.note("annie", "annie", 1.0)
    assert [left.of(key) for key in ("ann", "", "1.000", "annie 1.000", "joann 1.000")] == [None] * 5


def test_nick_and_time_are_those_of_who_left_last():
    left = LastSeen()
    for nick, at in (("Ann", 1.0), ("ANN", 2_000_000_000.125), ("ann", 3.5)):
        left.note("ann", nick, at)
        left.note("bob", "bob", 9.0)
        assert left.of("ann") == (nick, at)


def test_nicks_may_be_in_any_script():
    left = LastSeen()
    left.note("straße", "Straße", 1.0)
    left.note("山田", "山田", 2.0)

    assert left.of("straße") == ("Straße", 1.0) and left.of("山田") == ("山田", 2.0)


def test_the_latest_are_remembered_within_a_bound(monkeypatch):
    monkeypatch.setattr(last_seen, "_BYTES", 1000)
    left = LastSeen()
    for number in range(1000):
        left.note(f"p{number}", f"P{number}", float(number))
        known = [one for one in range(number + 1) if left.of(f"p{one}") == (f"P{one}", one)]
        assert known == list(range(number + 1 - len(known), number + 1)), "those who left last"
        assert len(known) == number + 1 or len(known) > 40


def test_ten_thousand_fit_in():
    left = LastSeen()
    for number in range(20_000):
        left.note(f"somebody{number}", f"somebody{number}", 1.7e9 + number)

    assert left.of("somebody10000") == ("somebody10000", 1.7e9 + 10_000)
    assert left.of("somebody0") is None


def test_at_the_bound_nothing_is_forgotten_and_one_more_makes_the_oldest_tenth_go(monkeypatch):
    # An entry is "p000 1.000 " and the end of a line: 12 bytes, after one at the beginning.
    monkeypatch.setattr(last_seen, "_BYTES", 1 + 12 * 80)
    left = LastSeen()

    def known():
        return [number for number in range(81) if left.of(f"p{number:03}") is not None]

    for number in range(80):
        left.note(f"p{number:03}", f"p{number:03}", 1.0)
    assert known() == list(range(80))
    left.note("p080", "p080", 1.0)
    assert known() == list(range(8, 81))
