"""Room state: who may enter and speak, and how records are applied."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from chatroom.chat.ports import RecordChange, StandingRecord
from chatroom.chat.refusals import BannedHere, MutedHere, RoomLocked, TooSoon
from chatroom.chat.rules import room_state
from chatroom.chat.rules.masks import Marks
from chatroom.chat.rules.room_state import RoomState, key_digest


@dataclass
class Someone:
    """A person to whom the rules apply."""

    party: str = "p1"
    place: str = "192.0.2.7"
    account: object = None
    came: float = 0.0
    key: str = "ann"

    @property
    def marks(self):
        return Marks(self.key, self.party, (self.place,))


ANN = Someone()
KEY = key_digest(b"secret", "dev", "sesame")


def state(**records):
    """A room in which records of each kind stand."""
    return RoomState(StandingRecord("dev", kind, key, value) for kind, (key, value) in records.items())


def listed(until=None):
    return {"target": "ann", "reason": "", "by": "op", "at": 0.0, "until": until}


RECORDS = {
    "operator": ("p1", {"nick": "ann"}),
    "invite": ("p2", {"nick": "bob"}),
    "unread": ("p3", {"after": 7}),
    "seal": ("upto", {"upto": 9}),
    "ban": ("nick:ann", listed()),
    "mute": ("nick:bob", listed(5.0)),
    "setting": ("lock", {"value": "key", "digest": KEY}),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_what_a_record_holds_is_known_until_it_is_forgotten(kind):
    key, value = RECORDS[kind]
    standing = RoomState()
    assert standing.value(kind, key) is None
    standing.apply(RecordChange("dev", kind, key, value))
    assert standing.value(kind, key) == value
    assert standing.value(kind, key) == state(**{kind: RECORDS[kind]}).value(kind, key)
    standing.apply(RecordChange("dev", kind, key, None))
    assert standing.value(kind, key) == (value if kind == "seal" else None), "a seal is never lifted"


def test_records_of_one_kind_say_nothing_of_another():
    standing = state(operator=RECORDS["operator"])
    for kind, (key, _) in RECORDS.items():
        if kind != "operator":
            assert standing.value(kind, key) is None
    assert standing.value("invite", "p1") is None


def test_a_seal_only_ever_grows():
    standing = state(seal=("upto", {"upto": 9}))
    standing.apply(RecordChange("dev", "seal", "upto", {"upto": 5}))
    assert standing.sealed == 9


def test_a_setting_without_a_key_has_an_empty_digest():
    standing = state(setting=("slow", {"value": "5", "digest": ""}))
    assert standing.value("setting", "slow") == {"value": "5", "digest": ""}


def test_what_operators_have_made_of_a_room_can_be_ended_and_nothing_else():
    standing = state(**RECORDS)
    changes = standing.ended("dev")
    assert {change.kind for change in changes} == {"operator", "invite", "setting", "ban", "mute"}
    assert all(change.scope == "dev" and change.value is None for change in changes)
    for change in changes:
        standing.apply(change)
    assert standing.ended("dev") == [] and standing.sealed == 9 and standing.unread == {"p3": 7}


def test_a_room_is_closed_if_it_is_locked_or_private():
    lock, private = {"setting": ("lock", {"value": "invited"})}, {"setting": ("private", {"value": "on"})}
    slow = {"setting": ("slow", {"value": "5"})}
    assert (state(**lock).closed, state(**lock).private) == (True, False)
    assert (state(**private).closed, state(**private).private) == (True, True)
    assert (state(**slow).closed, state().closed) == (False, False)


def test_speech_is_restricted_where_somebody_is_muted_or_all_are_slowed():
    assert not state().restricts and not state(ban=RECORDS["ban"], operator=RECORDS["operator"]).restricts
    for record in ("mute", RECORDS["mute"]), ("setting", ("slow", {"value": "5"})):
        standing = state(**dict([record]))
        assert standing.restricts
        standing.apply(RecordChange("dev", record[0], record[1][0], None))
        assert not standing.restricts


def test_a_ban_holds_until_it_runs_out():
    standing = state(ban=("nick:ann", listed(until=10.0)))
    with pytest.raises(BannedHere):
        standing.check_not_banned(ANN.marks, "#dev", 9.9)
    standing.check_not_banned(ANN.marks, "#dev", 10.0)
    standing.check_not_banned(Marks("bob", "p2", ("192.0.2.8",)), "#dev", 9.9)


def enters(standing, digest="", party="p1"):
    try:
        standing.check_may_enter(Someone(party), "dev", digest)
    except RoomLocked:
        return False
    return True


def test_who_is_invited_comes_in_anywhere():
    for setting in (
        ("lock", {"value": "invited"}),
        ("private", {"value": "on"}),
        ("lock", {"value": "key", "digest": KEY}),
    ):
        assert enters(state(setting=setting, invite=("p1", {"nick": "ann"})))
        assert not enters(state(setting=setting, invite=("p2", {"nick": "bob"})))


def test_a_key_opens_the_room_that_has_it():
    standing = state(setting=("lock", {"value": "key", "digest": KEY}))
    assert enters(standing, KEY)
    assert not enters(standing, key_digest(b"secret", "dev", "Sesame")) and not enters(standing)


def test_a_key_opens_no_private_room_and_none_without_a_key():
    standing = state(setting=("lock", {"value": "key", "digest": KEY}))
    standing.apply(RecordChange("dev", "setting", "private", {"value": "on"}))
    assert not enters(standing, KEY)
    assert not enters(state(setting=("lock", {"value": "invited"})), KEY)
    assert not enters(state(setting=("lock", {"value": "invited"})), "")


def test_a_digest_is_of_the_secret_the_room_and_the_key():
    others = (
        key_digest(b"other", "dev", "sesame"),
        key_digest(b"secret", "de", "vsesame"),
        key_digest(b"secret", "dev", "x"),
    )
    assert len({KEY, *others}) == 4 and key_digest(b"secret", "dev", "sesame") == KEY


def speaks(standing, at, who=ANN, now=0.0):
    try:
        standing.check_may_speak(who, "dev", now, at)
    except TooSoon:
        return False
    return True


def slow(seconds=10):
    return state(setting=("slow", {"value": str(seconds)}))


def test_who_is_muted_is_told_so_until_it_runs_out():
    standing = state(mute=("nick:ann", listed(until=10.0)))
    with pytest.raises(MutedHere):
        standing.check_may_speak(ANN, "dev", 9.9, 0.0)
    assert speaks(standing, 0.0, now=10.0) and speaks(standing, 0.1, now=10.0)
    assert speaks(standing, 0.0, Someone("p2", key="bob"))


def test_in_a_slow_room_one_speaks_again_after_exactly_so_many_seconds():
    standing = slow()
    assert speaks(standing, 100.0) and not speaks(standing, 109.9) and speaks(standing, 110.0)
    assert not speaks(standing, 119.9), "counted from the last time"
    assert speaks(standing, 111.0, Someone("p2", "192.0.2.8"))


def test_the_refusal_says_how_long_to_wait():
    standing = slow()
    speaks(standing, 100.0)
    with pytest.raises(TooSoon, match="in 1 second\\."):
        standing.check_may_speak(ANN, "dev", 0.0, 109.9)


def test_what_was_refused_does_not_count_as_spoken():
    standing = slow()
    assert speaks(standing, 100.0) and not speaks(standing, 105.0) and speaks(standing, 110.0)


def test_a_guest_who_comes_after_one_from_there_who_left_waits_for_them():
    standing = slow()
    speaks(standing, 100.0)
    standing.left(ANN)
    assert not speaks(standing, 109.9, Someone("p2", came=101.0))
    assert speaks(standing, 109.9, Someone("p3", came=99.0)), "who was here before does not"
    assert speaks(standing, 101.0, Someone("p4", "192.0.2.8", came=101.0)), "nor who comes from elsewhere"


def test_with_an_account_one_waits_for_nobody_and_nobody_for_one():
    account = SimpleNamespace(admin=False)
    standing = slow()
    speaks(standing, 100.0)
    standing.left(ANN)
    assert speaks(standing, 101.0, Someone("a1", account=account, came=101.0))
    standing = slow()
    speaks(standing, 100.0, Someone("a1", account=account))
    standing.left(Someone("a1", account=account))
    assert speaks(standing, 101.0, Someone("p2", came=101.0))


def test_what_is_known_of_a_guest_goes_on_for_the_account():
    standing = slow()
    speaks(standing, 100.0)
    standing.passes_on("p1", "a1")
    account = SimpleNamespace(admin=False)
    assert not speaks(standing, 109.9, Someone("a1", account=account))
    assert speaks(standing, 110.0, Someone("a1", account=account))


def test_the_later_of_two_counts_when_one_becomes_the_other():
    standing = slow()
    speaks(standing, 100.0)
    speaks(standing, 104.0, Someone("p2"))
    standing.passes_on("p1", "p2")
    assert not speaks(standing, 113.9, Someone("p2")) and speaks(standing, 114.0, Someone("p2"))
    standing.passes_on("nobody", "p3")
    assert speaks(standing, 114.0, Someone("p3"))


def test_the_latest_who_spoke_are_remembered_within_a_bound(monkeypatch):
    monkeypatch.setattr(room_state, "_SPOKE_AT_MOST", 3)
    standing = slow()
    for number in range(3):
        speaks(standing, 100.0 + number, Someone(f"p{number}"))
    assert not speaks(standing, 104.0, Someone("p0"))
    speaks(standing, 105.0, Someone("p3"))
    assert speaks(standing, 106.0, Someone("p0")), "the oldest is forgotten"
    assert not speaks(standing, 106.0, Someone("p2"))
