"""Rooms brought into use, and let go of."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.commands.moderation import Op
from chatroom.chat.commands.room_settings import Slow
from chatroom.chat.commands.rooms import Join, Leave, SetTopic
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.chat.rooms import registry


def use(house, name="dev", charge=None):
    return Deferred.fromCoroutine(house.hub.rooms.use(name, charge))


@pytest.fixture
def ann(house):
    return house.join("ann", "dev")


def test_a_room_is_in_use_as_long_as_somebody_is_in_it_or_does_something_with_it(house, ann):
    room = house.room("dev")
    assert use(house).result is room and house.hub.rooms.get("lobby") is None
    ann.asks(Leave())
    assert house.hub.rooms.get("dev") is room
    house.hub.ledger.done(room)
    assert house.hub.rooms.get("dev") is None and list(house.hub.rooms) == []


def test_it_stays_while_events_are_on_their_way(house, ann):
    room = house.room("dev")
    room.pending += 1
    ann.asks(Leave())
    assert house.hub.rooms.get("dev") is room


def test_what_the_journal_knows_of_it_is_there_again(house, ann):
    ann.asks(SetTopic("tea"))
    ann.asks(Slow(5))
    ann.says("hi")
    last = house.room("dev").shown
    ann.asks(Leave())
    room = use(house).result
    assert (room.topic, room.shown, room.state.settings) == ("tea", last + 1, {"slow": "5"})
    assert [event.text for _, event in room.history.recent(5, last)] == ["hi"]


def test_what_is_sealed_is_sealed_again(house, ann):
    ann.says("hi")
    ann.asks(Leave())
    house.change_from_outside(RecordChange("dev", "seal", "upto", {"upto": 2}))
    room = use(house).result
    assert room.history.sealed == 2 and room.history.recent(5, 9) == ()


def test_those_who_ask_while_it_is_read_get_the_same(house, ann):
    house.journal.seconds = 1.0
    first, second, other = use(house, "den"), use(house, "den"), use(house, "tea")
    house.advance(1)
    assert not first.called
    house.advance(3)
    assert first.result is second.result is house.room("den") and first.result.users == 2
    assert other.result is house.room("tea")


def test_if_it_cannot_be_read_each_tries_for_themselves(house, ann):
    house.journal.unreadable = True
    failed = []
    for reading in (use(house, "den"), use(house, "den")):
        reading.addErrback(failed.append)
    house.settle()
    assert len(failed) == 2 and all(one.check(JournalError) for one in failed)
    house.journal.unreadable = False
    assert use(house, "den").result.users == 1


def test_what_is_changed_while_it_is_read_holds_in_it(house, ann):
    house.journal.seconds = 1.0
    reading = use(house, "den")
    house.advance(0.5)
    house.hub.rooms.apply(RecordChange("den", "setting", "slow", {"value": "7", "digest": ""}))
    house.hub.rooms.apply(RecordChange("other", "setting", "slow", {"value": "9", "digest": ""}))
    house.advance(3)
    assert reading.result.state.settings == {"slow": "7"}


def test_a_setting_changes_the_list_of_rooms_and_a_role_does_not(house, ann):
    bob = house.join("bob", "dev")
    version = house.core.room_list_version
    ann.asks(Op("bob"))
    assert house.core.room_list_version == version
    bob.asks(Slow(5))
    assert house.core.room_list_version > version


def test_reading_many_records_is_charged_for_and_done_in_turns(monkeypatch, house, ann):
    monkeypatch.setattr(registry, "_SLICE", 10)
    value = {"target": "x", "reason": "", "by": "ann", "at": 0.0, "until": None}
    ann.asks(Leave())
    house.change_from_outside(*(RecordChange("den", "ban", f"nick:p{number}", value) for number in range(25)))
    charged = []
    reading = use(house, "den", charged.append)
    assert charged == [2.5 * registry._WORK] and not reading.called
    house.settle()
    assert len(reading.result.state.bans) == 25
    use(house, "den", charged.append)
    assert len(charged) == 1, "who finds it in use pays nothing"


def test_what_is_no_longer_kept_is_shown_from_memory_no_more(house, ann):
    ann.says("one", "two", "three")
    house.journal.trim("dev", type(house.policy.keep)(events=2))
    house.runtime.spawn(house.hub.rooms.trimmed("dev"))
    house.runtime.spawn(house.hub.rooms.trimmed("nowhere"))
    house.settle()
    room = house.room("dev")
    assert [event.text for _, event in room.history.recent(9, room.shown)] == ["two", "three"]


def test_a_room_that_nobody_is_in_is_let_go_of_by_who_only_looked(house, ann):
    ann.asks(Join("den"))
    ann.asks(Leave())
    assert [room.name for room in house.hub.rooms] == ["dev"]


def test_nor_what_another_program_has_removed(house, ann):
    ann.says("one", "two", "three")
    house.journal.trim("dev", type(house.policy.keep)(events=2))
    house.change_from_outside(
        RecordChange("dev", registry.TRIMMED, "", None), RecordChange("nowhere", registry.TRIMMED, "", None)
    )
    room = house.room("dev")
    assert [event.text for _, event in room.history.recent(9, room.shown)] == ["two", "three"]

    house.journal.unreadable = True
    house.change_from_outside(RecordChange("dev", registry.TRIMMED, "", None))
    house.advance(1)
