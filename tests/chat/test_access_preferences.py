"""Preferences: kept with the account, applied where one is."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.accounts import LogIn
from chatroom.chat.commands.identity import Rename
from chatroom.chat.commands.preferences import Color, GoAway, Ignore, Notify, Unignore
from chatroom.chat.commands.server import Quit
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.chat.refusals import BadInput, BadName, NotStored, TooMany
from chatroom.chat.replies import Preferences, Refused

from .bare import PASSWORD, BareHouse


@pytest.fixture
def boss(house):
    return house.owner("boss")


def kept(house):
    return {record.key: record.value for record in house.journal.standing() if record.kind == "preferences"}


def test_what_an_account_prefers_is_kept_and_there_again(house, boss):
    boss.asks(Ignore("Bob"))
    boss.asks(Notify("mentions"))
    boss.asks(Color("on"))
    switches = {"color": True, "plain": False, "others": False, "numbers": False, "correct": False}
    value = {"ignore": ["Bob"], "notify": "mentions", **switches}
    assert kept(house) == {"boss-id": value}
    expected = Preferences(("Bob",), "mentions", color=True)
    for restarted in (False, True):
        again = (house.restarted() if restarted else house).join("boss", password=PASSWORD)
        assert again.person.preferences == expected and again.shown(Preferences) == [expected]
        assert "bob" in again.outlet.ignored and again.outlet.preferences == expected


def test_what_is_ordinary_is_not_told(boss):
    assert boss.shown(Preferences) == []


def test_away_is_of_now_and_not_kept(house, boss):
    boss.asks(Color("on"))
    boss.asks(GoAway("lunch"))
    boss.asks(Notify("all"))
    assert boss.person.preferences.away == "lunch" == boss.person.away
    assert house.join("boss", password=PASSWORD).person.preferences.away == "lunch", "on every device"
    for session in boss.person.sessions:
        session.quit("")
    assert house.join("boss", password=PASSWORD).person.preferences.away is None


def test_who_logs_in_stays_away(house, boss):
    boss.asks(Color("on"))
    boss.asks(Quit(""))
    guest = house.join("carl")
    guest.asks(GoAway("lunch"))
    guest.asks(LogIn("boss", PASSWORD))
    assert guest.person.preferences == Preferences(color=True, away="lunch")


def test_a_guest_keeps_them_as_long_as_they_are_here(house):
    ann = house.join("ann", resumes=True)
    ann.asks(Color("on"))
    again = ann.returns()
    assert again.shown(Preferences) == [Preferences(color=True)] and again.outlet.preferences.color
    assert kept(house) == {}


def test_the_answer_names_what_has_changed(boss):
    assert boss.answer(Notify("all"), Preferences).changed == ("notify",)
    assert boss.answer(Ignore("bob"), Preferences) == Preferences(("bob",), "all", changed=("ignore",))
    assert boss.answer(Ignore(), Preferences) == Preferences(("bob",), "all", asked=("ignore",))


def test_nobody_ignores_themselves_or_what_is_no_nick(boss):
    assert boss.refusal(Ignore("BOSS")) == BadInput.code and boss.refusal(Ignore("a b")) == BadName.code
    assert boss.refusal(Unignore("bob")) == BadInput.code


def test_one_ignores_so_many_and_no_more():
    house = BareHouse(ignored=2)
    ann = house.join("ann")
    for nick in ("bob", "carl"):
        ann.asks(Ignore(nick))
    assert ann.refusal(Ignore("dan")) == TooMany.code
    ann.asks(Unignore("BOB"))
    assert ann.answer(Ignore("dan"), Preferences).ignore == ("carl", "dan")


def test_who_is_ignored_twice_is_so_once_as_last_written(house):
    ann = house.join("ann")
    for nick in ("bob", "carl", "BOB"):
        ann.asks(Ignore(nick))
    assert ann.person.preferences.ignore == ("carl", "BOB")


def test_who_is_ignored_under_another_nick_is_so_until_they_are_not(house):
    ann, bob = house.join("ann"), house.join("bob")
    ann.asks(Ignore("bob"))
    assert bob.person.identity in ann.outlet.ignored
    bob.asks(Rename("zoe"))
    assert bob.person.identity in ann.outlet.ignored
    ann.asks(Unignore("bob"))
    assert bob.person.identity not in ann.outlet.ignored and not ann.person.ignores(bob.person)


def test_who_takes_a_nick_that_they_ignore_hears_themselves(house):
    ann = house.join("ann")
    ann.asks(Ignore("zoe"))
    ann.asks(Rename("zoe"))
    assert "zoe" not in ann.outlet.ignored and ann.person.identity not in ann.outlet.ignored


def test_who_has_gone_is_forgotten(house):
    ann, bob = house.join("ann"), house.join("bob")
    ann.asks(Ignore("bob"))
    bob.breaks()
    ann.asks(Ignore("carl"))
    assert bob.person.identity not in ann.person.unheard and "bob" in ann.outlet.ignored


def test_a_change_of_the_record_is_known_at_the_next_login(house, boss):
    boss.breaks()
    value = {"ignore": ["zoe"], "notify": "", "color": False, "plain": True}
    house.change_from_outside(RecordChange("", "preferences", "boss-id", value))
    # A record from before there was a preference lacks it.
    added = dict.fromkeys(("others", "numbers", "correct"), False)
    assert house.hub.preferences.value("boss-id") == {**value, "ignore": ("zoe",), **added}
    assert house.owner("boss").person.preferences == Preferences(("zoe",), plain=True)
    house.change_from_outside(RecordChange("", "preferences", "boss-id", None))
    assert house.hub.preferences.value("boss-id") is None


def test_what_cannot_be_stored_is_refused(house, boss):
    house.journal.broken = JournalError("the disk is full")
    assert boss.refusal(Color("on")) == NotStored.code and kept(house) == {}
    assert boss.refusal(Ignore("bob")) == NotStored.code
    assert boss.shown(Refused)[-1].text.startswith("Not done: nothing can be stored now (the disk is full)")
    house.journal.broken = None
    assert boss.answer(Notify("all"), Preferences) == Preferences(notify="all", changed=("notify",))
    assert not boss.outlet.preferences.color and not boss.person.ignored
