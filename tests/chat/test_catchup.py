"""Catch-up: pages read for one session, gaps, and turns."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.messages import Say
from chatroom.chat.commands.rooms import Join, Leave
from chatroom.chat.commands.server import ShowTime
from chatroom.chat.events import Said
from chatroom.chat.replies import CaughtUp, Gap, Time

from .bare import BareHouse


@pytest.fixture
def ann(house):
    return house.join("ann")


@pytest.fixture
def bob(house, ann):
    return house.join("bob")


def test_who_comes_in_is_told_once_that_they_are_up_to_date(ann):
    ann.asks(Join("dev"))
    ann.outlet.full = True
    ann.says("hi")
    ann.outlet.drain()
    ann.house.settle()
    assert len(ann.shown(CaughtUp)) == 1


def test_who_has_had_enough_is_shown_nothing_until_they_take_more_and_then_everything_once(ann, bob):
    bob.outlet.full = True
    ann.says("one", "two", "three")
    assert bob.texts() == ["one"] and bob.session.catch_up.behind
    bob.outlet.drain()
    bob.house.settle()
    assert bob.texts() == ["one", "two", "three"] and not bob.session.catch_up.behind
    ann.says("four")
    assert bob.texts() == ["one", "two", "three", "four"]
    assert bob.seqs() == list(range(2, 7))


def test_who_has_enough_again_while_reading_on_waits_again(ann, bob):
    bob.outlet.full = True
    ann.says(*map(str, range(300)))
    bob.session.catch_up.drained()
    bob.house.settle()
    assert 1 < len(bob.texts()) < 300, "a page"
    bob.outlet.drain()
    bob.house.settle()
    assert bob.texts() == list(map(str, range(300)))


def test_each_page_but_the_first_waits_for_a_turn(ann, bob):
    bob.outlet.full = True
    ann.says(*map(str, range(300)))
    shown = len(bob.texts())
    bob.outlet.drain()
    assert shown < len(bob.texts()) < 300
    bob.house.settle()
    assert len(bob.texts()) == 300


@pytest.mark.parametrize(("missed", "gaps"), [(10, 0), (11, 1), (15, 1)])
def test_what_is_too_far_back_is_a_gap(missed, gaps):
    house = BareHouse(lag=10)
    ann, bob = house.join("ann"), house.join("bob")
    bob.outlet.full = True
    ann.says("first", *map(str, range(missed)))
    last = bob.seqs()[-1]
    bob.outlet.drain()
    house.settle()
    assert bob.texts()[1:] == [str(number) for number in range(missed)][-10:]
    assert bob.shown(Gap) == [Gap("lobby", last + 1, last + missed - 10)] * gaps


def test_a_room_whose_history_is_gone_is_told_as_a_gap(house, ann, bob):
    bob.outlet.full = True
    ann.says("one", *map(str, range(300)))
    house.journal.trim("lobby", type(house.policy.keep)(events=5))
    house.runtime.spawn(house.hub.rooms.trimmed("lobby"))
    bob.outlet.drain()
    house.settle()
    [gap] = bob.shown(Gap)
    assert gap == Gap("lobby", 4, 298) and bob.seqs()[-5:] == [299, 300, 301, 302, 303]


def test_what_is_delivered_is_counted_by_door_also_while_reading_on(house, ann):
    json = house.join("carol", door="json")
    before = dict(house.core.delivered)
    ann.says("one")
    assert house.core.delivered["json"] == before["json"] + 1 and house.core.delivered["bare"] == before["bare"] + 1
    json.outlet.full = True
    ann.says("two", "three")
    assert house.core.delivered["json"] == before["json"] + 2
    json.outlet.drain()
    house.settle()
    assert house.core.delivered["json"] == before["json"] + 3


def test_a_command_waits_until_ones_own_words_have_been_shown(house, ann, bob):
    bob.outlet.full = True
    ann.says("one")
    bob.asks(Say("mine"))
    bob.begins(ShowTime())
    house.settle()
    assert bob.session.busy and not bob.shown(Time)
    bob.outlet.drain()
    house.settle()
    assert not bob.session.busy
    kinds = [type(one) for one in bob.outlet.everything]
    assert kinds[-1] is Time and Said in kinds


def test_nor_does_it_wait_for_a_room_that_is_left_meanwhile(house, ann, bob):
    bob.outlet.full = True
    ann.says("one")
    bob.asks(Say("mine"))
    bob.begins(ShowTime())
    house.settle()
    house.hub.membership.vacate_seat(bob.person.seats["lobby"])
    house.settle()
    assert not bob.session.busy and bob.shown(Time)


def test_who_left_misses_nothing_behind_their_departure_that_is_gone_from_the_journal(house, ann, bob):
    bob.outlet.full = True
    ann.says("one", "two")
    before = bob.seqs()[-1]
    bob.begins(Leave())
    house.settle()
    departure = len(house.stored())
    ann.says(*map(str, range(300)))
    house.journal.trim("lobby", type(house.policy.keep)(events=5))
    house.runtime.spawn(house.hub.rooms.trimmed("lobby"))
    bob.outlet.drain()
    house.settle()
    assert bob.shown(Gap) == [Gap("lobby", before + 1, departure)]


def test_who_leaves_while_behind_is_shown_the_room_up_to_there_and_no_further(house, ann, bob):
    bob.outlet.full = True
    ann.says("one", "two")
    bob.begins(Leave())
    house.settle()
    ann.says("three")
    assert bob.is_in("lobby")
    bob.outlet.drain()
    house.settle()
    assert bob.texts() == ["one", "two"] and not bob.is_in("lobby") and bob.session.current == ""


def test_a_session_that_had_enough_after_the_departure_comes_back_as_any_does(house, ann):
    laptop, phone = house.owner("dora"), house.owner("dora")
    phone.outlet.full = True
    ann.says("one", "two")
    laptop.asks(Leave())
    phone.session.catch_up.drained()
    house.settle()
    phone.outlet.drain()
    ann.says("three")
    laptop.asks(Join("lobby"))
    ann.says("four")
    assert phone.texts() == ["one", "two", "four"] and not phone.shown(Gap)


def test_a_history_that_cannot_be_read_is_read_a_second_later(house, ann, bob):
    bob.outlet.full = True
    ann.says(*map(str, range(300)))
    house.journal.unreadable = True
    bob.outlet.drain()
    house.settle()
    house.advance(0.9)
    house.journal.unreadable = False
    house.settle()
    assert len(bob.texts()) < 300
    house.advance(0.1)
    assert len(bob.texts()) == 300


def test_every_room_is_read_on_in(house, ann, bob):
    for person in (ann, bob):
        person.asks(Join("dev"))
    bob.outlet.full = True
    ann.says("one", "two")
    ann.says("three", room="lobby")
    bob.outlet.drain()
    house.settle()
    assert bob.texts("dev") == ["one", "two"] and bob.texts() == ["three"]


def test_who_waits_for_the_other_end_goes_on_when_it_takes_more_or_is_gone(house, bob):
    done = []

    async def wait():
        await bob.session.catch_up.taking()
        done.append(1)

    house.runtime.spawn(wait())
    assert done == [1], "it takes whatever comes"
    bob.session.catch_up.fall_behind()
    house.runtime.spawn(wait())
    house.runtime.spawn(wait())
    assert done == [1]
    bob.outlet.drain()
    assert done == [1, 1, 1]
    bob.session.catch_up.fall_behind()
    house.runtime.spawn(wait())
    bob.breaks()
    assert done == [1, 1, 1, 1]


def test_who_carries_on_is_shown_what_they_missed_and_nothing_twice(house, ann):
    bob = house.join("bob", resumes=True)
    ann.says("one")
    seen = {"lobby": bob.seqs()[-1]}
    bob.breaks()
    ann.says("two", "three")
    again = bob.returns(seen=seen)
    assert again.texts() == ["two", "three"]
    assert again.outlet.everything.index(again.shown(CaughtUp)[0]) > again.outlet.everything.index(
        again.shown(Said)[-1]
    )
    ann.says("four")
    assert again.texts() == ["two", "three", "four"] and bob.texts() == ["one"]


def test_who_has_seen_more_than_there_is_has_seen_all_there_is(house, ann):
    bob = house.connect()
    bob.asks(Hello("bob", seen={"lobby": 99}))
    ann.says("one")
    assert bob.texts() == ["one"]


def test_who_leaves_while_their_history_is_read_is_shown_no_more_of_it(house, ann, bob):
    bob.asks(Join("dev"))
    bob.outlet.full = True
    ann.says(*map(str, range(300)))
    house.journal.seconds = 1.0
    bob.outlet.drain()
    house.hub.membership.vacate_seat(bob.person.seats["lobby"])
    shown = len(bob.texts())
    house.advance(10)
    assert len(bob.texts()) == shown and bob.is_in("dev") and not bob.session.catch_up.behind


def test_a_seat_whose_room_was_read_while_another_filled_the_other_end_stays_behind(house, ann, bob):
    for person in (ann, bob):
        person.asks(Join("dev"))
    bob.outlet.full = True
    ann.says(*map(str, range(300)))
    house.journal.seconds = 1.0
    bob.session.catch_up.drained()
    ann.says(*map(str, range(5)), room="lobby")
    house.advance(5)
    assert bob.session.catch_up.behind and len(bob.texts("dev")) < 300
    bob.outlet.drain()
    house.advance(20)
    assert len(bob.texts("dev")) == 300 and len(bob.texts()) == 5 and not bob.session.catch_up.behind


def test_no_room_is_live_while_the_other_end_has_not_said_that_it_takes_more(house, ann):
    ann.asks(Join("dev"))
    ann.says(*map(str, range(300)))
    bob = house.connect()
    house.journal.seconds = 1.0
    bob.begins(Hello("bob", ("lobby", "dev"), seen={"dev": 1}))
    house.advance(1)
    assert [seat.live for seat in bob.person.seats.values()] == [True, False], "one of them is being read"
    bob.outlet.full = True
    ann.says("fills them up", room="lobby")
    bob.outlet.full = False
    house.advance(10)
    assert bob.session.catch_up.behind and not bob.person.seats["dev"].live
    bob.outlet.drain()
    house.advance(10)
    assert bob.person.seats["dev"].live and bob.texts("dev") == list(map(str, range(300)))
