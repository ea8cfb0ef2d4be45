"""Other nicks: asked for, or given to who has one that is not theirs."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.commands.accounts import LogIn
from chatroom.chat.commands.identity import Rename
from chatroom.chat.commands.messages import Whisper
from chatroom.chat.commands.moderation import Ban, Mute, Unmute
from chatroom.chat.commands.preferences import Ignore
from chatroom.chat.commands.rooms import Join
from chatroom.chat.commands.server_admin import BanFromServer
from chatroom.chat.events import Left, Renamed
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import (
    BadInput,
    BadName,
    BannedHere,
    MutedHere,
    NickTaken,
    NotNow,
    NotStored,
)
from chatroom.chat.replies import NickChanged, Notice, Refused

from .bare import PASSWORD


@pytest.fixture
def ann(house):
    return house.join("ann", "dev")


@pytest.fixture
def bob(house, ann):
    return house.join("bob", "dev")


def test_everyone_sees_another_nick_in_each_room_and_the_asker_is_told_last(house, ann, bob):
    bob.asks(Join("tea"))
    house.join("carl").asks(Whisper("bob", "hi"))
    shown = bob.asks(Rename("Zoe"), ref="r")
    assert sorted(event.room for event in bob.shown(Renamed)) == ["dev", "tea"], "and in no conversation"
    assert shown[-1] == NickChanged("Zoe") and bob.outlet.refs[-1] == "r"
    assert [(event.nick, event.new, event.ref) for event in ann.shown(Renamed)] == [("bob", "Zoe", "r")]
    assert (bob.person.nick, bob.person.key, bob.person.becoming) == ("Zoe", "zoe", None)
    assert house.core.nicks.get("zoe") is bob.person and house.core.nicks.get("bob") is None


def test_the_case_of_a_nick_can_be_changed_and_the_nick_itself_is_no_change(house, ann):
    assert ann.refusal(Rename("ann")) == BadInput.code
    ann.asks(Rename("ANN"))
    assert ann.nick == "ANN" and house.core.nicks.get("ann") is ann.person


def test_what_is_taken_registered_or_none_is_refused(house, ann, bob):
    house.account("boss")
    for nick, code in (
        ("bob", NickTaken.code),
        ("BOSS", NickTaken.code),
        ("a b", BadName.code),
        ("root", BadName.code),
    ):
        assert ann.refusal(Rename(nick)) == code
    assert ann.nick == "ann" and house.core.nicks.get("ann") is ann.person


def test_the_owner_may_have_the_registered_nick(house):
    boss = house.owner("boss")
    boss.asks(Rename("chief"))
    boss.asks(Rename("boss"))
    assert boss.nick == "boss" and boss.person.unproven is None


def test_there_is_one_change_at_a_time(house, bob):
    bob.person.becoming = ("Zoe", "zoe")
    assert bob.refusal(Rename("yan")) == NotNow.code and house.core.nicks.get("yan") is None
    assert "Zoe" in bob.shown(Refused)[-1].text, "as it is written"


def test_who_is_muted_anywhere_keeps_their_nick(house, ann, bob):
    bob.asks(Join("tea"))
    ann.asks(Mute("bob"))
    assert bob.refusal(Rename("zoe")) == MutedHere.code and house.core.nicks.get("zoe") is None
    ann.asks(Unmute("bob"))
    bob.asks(Rename("zoe"))
    assert bob.nick == "zoe"


def test_a_nick_that_is_banned_in_a_room_of_theirs_is_not_to_be_had(house, ann, bob):
    ann.asks(Ban("zoe"))
    assert bob.refusal(Rename("zoe")) == BannedHere.code and house.core.nicks.get("zoe") is None
    assert house.core.nicks.get("bob") is bob.person
    carl = house.join("carl")
    carl.asks(Rename("zoe"))
    assert carl.nick == "zoe", "elsewhere it is"


def test_nor_one_that_is_banned_from_the_server_but_by_admins(house, ann):
    admin = house.owner("root1", admin=True)
    admin.asks(BanFromServer("zoe"))
    assert ann.refusal(Rename("zoe")) == BannedHere.code
    admin.asks(Rename("zoe"))
    assert admin.nick == "zoe" and not admin.session.gone


def test_what_cannot_be_recorded_has_not_happened(house, ann, bob):
    house.journal.broken = JournalError("the disk is full")
    bob.asks(Rename("zoe"))
    assert bob.shown(Refused)[-1].code == NotStored.code and bob.shown(NickChanged) == []
    assert (bob.nick, bob.person.becoming, house.core.nicks.get("zoe")) == ("bob", None, None)
    house.journal.broken = None
    assert ann.answer(Rename("zoe"), NickChanged) == NickChanged("zoe")


def test_each_room_but_the_first_is_paid_for(house):
    costs = []
    for rooms in (("a",), ("a", "b", "c")):
        person = house.join(f"p{len(rooms)}", *rooms, address=f"192.0.2.{len(rooms)}")
        level = person.session.budget.level
        person.asks(Rename(f"q{len(rooms)}"))
        costs.append(level - person.session.budget.level)
    assert costs == [0.0, pytest.approx(2.0)]


def test_who_ignores_somebody_goes_on_doing_so(ann, bob):
    ann.asks(Ignore("bob"))
    bob.asks(Rename("zoe"))
    assert ann.person.ignores(bob.person) and bob.person.identity in ann.outlet.ignored


def test_a_stranger_has_so_long_to_prove_a_nick_and_is_then_given_another(house):
    house.account("boss")
    stranger = house.join("boss")
    house.advance(house.limits.login_within - 1)
    assert stranger.nick == "boss"
    house.advance(1)
    assert stranger.nick == "boss2" and stranger.shown(NickChanged) == [NickChanged("boss2")]
    assert [(event.nick, event.new) for event in stranger.shown(Renamed)] == [("boss", "boss2")]
    assert isinstance(stranger.outlet.everything[-1], Notice)


def test_who_proves_it_keeps_it(house):
    house.account("boss")
    owner = house.join("boss")
    owner.asks(LogIn("boss", PASSWORD))
    house.advance(2 * house.limits.login_within)
    assert owner.nick == "boss" and owner.shown(NickChanged) == []


def test_if_that_cannot_be_recorded_there_is_a_next_time(house):
    house.account("boss")
    stranger = house.join("boss")
    house.journal.broken = JournalError("the disk is full")
    house.advance(house.limits.login_within)
    assert stranger.nick == "boss" and house.core.nicks.get("boss2") is None
    house.journal.broken = None
    house.advance(house.limits.login_within)
    assert stranger.nick == "boss2"


def test_who_has_gone_by_then_is_not_renamed(house):
    bob = house.join("bob")
    house.account("boss")
    stranger = house.join("boss")
    stranger.breaks()
    house.advance(2 * house.limits.login_within)
    assert bob.shown(Renamed) == [] and house.core.nicks.get("boss") is None


def test_who_goes_while_they_get_another_nick_leaves_nothing_behind(house, ann, bob):
    bob.begins(Rename("zoe"))
    bob.breaks()
    assert house.core.nicks.get("zoe") is None is house.core.nicks.get("bob")
    assert [event.nick for event in ann.shown(Left)] == ["zoe"] and len(house.core.nicks) == 1


def test_who_is_just_getting_another_nick_is_given_none(house):
    house.account("boss")
    stranger = house.join("boss")
    stranger.begins(Rename("zoe"))
    Deferred.fromCoroutine(house.hub.renaming.force_rename(stranger.person))
    house.settle()
    assert stranger.nick == "zoe" and [event.new for event in stranger.shown(Renamed)] == ["zoe"]
