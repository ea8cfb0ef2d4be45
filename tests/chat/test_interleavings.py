"""Interleavings: checks before an await are not relied on after it."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address

from chatroom.chat.people.accounts import Account
from chatroom.chat.policy import Policy
from chatroom.chat.ports import JournalError, RecordChange
from tests.house import START, House, JsonPerson, LinePerson, failures
from tests.stand_ins import SlowReads

PASSWORD = "correct horse"
FAR = IPv4Address("TCP", "192.0.2.7", 50_000)


@pytest.fixture
def house():
    with failures() as broken:
        yield House(policy=Policy(plain_login=True), paste=1)
    assert not broken, broken[0]


def waits(house: House, seconds: float) -> None:
    """Let time pass in steps as short as a read takes."""
    house.clock.pump([0.05] * int(seconds / 0.05))


def registers(person) -> None:
    person.types(f"/register {PASSWORD}")
    assert person.heard_of("Logged in as ")


def admin_of(house: House) -> JsonPerson:
    """Let an admin in."""
    chief = Account("chief", "chief", "chief", f"plain:{PASSWORD}", admin=True, since=START, seen=START)
    house.journal.change_from_outside([chief.kept()])
    house.settle()
    admin = house.join("chief", JsonPerson)
    admin.asks("login", password=PASSWORD)
    return admin


def value_of(target: str) -> dict[str, object]:
    return {"target": target, "reason": "", "by": "chatroom-admin", "at": START, "until": None}


# Seats.


def slow_house() -> House:
    house = House()
    house.journal = SlowReads(house.clock.callLater, secret=b"s" * 32)
    return house.restarted()


def test_two_that_carry_on_at_the_same_moment_are_one_and_both_are_answered():
    """One of them was given a seat after it was gone, and reading on there never ended: the server stood still."""
    house = slow_house()
    ann, bob = house.join("ann", JsonPerson), house.join("bob", JsonPerson)
    ann.asks("msg", to="bob", text="psst")
    token = ann.token
    for one in (ann, bob):
        one.asks("quit")
    house.journal.seconds = 0.01

    first, second = JsonPerson(house), JsonPerson(house)
    for one in (first, second):
        one.sends_object({"type": "hello", "nick": "ann", "resume": token})
    waits(house, 5)
    second.asks("ping")

    assert second.of_type("pong") and first.gone
    assert [one.nick for one in house.hub.rooms.get("lobby").people()] == ["ann"]
    [talk] = [room for room in house.hub.rooms if room.conversation]
    assert [seat.person.session.address for seat in talk.seats.values()] == ["127.0.0.1"]
    assert all(not seat.person.gone for room in house.hub.rooms for seat in room.seats.values())


def test_who_logs_out_while_their_messages_are_being_read_is_given_none_of_them():
    house = House(policy=Policy(plain_login=True))
    house.journal = SlowReads(house.clock.callLater, secret=b"s" * 32)
    house = house.restarted()
    ann, bob = house.join("ann", JsonPerson), house.join("bob", JsonPerson)
    ann.asks("register", password=PASSWORD)
    ann.asks("quit")
    bob.asks("msg", to="ann", text="for ann only")
    other = house.join("other", JsonPerson)
    house.journal.seconds = 0.5
    other.sends_object({"type": "login", "nick": "ann", "password": PASSWORD})
    waits(house, 0.1)
    house.journal.change_from_outside([house.hub.core.accounts.of("ann").forgotten()[0]])
    waits(house, 10)

    assert not [one for one in other.of_type("history") if one["events"]]


def test_who_carries_on_while_coming_into_a_room_is_in_it_once(house):
    ann = house.join("ann", JsonPerson)
    ann.sends_object({"type": "join", "room": "dev"})
    again = JsonPerson(house)
    again.sends_object({"type": "hello", "nick": "ann", "resume": ann.token, "seen": ann.seen})
    house.settle()

    assert [one.nick for one in house.hub.rooms.get("dev").people()] == ["ann"]
    again.asks("say", room="dev", text="here")
    assert house.words("dev") == ["here"] and again.heard_of("<ann> here")


# Nicks.


def test_a_nick_that_is_being_taken_is_given_back_when_its_taker_goes(house):
    ann, bob = house.join("ann", JsonPerson), house.join("bob")
    ann.sends_object({"type": "nick", "nick": "anna"})
    ann.sends_object({"type": "quit"})
    house.settle()

    bob.types("/nick anna")
    assert bob.heard("-- You are now known as anna.")


def test_a_second_rename_by_who_carries_on_gives_away_nobody_elses_nick(house):
    ann = house.join("ann", JsonPerson)
    ann.sends_object({"type": "nick", "nick": "anna"})
    again = JsonPerson(house)
    again.sends_object({"type": "hello", "nick": "ann", "resume": ann.token})
    again.sends_object({"type": "nick", "nick": "annika"})
    house.settle()
    house.join("ann")

    nicks = sorted(house.hub.core.nicks)
    assert len(nicks) == len(house.hub.core.people) == 2
    assert all(house.hub.core.nicks.get(session.key) is session for session in house.hub.core.people.values())


def test_a_nick_that_is_banned_while_it_is_being_taken_is_not_had(house):
    ann, bob = house.join("ann", LinePerson), house.join("bob", JsonPerson)
    ann.types("/join dev")
    bob.asks("join", room="dev")
    bob.sends_object({"type": "nick", "nick": "eve"})
    ann.sends_line("/ban eve")
    house.settle()

    assert not any(seat.person.nick == "eve" for seat in house.hub.rooms.get("dev").seats.values())


# Who rules.


def test_two_operators_who_depose_each_other_in_the_same_moment_leave_one(house):
    ann, bob = house.join("ann"), house.join("bob")
    ann.types("/join dev")
    bob.types("/join dev")
    ann.types("/op bob")
    ann.sends_line("/deop bob")
    bob.sends_line("/deop ann")
    house.settle()

    assert len(house.hub.rooms.get("dev").operators) == 1


def test_who_is_muted_says_nothing_in_the_same_moment_either(house):
    ann, bob = house.join("ann"), house.join("bob")
    ann.types("/join dev")
    bob.types("/join dev")
    ann.sends_line("/mute bob")
    bob.sends_line("one more thing")
    house.settle()

    assert "one more thing" not in house.words("dev") and bob.heard("!! You are muted in #dev.")


def test_what_could_not_be_stored_does_not_hold(house):
    ann, bob = house.join("ann"), house.join("bob")
    ann.types("/join dev")
    bob.types("/join dev")
    house.journal.broken = JournalError("the disk is full")
    ann.types("/mute bob", "/lock sesame", "/op bob", "/ban carol")
    house.journal.broken = None
    house.advance(6)

    standing = house.hub.rooms.get("dev").state
    assert not standing.mutes and not standing.bans and not standing.settings and len(standing.operators) == 1


def test_who_is_put_out_is_shown_nothing_of_what_comes_after_in_the_same_commit(house):
    ann, bob, carol = house.join("ann"), house.join("bob", JsonPerson), house.join("carol")
    for one in (ann, bob, carol):
        one.types("/join dev")
    ann.sends_line("/kick bob")
    carol.sends_line("now that he is gone")
    house.settle()

    assert "now that he is gone" in house.words("dev") and not bob.heard_of("now that he is gone")
    assert bob.of_type("left")


def test_who_stops_being_an_admin_is_kept_out_by_the_bans_of_everyone_else(house):
    chief, other = admin_of(house), JsonPerson(house, FAR)
    other.joins("other")
    other.asks("login", nick="chief", password=PASSWORD)
    chief.asks("gban", target=FAR.host)
    assert not other.gone

    other.asks("logout")
    assert other.gone


# What another program does.


def test_what_is_banned_while_another_program_writes_stays_banned(house):
    """A snapshot from before replaced what had been decided since: of 580 bans, 57 were stored and did not hold."""
    chief = admin_of(house)
    for number in range(40):
        chief.sends_object({"type": "gban", "target": f"enemy{number}"})
        house.journal.change_from_outside([RecordChange("", "ban", f"nick:other{number}", value_of(f"other{number}"))])
    house.settle()

    stored = {record.key for record in house.journal.standing() if record.kind == "ban"}
    assert len(stored) == 80
    assert all(house.hub.core.server_state.bans.get(mask) for mask in stored)


def test_a_room_that_is_being_brought_into_use_learns_what_is_changed_meanwhile():
    house = slow_house()
    house.journal.seconds = 0.5
    ann = JsonPerson(house)
    ann.sends_object({"type": "hello", "nick": "ann", "rooms": ["dev"]})
    waits(house, 1.6)
    house.journal.change_from_outside([RecordChange("dev", "ban", "nick:bob", value_of("bob"))])
    waits(house, 5)

    assert house.hub.rooms.get("dev").state.bans.get("nick:bob")


# Proofs.


def resumed(house: House, token: str, nick: str = "thief", address: object = FAR) -> JsonPerson:
    again = JsonPerson(house, address)
    again.joins(nick, resume=token)
    return again


def test_a_token_from_before_the_login_does_not_take_over_who_is_logged_in(house):
    ann = house.join("ann", JsonPerson)
    registers(ann)
    bot = house.join("bot", JsonPerson)
    before = bot.token
    bot.asks("login", nick="ann", password=PASSWORD)

    assert resumed(house, before).heard_of("!! The login behind this token has ended.")
    assert not bot.gone


def test_a_token_from_before_a_new_password_does_not_take_over_the_session(house):
    ann = house.join("ann", JsonPerson)
    registers(ann)
    [before] = [one["resume"] for one in ann.of_type("logged_in")]
    ann.asks("password", old=PASSWORD, new="another one")

    assert resumed(house, before).heard_of("!! The login behind this token has ended.")
    assert not ann.gone
    after = ann.of_type("logged_in")[-1]["resume"]
    ann.leaves()
    again = JsonPerson(house)
    again.joins("ann", resume=after)
    assert again.of_type("logged_in")


@pytest.mark.parametrize("restart", [False, True])
def test_a_token_from_before_the_logout_gives_the_account_no_more(house, restart):
    ann = house.join("ann", JsonPerson)
    registers(ann)
    [before] = [one["resume"] for one in ann.of_type("logged_in")]
    ann.asks("logout")
    ann.asks("quit")
    later = house.restarted() if restart else house

    assert resumed(later, before).heard_of("!! The login behind this token has ended.")


def test_a_logout_ends_that_login_and_no_other(house):
    ann = house.join("ann", JsonPerson)
    registers(ann)
    phone = house.join("phone", JsonPerson)
    phone.asks("login", nick="ann", password=PASSWORD)
    [logged_in] = phone.of_type("logged_in")
    ann.asks("logout")
    phone.leaves()

    again = JsonPerson(house)
    again.joins("phone", resume=logged_in["resume"])
    assert again.of_type("logged_in")


def test_two_logouts_in_the_same_moment_end_both_logins(house):
    ann, phone = house.join("ann", JsonPerson), house.join("phone", JsonPerson)
    registers(ann)
    phone.asks("login", nick="ann", password=PASSWORD)
    tokens = [one.of_type("logged_in")[-1]["resume"] for one in (ann, phone)]
    for one in (ann, phone):
        one.sends_object({"type": "logout"})
        one.sends_object({"type": "quit"})
    house.settle()

    for token in tokens:
        assert resumed(house, token).heard_of("has ended")


def test_a_ban_from_the_server_ends_all_logins_for_good(house):
    chief, ann = admin_of(house), house.join("ann", JsonPerson)
    registers(ann)
    [token] = [one["resume"] for one in ann.of_type("logged_in")]
    chief.asks("gban", target="ann")
    chief.asks("gunban", target="ann")

    assert resumed(house, token).heard_of("!! The login behind this token has ended.")


def test_very_many_logouts_end_all_logins_rather_than_be_remembered(house):
    ann = house.join("ann", JsonPerson)
    registers(ann)
    for _ in range(70):
        ann.asks("logout")
        house.advance(10)
        ann.asks("login", nick="ann", password=PASSWORD)

    proofs = house.hub.core.accounts.proofs(house.hub.core.accounts.of("ann"))
    assert proofs.epoch == 1 and len(proofs.ended) < 64


# Names that are somebody's.


def test_under_a_registered_nick_a_stranger_says_nothing(house):
    """A stranger said hello anew each minute, and talked under the owner's name: 60 lines of 60 were shown."""
    ann, bob = house.join("ann"), house.join("bob")
    registers(ann)
    ann.types("exit")
    stranger = house.join("ann", JsonPerson)
    stranger.types("I am ann", "/me lies", "/msg bob send me money", "/topic mine", "/join dev", "/away", "/who")

    refused = "!! The nick ann is registered: /login first, or take another one with /nick."
    assert stranger.lines[-7:] == [refused] * 7 and not bob.heard_of("money")
    assert house.words() == []
    stranger.types("/nick eve", "hello")
    assert house.words() == ["hello"]


def test_who_is_muted_says_nothing_by_renaming_either(house):
    ann, bob = house.join("ann"), house.join("bob")
    ann.types("/join dev")
    bob.types("/join dev")
    ann.types("/mute bob")
    bob.types("/nick ann-is-a-fool")

    assert bob.heard("!! You can't change your nick while you are muted in #dev.")
    assert not ann.heard_of("fool")


def test_who_is_ignored_invites_nobody(house):
    ann, bob = house.join("ann"), house.join("bob")
    bob.types("/ignore ann")
    ann.types("/join dev", "/invite bob")

    assert not bob.heard_of("invites you")


# Slow rooms.


def slow_room(house: House) -> tuple[LinePerson, str]:
    ann = house.join("ann")
    ann.types("/join dev", "/slow 30")
    return ann, "!! #dev is in slow mode: you can talk again in 30 seconds."


def comes_to(house: House, nick: str, address: object = FAR) -> LinePerson:
    person = LinePerson(house, address)
    person.joins(nick, "dev")
    return person


def test_a_fresh_guest_does_not_pass_slow_mode_for_one_who_has_left(house):
    slow_room(house)
    bob = comes_to(house, "bob")
    bob.types("one", "exit")
    eve = comes_to(house, "eve")
    eve.types("two")

    assert house.words("dev")[-1] == "one" and eve.heard_of("!! #dev is in slow mode")
    house.advance(31)
    eve.types("three")
    assert house.words("dev")[-1] == "three"


def test_two_guests_of_one_place_who_are_both_there_do_not_slow_each_other(house):
    slow_room(house)
    bob, eve = comes_to(house, "bob"), comes_to(house, "eve")
    bob.types("one", "exit")
    eve.types("two")

    assert house.words("dev")[-2:] == ["one", "two"]


def test_logging_in_and_out_is_no_way_around_slow_mode(house):
    _, slow = slow_room(house)
    bob = house.join("bob")
    bob.types("/join dev", "one", f"/register {PASSWORD}", "two", "/logout", "three")

    assert house.words("dev")[-1] == "one" and bob.heard(slow)


# Time.


def test_a_clock_that_is_set_back_keeps_nobody_waiting(house):
    """With timers by the wall clock, storing froze for as long as the clock had gone back."""
    ann, bob = house.join("ann"), house.join("bob")
    for n in range(60):
        ann.sends_line(f"line {n}")
    house.wall_ahead -= 1000
    house.advance(10)

    assert bob.heard("<ann> line 59")
    bob.types("/time")
    assert bob.lines[-1].startswith("-- Friday, 2026-01-02 02:4")
