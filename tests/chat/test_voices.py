"""Voices: rooms in which only some may speak."""

import pytest

from chatroom.chat.changes import Deleted
from chatroom.chat.events import Left, RoleChanged, Said, SettingChanged
from tests.house import House, JsonPerson, LinePerson, failures


@pytest.fixture
def house():
    with failures() as broken:
        yield House(rate=0)
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    """The operator of #den."""
    ann = house.join("ann", JsonPerson)
    ann.asks("join", room="den")
    return ann


@pytest.fixture
def bob(house, ann):
    bob = house.join("bob", JsonPerson)
    bob.asks("join", room="den")
    return bob


def code(answers):
    return answers[-1].get("code")


def test_only_operators_and_those_with_a_voice_speak_in_a_moderated_room(house, ann, bob):
    ann.asks("moderated", room="den")
    assert code(bob.asks("say", text="hi", room="den")) == "not_allowed"
    assert code(bob.asks("me", text="waves", room="den")) == "not_allowed"
    assert code(bob.asks("topic", topic="mine", room="den")) == "not_allowed"
    ann.asks("say", text="order", room="den")
    ann.asks("voice", nick="bob", room="den")
    assert bob.asks("say", text="thanks", room="den")[-1]["type"] == "said"
    ann.asks("devoice", nick="bob", room="den")
    assert code(bob.asks("say", text="hey", room="den")) == "not_allowed"
    ann.asks("moderated", switch="off", room="den")
    assert bob.asks("say", text="free", room="den")[-1]["type"] == "said"
    assert [event.text for _, event in house.stored("den") if type(event) is Said] == ["order", "thanks", "free"]


def test_who_has_no_voice_speaks_by_no_other_means(house, ann, bob):
    """By reactions, and the reasons for leaving and deleting; the words of a correction are checked as others are."""
    ann.asks("say", text="hello", room="den")
    bob.asks("say", text="hi", room="den")
    theirs, mine = [seq for seq, event in house.stored("den") if type(event) is Said]
    ann.asks("moderated", room="den")
    assert code(bob.asks("react", seq=theirs, emoji="\N{THUMBS UP SIGN}", room="den")) == "not_allowed"
    assert code(bob.asks("edit", seq=mine, text="shout", room="den")) == "not_allowed"
    bob.asks("delete", seq=mine, reason="shout", room="den")
    bob.asks("quit", reason="shout")
    deleted, left = [event for _, event in house.stored("den") if type(event) in (Deleted, Left)]
    assert deleted.reason == left.reason == ""


def test_what_happened_is_told_in_words(house, ann, bob):
    dan = house.join("dan", LinePerson)
    dan.types("/join den")
    ann.asks("moderated", room="den")
    ann.asks("voice", nick="dan", room="den")
    ann.asks("devoice", nick="dan", room="den")
    for sentence in ("let only some speak in #den", "gave dan a voice in #den", "took the voice of dan in #den"):
        assert dan.heard_of(f"-- ann {sentence}")
    types = [type(event) for _, event in house.stored("den")][-3:]
    assert types == [SettingChanged, RoleChanged, RoleChanged]


def test_a_guest_who_leaves_has_no_voice_any_more_and_an_account_keeps_it(house, ann, bob):
    carol = house.join("carol", JsonPerson)
    carol.asks("register", password="correct horse")
    carol.asks("join", room="den")
    for nick in ("bob", "carol"):
        ann.asks("voice", nick=nick, room="den")
    room = house.hub.rooms.get("den")
    assert sorted(room.state.voiced.values()) == ["bob", "carol"]
    for person in (bob, carol):
        person.asks("leave", room="den")
    assert list(room.state.voiced.values()) == ["carol"]
    house = house.restarted()
    later = house.join("later", JsonPerson)
    later.asks("join", room="den")
    assert list(house.hub.rooms.get("den").state.voiced.values()) == ["carol"]


def test_a_guest_who_logs_in_keeps_the_voice(house, ann, bob):
    ann.asks("voice", nick="bob", room="den")
    bob.asks("register", password="correct horse")
    [party] = house.hub.rooms.get("den").state.voiced
    assert party == house.hub.core.accounts.of("bob").id


@pytest.mark.parametrize("command", ["voice", "devoice", "moderated"])
def test_what_is_so_already_and_who_may_not_are_told(house, ann, bob, command):
    more = {} if command == "moderated" else {"nick": "bob"}
    assert code(bob.asks(command, room="den", **more)) == "not_allowed"
    if command != "devoice":
        ann.asks(command, room="den", **more)
    assert code(ann.asks(command, room="den", **more)) == "bad_input"
    assert code(ann.asks("moderated", switch="perhaps", room="den")) == "bad_input"
