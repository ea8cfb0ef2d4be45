"""Guests through the doors: impersonation, and abuse at others' expense."""

from __future__ import annotations

import gc
import re
from dataclasses import replace

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred

from chatroom.chat.access import password_shares
from chatroom.chat.fair_queue import NAMES_A_LINE
from chatroom.chat.people.accounts import Account
from chatroom.chat.ports import RecordChange
from chatroom.chat.rooms.speech import say
from chatroom.chat.syntax import names
from tests.doors.turning import turn
from tests.house import House, JsonPerson, failures
from tests.processor_time import ProcessorTime

PASSWORD = "correct horse"
HERE, FAR = IPv4Address("TCP", "192.0.2.7", 50_000), IPv4Address("TCP", "198.51.100.1", 50_000)


@pytest.fixture
def house():
    with failures() as broken:
        yield House(registrations=100)
    assert not broken, broken[0]


def comes(house, nick, address=None, **more):
    """Let a person join, from this machine or another."""
    person = JsonPerson(house) if address is None else JsonPerson(house, address)
    person.joins(nick, **more)
    return person


def owner(house, nick="ann"):
    """Have a person register *nick* and leave."""
    one = comes(house, nick)
    one.asks("register", password=PASSWORD)
    one.asks("quit")


def lines_left(house, nick):
    """Return how many lines the person *nick* could say at once."""
    return house.hub.core.nicks.get(nick).session.budget.level


# Under registered names.


def test_a_stranger_says_nothing_under_a_registered_nick_by_leaving(house):
    owner(house)
    bob, stranger = comes(house, "bob"), comes(house, "ann")
    stranger.asks("quit", reason="I hate you all")

    assert bob.of_type("left")[-1]["nick"] == "ann" and bob.of_type("left")[-1]["reason"] == ""


def test_the_owner_gives_a_reason_for_leaving(house):
    owner(house)
    bob, ann = comes(house, "bob"), comes(house, "ann", password=PASSWORD)
    ann.asks("quit", reason="gone home")

    assert bob.of_type("left")[-1]["reason"] == "gone home"


def test_an_invitation_does_not_go_to_a_stranger_who_has_the_nick(house):
    owner(house)
    bob = comes(house, "bob", rooms=["den"])
    bob.asks("private")
    stranger = comes(house, "ann")
    assert bob.asks("invite", nick="ann")[-1]["code"] == "not_here"
    stranger.asks("nick", nick="eve")
    assert stranger.asks("join", room="den")[-1]["code"] == "locked"

    ann = comes(house, "ann2")
    ann.asks("login", nick="ann", password=PASSWORD)
    bob.asks("invite", nick="ann")
    assert ann.heard("-- bob invites you to #den: /join den")


def test_a_guest_whose_nick_is_registered_by_an_admin_meanwhile_is_given_another(house):
    guest = comes(house, "boss")
    house.hub.ledger.changed([Account("id", "boss", "boss", "hash", True, 1.0, 1.0).kept()])
    assert guest.heard_of("The nick boss is registered.")
    house.advance(house.limits.login_within)

    assert guest.heard_of("you are now boss2")


def test_a_stranger_who_has_a_registered_nick_is_not_said_to_be_its_owner(house):
    owner(house)
    comes(house, "ann")
    bob = comes(house, "bob")
    assert bob.asks("seen", nick="ann")[-1]["here"] is False

    comes(house, "other").asks("login", nick="ann", password=PASSWORD)
    assert bob.asks("seen", nick="ann")[-1]["here"] is True


def test_a_clock_that_is_ahead_for_a_moment_brings_no_token_back(house):
    ann = comes(house, "ann")
    ann.asks("register", password=PASSWORD)
    token = ann.of_type("logged_in")[-1]["resume"]
    ann.asks("logout")
    ann.asks("quit")
    house.wall_ahead = house.limits.token_lasts + 1
    again = comes(house, "ann", password=PASSWORD)
    again.asks("logout")
    again.asks("quit")
    house.wall_ahead = 0.0

    assert comes(house, "eve", resume=token).objects[-1]["code"] == "cannot_resume"


def test_whoever_has_taken_all_alternatives_to_a_nick_keeps_nobody_from_coming_in():
    house = House(rate=0)
    owner(house)
    for name in ("ann", *names.alternatives("ann", 32)):
        comes(house, name)
    refused = comes(house, "ann").objects[-1]
    assert refused["code"] == "nick_taken" and re.search(r"guest\d+ is free", refused["text"])

    ann = comes(house, "ann", password=PASSWORD)
    assert ann.of_type("logged_in") and ann.of_type("nick")[-1]["nick"] == "ann"


@pytest.mark.parametrize("nick", ["ß" * 16, "n" * 32, "7" * 32])
def test_a_stranger_is_given_another_nick_that_is_not_too_long(house, nick):
    owner(house, nick)
    stranger = comes(house, nick)
    ann = comes(house, "ann")
    ann.asks("login", nick=nick, password=PASSWORD)

    assert ann.of_type("nick")[-1]["nick"] == nick and ann.of_type("logged_in")
    assert stranger.of_type("nick")[-1]["nick"] != nick


def test_a_stranger_is_given_another_nick_though_all_alternatives_are_taken():
    house = House(rate=0)
    owner(house)
    for name in names.alternatives("ann", 32):
        comes(house, name)
    stranger = comes(house, "ann")
    house.advance(house.limits.login_within)

    assert re.fullmatch(r"guest\d+", stranger.of_type("nick")[-1]["nick"])


# Whom somebody ignores.


@pytest.mark.parametrize("before", [True, False])
def test_who_is_ignored_stays_so_under_another_nick(house, before):
    ann = comes(house, "ann")
    if before:
        ann.asks("ignore", nick="bob")
    bob = comes(house, "bob", rooms=["lobby", "den"])
    if not before:
        ann.asks("ignore", nick="bob")
    bob.asks("nick", nick="bobby")
    bob.asks("say", text="you cannot", room="lobby")
    bob.asks("invite", nick="ann", room="den")
    ann.asks("notify", when="all")
    ann.asks("ignore", nick="carol")
    bob.asks("say", text="stop me", room="lobby")
    assert not ann.heard_of("you cannot") and not ann.heard_of("invites") and not ann.heard_of("stop me")

    ann.asks("unignore", nick="bob")
    bob.asks("say", text="hello again", room="lobby")
    assert ann.heard_of("hello again")


def test_an_answer_does_not_go_to_who_is_ignored(house):
    ann, bob, fay = comes(house, "ann"), comes(house, "bob"), comes(house, "fay")
    ann.asks("ignore", nick="bob")
    fay.asks("msg", to="ann", text="what is the code?")
    bob.asks("msg", to="ann", text="psst")
    ann.asks("reply", text="it is 7")

    assert fay.of_type("whispered")[-1]["text"] == "it is 7" and not bob.heard_of("it is 7")


def test_who_is_muted_shows_nothing_by_inviting(house):
    ann, bob = comes(house, "ann", rooms=["den"]), comes(house, "bob", rooms=["den"])
    comes(house, "listen_to_me")
    ann.asks("mute", target="bob")
    assert bob.asks("invite", nick="listen_to_me")[-1]["code"] == "muted"
    ann.asks("unmute", target="bob")
    ann.asks("slow", seconds=60)
    comes(house, "me_again")

    assert bob.asks("invite", nick="listen_to_me")[-1]["type"] == "invited"
    assert bob.asks("invite", nick="me_again")[-1]["code"] == "too_soon"
    assert len(ann.of_type("invited")) == 1


@pytest.mark.parametrize("target", ["bob", "account:bob"])
def test_who_is_muted_stays_so_as_a_guest(house, target):
    owner(house, "bob")
    ann = comes(house, "ann", rooms=["den"])
    bob = comes(house, "bob", password=PASSWORD)
    bob.asks("join", room="den")
    ann.asks("private")
    ann.asks("mute", target=target)
    bob.asks("logout")
    bob.asks("nick", nick="bobby")
    house.advance(house.limits.login_within)
    assert bob.asks("say", text="hello", room="den")[-1]["code"] == "muted"

    ann.asks("unmute", target=target)
    assert bob.asks("say", text="hello", room="den")[-1]["type"] == "said"


# What others would pay for.


def visited_by_many(house, nick, many=200):
    """Have *many* guests say something to *nick* and leave."""
    for number in range(many):
        guest = comes(house, f"guest{number}", FAR)
        guest.asks("msg", to=nick, text="hi")
        guest.asks("quit")
        house.clock.advance(0.1)


def test_conversations_whose_other_end_is_gone_keep_nobody_from_talking(house):
    ann = comes(house, "ann")
    ann.leaves()
    visited_by_many(house, "ann")
    ann, fay = ann.returns(), comes(house, "fay")
    gus = comes(house, "gus")
    assert house.hub.core.nicks.get("ann").conversations == house.limits.conversations

    assert ann.asks("msg", to="fay", text="hello")[-1]["type"] == "whispered"
    assert gus.asks("msg", to="ann", text="hello")[-1]["type"] == "whispered"
    assert fay.heard_of("hello") and ann.of_type("whispered")[-1]["nick"] == "gus"
    assert house.hub.core.nicks.get("ann").conversations <= house.limits.conversations


def test_what_others_have_left_is_not_paid_for_by_who_is_given_it(house):
    owner(house)
    visited_by_many(house, "ann", 250)
    fay = comes(house, "fay")
    fay.asks("msg", to="ann", text="from a friend")
    ann = comes(house, "ann", password=PASSWORD)

    assert len([one for one in ann.of_type("history") for _ in one["events"]]) == 251
    assert any("from a friend" in str(one) for one in ann.of_type("history"))
    assert lines_left(house, "ann") > 40


def test_a_session_that_comes_from_elsewhere_leaves_the_others_of_its_account_where_they_are(house):
    house.hub.set_policy(replace(house.policy, plain_login=True))
    one = comes(house, "ann", HERE)
    one.asks("register", password=PASSWORD)
    for _ in range(40):
        laptop = comes(house, "laptop", HERE)
        laptop.asks("login", nick="ann", password=PASSWORD)
        laptop.leaves()
        phone = comes(house, "phone", FAR)
        phone.asks("login", nick="ann", password=PASSWORD)
        [person] = house.hub.core.people.values()
        assert {one.place for one in person.sessions if one.address == "192.0.2.7"} == {"192.0.2.7"}
        phone.asks("quit")
        house.advance(10)
    house.advance(house.limits.grace + 1)

    assert house.hub.broken == 0 and len(house.hub.core.people) == 1


def test_what_two_sessions_of_an_account_say_comes_out_of_one_budget(house):
    owner(house)
    one, two = comes(house, "ann", password=PASSWORD), comes(house, "two")
    two.asks("login", nick="ann", password=PASSWORD)
    before = lines_left(house, "ann")
    for _ in range(10):
        two.asks("say", text="hello")

    assert lines_left(house, "ann") == pytest.approx(before - 10) and one.heard_of("hello")


class SlowPasswords:
    """Password checks that finish only when the test says so."""

    def __init__(self):
        self.waiting = []

    def hash(self, password):
        return self.verify(None, password)

    def verify(self, hashed, password):
        waiting = Deferred()
        self.waiting.append(waiting)
        return waiting


def test_one_place_does_not_keep_others_from_logging_in(house):
    owner(house)
    house.hub.set_policy(replace(house.policy, plain_login=True))
    people = [comes(house, f"person{number}", HERE) for number in range(password_shares.AT_ONCE + 3)]
    house.hub.core.passwords = passwords = SlowPasswords()
    for one in people:
        one.asks("register", password=PASSWORD)
    assert len(passwords.waiting) == password_shares.AT_ONCE and not any(one.of_type("refused") for one in people)

    ann = comes(house, "ann", FAR)
    ann.asks("login", password=PASSWORD)
    passwords.waiting[-1].callback(True)
    house.settle()
    assert ann.of_type("logged_in")
    for one in passwords.waiting:
        if not one.called:
            one.callback("a hash")
    house.settle()
    assert all(one.of_type("logged_in") for one in people)


def test_who_goes_while_they_wait_for_their_password_leaves_nothing_behind(house):
    house.hub.set_policy(replace(house.policy, plain_login=True))
    people = [comes(house, f"person{number}", HERE) for number in range(password_shares.AT_ONCE + 3)]
    house.hub.core.passwords = passwords = SlowPasswords()
    for one in people:
        one.asks("register", password=PASSWORD)
        one.leaves()
    house.advance(house.limits.grace + 1)
    for one in passwords.waiting:
        one.callback("a hash")
    house.settle()

    assert (
        len(passwords.waiting) == password_shares.AT_ONCE + 3
        and not house.hub.core.people
        and not len(house.hub.core.accounts)
    )


def test_no_more_wait_for_their_passwords_than_a_class(monkeypatch, house):
    monkeypatch.setattr(password_shares, "WAITING", 2)
    house.hub.set_policy(replace(house.policy, plain_login=True))
    people = [comes(house, f"person{number}", HERE) for number in range(password_shares.AT_ONCE + 3)]
    house.hub.core.passwords = SlowPasswords()
    for one in people:
        one.asks("register", password=PASSWORD)

    assert [one.nick for one in people if one.heard_of("Too many people are logging in")] == [people[-1].nick]


# What is charged for.


def test_another_nick_is_paid_for_in_each_room(house):
    eve = comes(house, "eve", rooms=[f"room{number}" for number in range(20)])
    before = lines_left(house, "eve")
    eve.asks("nick", nick="eva")

    assert before - lines_left(house, "eva") == 20


def said(house, room, count):
    """Say *count* lines in *room*, by a person who stays."""
    one = comes(house, room, rooms=[room])
    session, place = house.hub.core.nicks.get(room).session, house.hub.rooms.get(room)
    for _ in range(count):
        say(place, session, "x")
    house.settle()
    return one


def test_a_newcomer_pays_for_what_they_say_they_have_missed(house):
    rooms = ["one", "two", "three"]
    for room in rooms:
        said(house, room, 3000)
    eve = comes(house, "eve", rooms=rooms, seen=dict.fromkeys(rooms, 0))

    assert len(eve.of_type("said")) == 9000 and lines_left(house, "eve") < 50 - 3 - 8.9


def test_who_takes_up_many_conversations_again_pays_for_each(house):
    eve = comes(house, "eve")
    session = house.hub.core.nicks.get("eve")
    for number in range(100):
        guest = comes(house, f"guest{number}", FAR)
        guest.asks("msg", to="eve", text="hi")
        house.clock.advance(0.2)
    eve.asks("quit")
    house.advance(60)
    eve.returns()

    assert house.hub.core.nicks.get("eve") is not session
    assert house.hub.core.nicks.get("eve").conversations == 100 and lines_left(house, "eve") < 50 - 25


def test_the_names_of_many_people_cost_more_than_a_line(house):
    people = 250
    house.hub.set_policy(replace(house.policy, limits=replace(house.limits, rate=0)))
    for number in range(people):
        comes(house, f"p{number}")
    house.hub.set_policy(house.policy)
    eve = comes(house, "eve")
    before = lines_left(house, "eve")
    for _ in range(10):
        eve.asks("join", room="lobby")

    assert before - lines_left(house, "eve") == pytest.approx(10 * (1 + (people + 1) / NAMES_A_LINE))
    assert len(eve.of_type("room")) == 11


@pytest.mark.parametrize(
    ("command", "times"), [({"kind": "join", "room": "dev"}, 1), ({"kind": "search", "words": "hello in:dev"}, 2)]
)
def test_who_has_a_room_read_pays_for_its_bans(house, command, times):
    ann = comes(house, "ann", rooms=["dev"])
    person, room = house.hub.core.nicks.get("ann"), house.hub.rooms.get("dev")
    value = {"target": "x", "reason": "", "by": "ann", "at": 1.0, "until": None}
    room.append(
        person.session,
        room.left(person, ""),
        [RecordChange("dev", "ban", f"nick:x{one}", value) for one in range(5000)],
    )
    house.settle()
    ann.asks("quit")
    assert house.hub.rooms.get("dev") is None
    eve = comes(house, "eve")
    before = lines_left(house, "eve")
    eve.asks(**command)

    assert before - lines_left(house, "eve") >= 20 * times


# Everything at once.


def longest_turn(house):
    """Let everything happen that is due; return the seconds of the processor that the longest turn of it took."""
    gc.collect()
    longest = 0.0
    for _ in range(1000):
        with ProcessorTime() as taken:
            turn(house)
        longest = max(longest, taken.seconds)
    return longest


def test_people_who_leave_together_keep_nobody_waiting():
    house = House(rate=0)
    op = comes(house, "op", rooms=["dev"])
    people = [comes(house, f"p{number}", rooms=["dev"]) for number in range(300)]
    for one in people:
        one.sends_object({"type": "leave"})
    longest = longest_turn(house)

    left = [one["nick"] for one in op.of_type("left")]
    assert len(left) == 300 == len(set(left)) and longest < 0.04
    for number, one in enumerate(people):
        shown = [event["nick"] for event in one.of_type("left")]
        assert shown == left[: number + 1] and one.objects[-1]["type"] == "notice"
        assert not one.of_type("gap") and one.seqs("dev") == list(range(one.seqs("dev")[0], one.seqs("dev")[-1] + 1))


def test_people_who_come_in_together_keep_nobody_waiting():
    house = House(rate=0)
    people = [comes(house, f"p{number}") for number in range(400)]
    for one in people:
        one.sends_object({"type": "join", "room": "dev"})

    assert longest_turn(house) < 0.06
    assert len(house.hub.rooms.get("dev").seats) == 400
    for number, one in enumerate(people):
        assert one.of_type("room")[-1]["seq"] == number
        assert [event["nick"] for event in one.of_type("joined") if event["room"] == "dev"] == [
            f"p{later}" for later in range(number, 400)
        ]


def test_who_goes_before_it_is_their_turn_to_come_in_has_left(house):
    ann, bob = comes(house, "ann", rooms=["dev"]), comes(house, "bob")
    house.hub.core.fair_queue.call(lambda: None, 8)
    bob.sends_object({"type": "join", "room": "dev"})
    for _ in range(30):
        if ann.heard_of("bob joined #dev"):
            break
        turn(house)
    assert "bob" not in [seat.person.nick for seat in house.hub.rooms.get("dev").seats.values()]
    bob.wire.vanish()
    house.advance(house.limits.grace + 1)

    assert ann.heard_of("bob left #dev") and len(house.hub.rooms.get("dev").seats) == 1
