"""Metadata in IRC: values that people and channels have, who may set them, and who is told."""

import pytest

from chatroom.doors.irc.metadata import MAX_KEYS, MAX_SUBSCRIPTIONS, MAX_VALUE
from tests.doors.irc.raw import Irc, plain

CAPABILITIES = ("draft/metadata-3", "batch")


@pytest.fixture
def cat(house, ann):
    cat = Irc(house, "cat", *CAPABILITIES)
    cat.says("JOIN #tea")
    return cat


@pytest.fixture
def dan(house, ann):
    """Somebody who wants to know the names to display."""
    dan = Irc(house, "dan", *CAPABILITIES)
    dan.says("JOIN #tea", "METADATA * SUB display-name")
    return dan


def values(messages):
    return [(one.command, *one.params[1:]) for one in messages if one.command in ("760", "761", "766")]


def codes(messages):
    return [one.params[1] for one in messages if one.command == "FAIL"]


def test_a_value_is_set_changed_listed_and_removed(cat, dan):
    assert values(cat.says("METADATA * SET display-name :Cat")) == [("761", "cat", "display-name", "*", "Cat")]
    assert values(dan.new()) == [("761", "cat", "display-name", "*", "Cat")]
    cat.says("METADATA cat SET display-name :The Cat", "METADATA * SET color :red")
    assert values(dan.new()) == [("761", "cat", "display-name", "*", "The Cat")], "nobody asked for the color"
    assert values(dan.says("METADATA cat LIST")) == [
        ("761", "cat", "display-name", "*", "The Cat"),
        ("761", "cat", "color", "*", "red"),
    ]
    assert values(dan.says("METADATA cat GET color shape"))[1][:3] == ("766", "cat", "shape")
    assert values(dan.says("WHOIS cat"))[0] == ("760", "cat", "display-name", "*", "The Cat")
    assert [one[:3] for one in values(cat.says("METADATA * CLEAR"))] == [
        ("766", "cat", "display-name"),
        ("766", "cat", "color"),
    ]
    assert values(dan.new())[0][:3] == ("766", "cat", "display-name")
    assert values(dan.says("METADATA cat LIST")) == []


def test_who_comes_in_is_told_and_told_of(house, cat):
    cat.says("METADATA * SET display-name :Cat", "METADATA * SET color :red")
    eve = Irc(house, "eve", *CAPABILITIES)
    eve.says("METADATA * SUB display-name", "METADATA * SET color :blue")
    cat.says("METADATA * SUB color")
    assert values(eve.says("JOIN #tea")) == [("761", "cat", "display-name", "*", "Cat")]
    assert values(cat.new()) == [("761", "eve", "color", "*", "blue")]
    assert values(eve.says("METADATA * SUB color")) == [("761", "cat", "color", "*", "red")], "what is new to it"
    assert [one[1:] for one in values(eve.says("METADATA #tea SYNC"))] == [
        ("cat", "color", "*", "red"),
        ("cat", "display-name", "*", "Cat"),
    ]


def test_operators_set_what_a_channel_has_and_members_read_it(house, ann, cat, dan):
    ann.says(f"CAP REQ :{' '.join(CAPABILITIES)}")
    assert codes(cat.says("METADATA #tea SET display-name :Mine")) == ["KEY_NO_PERMISSION"]
    assert codes(cat.says("METADATA #tea CLEAR")) == codes(cat.says("METADATA ann CLEAR")) == ["KEY_NO_PERMISSION"]
    ann.says("METADATA #tea SET display-name :Tea & more")
    assert values(dan.new()) == values(cat.says("METADATA #tea LIST"))
    ann.says("MODE #tea +i")
    eve = Irc(house, "eve", *CAPABILITIES)
    eve.says("METADATA * SUB display-name")
    for asked in ("GET display-name", "LIST", "SYNC"):
        assert codes(eve.says(f"METADATA #tea {asked}")) == ["KEY_NO_PERMISSION"]
    ann.says("MODE #tea +s")
    assert codes(eve.says("METADATA #tea LIST")) == codes(eve.says("METADATA #none LIST")) == ["INVALID_TARGET"]


def test_it_ends_with_the_person_and_with_the_room(house, cat):
    den = Irc(house, "den", *CAPABILITIES)
    den.says("JOIN #den", "METADATA #den SET color :red", "METADATA * SET color :blue")
    assert len(values(cat.says("METADATA #den LIST"))) == len(values(cat.says("METADATA den LIST"))) == 1
    den.says("QUIT")
    house.settle()
    den = Irc(house, "den", *CAPABILITIES)
    den.says("JOIN #den")
    assert values(cat.says("METADATA #den LIST")) == values(cat.says("METADATA den LIST")) == []


def test_who_may_not_speak_tells_nothing_by_it_either(ann, cat, dan):
    ann.says("MODE #tea +m")
    dan.new()
    cat.says("METADATA * SET display-name :Shout")
    assert values(dan.new()) == [] and values(dan.says("METADATA #tea SYNC")) == []


def test_who_is_ignored_is_not_told(cat, dan):
    dan.says("CHAT /ignore cat")
    cat.says("METADATA * SET display-name :Cat")
    assert values(dan.new()) == []


def test_values_from_before_coming_in_are_those_of_the_account(house):
    owner = Irc(house, "dora")
    owner.says("NS REGISTER password9")
    phone = Irc(house)
    phone.says("CAP REQ :draft/metadata-3 batch sasl", "METADATA * SET color :red")
    assert codes(phone.says("METADATA dora LIST")) == ["INVALID_TARGET"]
    told = phone.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('dora', 'password9')}", "NICK dora", "USER d 0 * :D")
    told = phone.says("CAP END")
    assert values(told) == [("761", "dora", "color", "*", "red")]
    owner.says("CAP REQ :draft/metadata-3")
    assert values(owner.says("METADATA * LIST")) == [("761", "dora", "color", "*", "red")]


def test_nobody_sets_anything_under_a_nick_that_is_not_theirs(house):
    Irc(house, "dora").says("NS REGISTER password9", "QUIT")
    other = Irc(house, "dora", *CAPABILITIES)
    assert codes(other.says("METADATA * SET display-name :Dora")) == ["KEY_NO_PERMISSION"]


def test_there_are_bounds(cat):
    for n in range(MAX_KEYS):
        cat.says(f"METADATA * SET key{n} :x")
    assert codes(cat.says("METADATA * SET one-more :x")) == ["LIMIT_REACHED"]
    assert codes(cat.says("METADATA * SET key0 :y")) == [], "it is there already"
    assert codes(cat.says(f"METADATA * SET key0 :{'x' * (MAX_VALUE + 1)}")) == ["INVALID_VALUE"]
    for key in ("UPPER", "blank!", "x" * 65):
        assert (
            codes(cat.says(f"METADATA * SET {key} :x")) == codes(cat.says(f"METADATA * SUB {key}")) == ["KEY_INVALID"]
        )
    for n in range(MAX_SUBSCRIPTIONS):
        cat.says(f"METADATA * SUB key{n}")
    assert codes(cat.says("METADATA * SUB one-more")) == ["TOO_MANY_SUBS"]
    listed = [key for one in cat.says("METADATA * SUBS") for key in one.params[1:]]
    assert len(listed) == MAX_SUBSCRIPTIONS
    assert cat.asks("METADATA * UNSUB key0") == [("771", "cat", "key0")]
    assert cat.numbers("METADATA * SUB one-more")[0] == "770"


def test_nothing_that_harms_a_screen_is_passed_on(cat, dan):
    cat.says("METADATA * SET display-name :C\x1b[2J\x02at")
    [told] = values(dan.new())
    assert told[-1].isprintable()


def test_it_is_unknown_to_those_who_have_not_asked_for_it(ann, cat):
    assert ann.numbers("METADATA * LIST") == ["421"]
    assert codes(cat.says("METADATA * NOPE")) == ["SUBCOMMAND_INVALID"]


def test_what_is_not_utf8_is_refused_by_name(house, cat):
    cat.wire.carry(b"METADATA * SET color :\xc3\r\nNOPE \xc3\r\n")
    assert [one.params[:2] for one in cat.new()] == [("METADATA", "INVALID_UTF8"), ("*", "INVALID_UTF8")]
