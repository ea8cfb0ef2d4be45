"""Membership: entering and leaving rooms, seats, and the events that members see."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.commands.accounts import LogIn, LogOut
from chatroom.chat.commands.messages import Whisper
from chatroom.chat.commands.moderation import Ban, Kick, Mute
from chatroom.chat.commands.room_settings import Lock
from chatroom.chat.commands.rooms import Join, Leave
from chatroom.chat.events import Left
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import NotHere, NotStored
from chatroom.chat.replies import Notice, Refused
from chatroom.chat.rooms.membership import Gone
from chatroom.chat.rooms.originator import Pending

from .bare import PASSWORD


@pytest.fixture
def ann(house):
    """Somebody who rules #dev."""
    return house.join("ann", "dev")


@pytest.fixture
def bob(house, ann):
    return house.join("bob", "dev")


def test_who_leaves_is_told_last_and_goes_on_in_another_room(house, ann, bob):
    bob.asks(Join("den"))
    shown = bob.asks(Leave("dev"), ref="r")
    assert [type(one) for one in shown] == [Left, Notice] and bob.outlet.refs[-1] == "r"
    assert not bob.is_in("dev") and bob.session.current == "den" and bob.outlet.rooms == 1
    bob.asks(Leave())
    assert bob.session.current == "" and bob.outlet.rooms == 0
    ann.says("hi")
    assert bob.texts("dev") == [] and house.hub.rooms.get("den") is None


def test_the_current_room_stays_when_another_is_left(bob):
    bob.asks(Join("den"))
    bob.asks(Leave("dev"))
    bob.asks(Join("tea"))
    bob.asks(Leave("den"))
    assert bob.session.current == "tea"


def test_a_leaving_that_cannot_be_recorded_has_not_happened(house, ann, bob):
    house.journal.broken = JournalError("the disk is full")
    assert NotStored.code in [one.code for one in bob.asks(Leave()) if isinstance(one, Refused)]
    assert bob.is_in("dev") and not bob.person.seats["dev"].leaving
    house.journal.broken = None
    bob.says("still here")
    assert ann.texts("dev") == ["still here"]


def test_who_is_leaving_says_nothing_more_there(house, ann, bob):
    bob.begins(Leave())
    assert bob.person.seats["dev"].leaving
    with pytest.raises(NotHere):
        bob.session.room("dev")


def test_who_is_put_out_is_told_and_everyone_else_sees_it(house, ann, bob):
    ann.asks(Kick("bob"))
    assert not bob.is_in("dev") and type(bob.outlet.everything[-1]) is Notice and bob.session.current == ""
    assert [event.nick for event in ann.shown(Left)] == ["bob"] and ann.shown(Left)[0].reason
    assert house.kinds("dev").count(Left) == 1


def test_putting_out_that_cannot_be_recorded_has_not_happened(house, ann, bob):
    house.journal.broken = JournalError("the disk is full")
    ann.asks(Kick("bob"))
    assert bob.is_in("dev") and not bob.person.seats["dev"].leaving and ann.shown(Refused)[-1].code == NotStored.code


def test_a_seat_is_never_given_to_who_is_gone(house, ann, bob):
    person = bob.person
    bob.breaks()
    with pytest.raises(Gone):
        house.hub.membership.seat(person, house.room("dev"), 0)


def test_a_second_seat_in_a_room_is_the_first(house, ann):
    seat = ann.person.seats["dev"]
    assert house.hub.membership.seat(ann.person, seat.room, 0) is seat and ann.outlet.rooms == 1


def test_rooms_that_somebody_is_in_are_counted_and_conversations_are_not(house):
    ann, bob = house.join("ann"), house.join("bob")
    assert house.hub.membership.occupied == 1
    ann.asks(Whisper("bob", "hi"))
    bob.asks(Join("dev"))
    assert house.hub.membership.occupied == 2
    bob.breaks()
    assert house.hub.membership.occupied == 1
    ann.breaks()
    assert house.hub.membership.occupied == 0


def test_who_logs_in_keeps_what_the_guest_was(house, ann):
    account = house.account("boss")
    guest = ann.person.party
    ann.asks(LogIn("boss", PASSWORD))
    operators = house.room("dev").state.operators
    assert operators == {account.id: "boss"} and guest not in operators


def test_who_logs_in_keeps_an_invitation(house, ann, bob):
    ann.asks(Lock())
    account = house.account("boss")
    bob.asks(LogIn("boss", PASSWORD))
    bob.asks(Leave("dev"))
    bob.asks(Join("dev"))
    assert bob.is_in("dev") and account.id in house.room("dev").state.invited


def test_who_logs_in_to_a_banned_account_is_put_out_of_the_room(house, ann, bob):
    house.account("boss")
    bob.asks(Join("den"))
    ann.asks(Ban("account:boss"))
    bob.asks(LogIn("boss", PASSWORD))
    assert not bob.is_in("dev") and bob.is_in("den") and ann.shown(Left)[-1].by == bob.person.identity


def test_who_logs_out_stays_muted(house, ann):
    boss = house.owner("boss", "dev")
    ann.asks(Mute("account:boss"))
    boss.asks(LogOut())
    assert house.room("dev").is_muted(boss.person)
    assert f"party:{boss.person.party}" in house.room("dev").state.mutes


def test_who_goes_leaves_every_room_with_the_reason_unless_muted(house, ann, bob):
    carl = house.join("carl")
    bob.asks(Join("lobby"))
    ann.asks(Mute("bob"))
    house.hub.end(bob.session, "bye")
    house.settle()
    assert [event.reason for event in carl.shown(Left)] == ["bye"]
    assert [event.reason for event in ann.shown(Left)] == [""]


def test_who_is_left_alone_in_a_conversation_lets_go_of_it(house, ann, bob):
    ann.asks(Whisper("bob", "psst"))
    bob.breaks()
    assert list(ann.person.seats) == ["dev"] and [room.name for room in house.hub.rooms] == ["dev"]


def test_who_leaves_for_good_in_the_moment_of_leaving_leaves_once(house, ann, bob):
    bob.begins(Leave())
    house.hub.end(bob.session, "bye")
    house.settle()
    assert house.kinds("dev").count(Left) == 1


def test_if_only_the_putting_out_cannot_be_recorded_the_author_is_told(house, ann, bob):
    seat = bob.person.seats["dev"]
    house.journal.broken = JournalError("the disk is full")
    pending = Pending(house.runtime)
    failed = []
    removing = house.hub.membership.remove(pending, [seat], "banned", "You were put out")
    Deferred.fromCoroutine(removing).addErrback(failed.append)
    house.settle()
    assert failed[0].check(NotStored) and bob.is_in("dev") and not seat.leaving
    assert house.room("dev").users == 0 == house.room("dev").pending
