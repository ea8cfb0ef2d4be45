"""Coming in: by name, by password, or by token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.access.throttle import FREE
from chatroom.chat.commands.accounts import LogOut
from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.messages import Say
from chatroom.chat.commands.moderation import Ban
from chatroom.chat.commands.preferences import GoAway
from chatroom.chat.commands.server_admin import BanFromServer
from chatroom.chat.events import Joined, Said
from chatroom.chat.fair_queue import MISSED_A_LINE
from chatroom.chat.policy import LOBBY
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import (
    BadName,
    BannedHere,
    CannotResume,
    NickTaken,
    NotNow,
    NotStored,
    TooMany,
    WrongPassword,
)
from chatroom.chat.replies import CaughtUp, Goodbye, LoggedIn, NickChanged, Notice, Refused, RoomEntered, Welcome

from .bare import PASSWORD, BareHouse


@pytest.fixture
def ann(house):
    return house.join("ann", "dev", resumes=True)


def entered(person):
    return [one.room for one in person.shown(RoomEntered)]


def test_who_comes_in_is_welcomed_first_and_up_to_date_last(house):
    ann = house.join("Ann", resumes=True)
    welcome, *_, last = ann.outlet.everything
    assert isinstance(welcome, Welcome) and isinstance(last, CaughtUp)
    assert (welcome.nick, welcome.resumed, welcome.server) == ("Ann", False, "chatroom 1.2")
    assert welcome.lasts == house.limits.token_lasts and welcome.resume and welcome.commands
    assert ann.outlet.viewer == ann.person.identity and entered(ann) == [LOBBY]


def test_a_token_is_given_only_where_it_is_of_use(house):
    assert house.join("ann").token == ""


def test_the_message_of_the_day_is_told_to_newcomers(house):
    house.core.set_policy(replace(house.policy, message_of_the_day=("Hello,", "be kind.")))
    ann = house.join("ann", resumes=True)
    assert ann.shown(Notice) == [Notice("Hello,"), Notice("be kind.")]
    assert ann.returns().shown(Notice) == []


def test_the_answer_to_hello_has_its_mark_and_what_follows_has_not(house):
    ann = house.connect()
    ann.asks(Hello("ann"), ref="r")
    assert ann.outlet.refs[0] == "r" and set(ann.outlet.refs[1:]) == {None}
    assert ann.shown(Joined)[0].ref is None


def test_hello_is_said_once(house, ann):
    assert ann.refusal(Hello("bob")) == NotNow.code and ann.nick == "ann"


def test_nobody_comes_in_when_everyone_is_sent_home(house):
    house.core.closing = True
    assert house.connect().refusal(Hello("ann")) == NotNow.code


@pytest.mark.parametrize(("nick", "code"), [("ann", NickTaken.code), ("a b c", BadName.code), ("admin", BadName.code)])
def test_a_nick_that_cannot_be_had_is_refused_and_another_can_be_tried(house, ann, nick, code):
    bob = house.connect()
    assert bob.refusal(Hello(nick)) == code and bob.nick == ""
    bob.asks(Hello("bob"))
    assert bob.nick == "bob"


def test_rooms_are_entered_in_order_each_once_and_the_last_is_current(house):
    ann = house.join("ann", "#Tea", "dev", "tea")
    assert entered(ann) == ["tea", "dev"] and ann.session.current == "dev"


def test_without_rooms_it_is_those_of_which_something_was_seen_and_no_conversations(house):
    ann = house.connect()
    ann.asks(Hello("ann", seen={"tea": 0, "@a:b": 3}))
    assert entered(ann) == ["tea"]
    bob = house.connect()
    bob.asks(Hello("bob", seen={"@a:b": 3}))
    assert entered(bob) == [LOBBY]


def test_so_many_rooms_and_no_more():
    house = BareHouse(rooms_per_session=2)
    assert house.connect().refusal(Hello("ann", ("a", "b", "c"))) == TooMany.code
    assert entered(house.join("ann", "a", "b")) == ["a", "b"]


def test_a_room_that_keeps_one_out_is_no_reason_to_stay_away(house, ann):
    ann.asks(Ban("bob"))
    bob = house.join("bob", "dev", "tea")
    assert entered(bob) == ["tea"] and [one.code for one in bob.shown(Refused)] == [BannedHere.code]


def test_who_is_banned_from_the_server_does_not_come_in_and_the_nick_is_free(house):
    house.owner("root1", admin=True).asks(BanFromServer("192.0.2.0/24"))
    banned = house.connect(address="192.0.2.7")
    assert banned.refusal(Hello("ann")) == BannedHere.code
    assert (banned.nick, banned.person.identity, banned.person.key) == ("", "", "")
    assert house.join("ann").nick == "ann" and len(house.core.people) == 2


# By password.


def test_a_password_logs_in_at_once(house):
    house.account("boss")
    boss = house.join("boss", password=PASSWORD)
    assert boss.person.account is not None and boss.nick == "boss"
    assert boss.shown(LoggedIn) == [LoggedIn("boss", "account", "")]


def test_with_a_wrong_one_one_comes_in_as_a_stranger(house):
    house.account("boss")
    stranger = house.join("boss", password="wrong horse")
    assert stranger.person.account is None and [one.code for one in stranger.shown(Refused)] == [WrongPassword.code]
    assert stranger.person.unproven is not None and entered(stranger) == [LOBBY]


def test_the_owner_takes_the_nick_from_who_has_it(house):
    house.account("boss")
    stranger = house.join("boss")
    boss = house.join("boss", password=PASSWORD)
    assert boss.nick == "boss" and stranger.nick != "boss" and stranger.shown(NickChanged)[-1].nick == stranger.nick


def test_who_only_says_a_password_does_not_take_it(house):
    house.account("boss")
    stranger = house.join("boss")
    other = house.join("boss", password="wrong horse")
    assert stranger.nick == "boss" != other.nick


def test_without_a_password_a_nick_that_is_had_is_taken(house, ann):
    assert house.connect().refusal(Hello("ann")) == NickTaken.code


def test_guessing_at_the_door_is_slowed(house):
    house.account("boss")
    for _ in range(FREE):
        house.join("boss", password="wrong horse", address="192.0.2.7").breaks()
    late = house.join("boss", password=PASSWORD, address="192.0.2.7")
    assert late.person.account is None and late.shown(Refused)


# By token.


def test_who_carries_on_is_the_same_person_in_the_same_rooms(house, ann):
    ann.asks(GoAway("lunch"))
    again = ann.returns(seen={"dev": 1})
    welcome = again.shown(Welcome)[0]
    assert again.person is ann.person and welcome.resumed and welcome.nick == "ann"
    assert [(one.room, one.seq, one.recent) for one in again.shown(RoomEntered)] == [("dev", 1, ())]
    assert again.person.away == "lunch" and house.kinds("dev") == [Joined]
    assert isinstance(ann.outlet.everything[-1], Goodbye) and ann.outlet.closed


def test_who_says_nothing_of_what_they_saw_is_shown_all_since_they_came(house, ann):
    ann.says("one", "two")
    assert ann.returns().texts("dev") == ["one", "two"]


def test_what_was_said_last_belongs_to_what_was_missed(house, ann):
    ann.begins(Say("last"))
    again = house.connect(resumes=True)
    again.begins(Hello("ann", resume=ann.token, seen={"dev": 1}))
    house.settle()
    last, live = again.shown(Said)[0], again.shown(CaughtUp)[0]
    assert again.outlet.everything.index(last) < again.outlet.everything.index(live)


def test_more_rooms_can_be_entered_on_the_way(house, ann):
    again = house.connect(resumes=True)
    again.asks(Hello("ann", ("tea",), resume=ann.token))
    assert entered(again) == ["dev", "tea"] and again.session.current == "tea"


def test_within_the_grace_one_is_still_here_and_then_one_comes_anew(house, ann):
    bob = house.join("bob", "dev")
    identity = ann.person.identity
    ann.breaks()
    house.advance(house.limits.grace - 1)
    assert ann.returns().shown(Welcome)[0].resumed
    house.hub.disconnect(house.core.people[identity].session, "lost")
    house.advance(house.limits.grace)
    assert identity not in house.core.people and bob.is_in("dev")
    late = ann.returns()
    assert not late.shown(Welcome)[0].resumed and late.person.identity == identity


@pytest.mark.parametrize(("waits", "works"), [(100, True), (101.5, False)])
def test_a_token_lasts_so_long_after_one_is_gone(waits, works):
    house = BareHouse(token_lasts=100.0)
    ann = house.join("ann", resumes=True)
    house.hub.end(ann.session, "gone")
    house.advance(waits)
    again = house.connect(resumes=True)
    shown = again.asks(Hello("ann", resume=ann.token))
    assert (again.nick == "ann") is works
    assert works or shown == [Refused(CannotResume.code, shown[0].text)]


def test_a_token_outlives_a_restart(house, ann):
    after = house.restarted()
    again = ann.returns(after)
    assert again.person.identity == ann.person.identity and not again.shown(Welcome)[0].resumed


def test_a_token_that_is_none_is_refused_and_one_may_come_without(house, ann):
    again = house.connect(resumes=True)
    assert again.refusal(Hello("bob", resume=ann.token + "0")) == CannotResume.code
    again.asks(Hello("bob"))
    assert again.nick == "bob"


def test_a_token_from_before_a_login_has_ended_is_refused(house):
    boss = house.owner("boss", resumes=True)
    token = boss.shown(LoggedIn)[-1].resume
    boss.asks(LogOut())
    again = house.connect(resumes=True)
    assert again.refusal(Hello("boss", resume=token)) == CannotResume.code
    house.hub.end(boss.session, "gone")
    assert again.refusal(Hello("boss", resume=token)) == CannotResume.code


def test_a_login_is_carried_on(house):
    boss = house.owner("boss", resumes=True)
    token = boss.shown(LoggedIn)[-1].resume
    house.hub.end(boss.session, "gone")
    again = house.connect(resumes=True)
    again.asks(Hello("boss", resume=token))
    assert again.person.account is not None and len(again.shown(LoggedIn)) == 1


def test_who_is_banned_where_they_come_from_now_does_not_carry_on(house, ann):
    house.owner("root1", admin=True).asks(BanFromServer("192.0.2.0/24"))
    again = house.connect(resumes=True, address="192.0.2.7")
    assert again.refusal(Hello("ann", resume=ann.token)) == BannedHere.code and not ann.session.gone


def test_what_was_missed_is_paid_for(house, ann):
    for number in range(60):
        ann.says(str(number))
    costs = []
    for seen in ({"dev": 61}, {"dev": 1}):
        ann.breaks()
        house.advance(20)
        before = ann.session.budget.level
        ann = ann.returns(seen=seen)
        costs.append(before - ann.session.budget.level)
    assert costs[1] == pytest.approx(costs[0] + 60 / MISSED_A_LINE)


def test_who_goes_while_their_room_is_read_has_never_been_there(house):
    house.account("boss")
    house.journal.seconds = 1.0
    boss = house.connect()
    boss.begins(Hello("boss", ("dev", "tea"), password=PASSWORD))
    boss.breaks()
    house.advance(5)
    house.journal.seconds = 0.0
    assert boss.session.gone and house.stored("dev") == [] == house.stored("tea")
    assert [room.name for room in house.hub.rooms] == [] and len(house.core.people) == 0


def test_a_room_that_cannot_be_recorded_ends_the_hello(house):
    ann = house.connect()
    house.journal.broken = JournalError("the disk is full")
    ann.asks(Hello("ann", ("dev", "tea")))
    assert [one.code for one in ann.shown(Refused)].count(NotStored.code) == 2, "to everyone, and once to them"
    assert entered(ann) == [] and ann.nick == "ann" and ann.shown(CaughtUp)


def test_where_people_type_a_wrong_one_is_the_next_free_nick(house):
    house.account("boss")
    stranger = house.join("boss", password="wrong horse", asks=True)
    assert stranger.nick == "boss2" and stranger.person.unproven is None and entered(stranger) == [LOBBY]
    assert [one.code for one in stranger.shown(Refused)] == [WrongPassword.code]
