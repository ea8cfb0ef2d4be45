"""LIST: the channels that there are, by what the client asks for."""

import pytest

from tests.doors.irc.raw import Irc


@pytest.fixture
def bob(house, ann):
    """Somebody elsewhere: #tea has begun two minutes before #two, and its topic is as old."""
    ann.says("TOPIC #tea :cups")
    house.advance(120)
    ann.says("JOIN #two", "TOPIC #two :saucers", "JOIN #plain")
    house.advance(60)
    return Irc(house, "bob")


def listed(client, asked):
    return sorted(one[2] for one in client.asks(f"LIST {asked}") if one[0] == "322")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("C>2", ["#tea"]),
        ("C<2", ["#plain", "#two"]),
        ("c<10", ["#plain", "#tea", "#two"]),
        ("C<0", []),
        ("T>2", ["#tea"]),
        ("T<2", ["#two"]),
        ("T>0", ["#tea", "#two"]),
        ("T>0,C<2", ["#two"]),
        ("<2,!#t*", ["#plain"]),
        ("C<x", []),
        ("#two,T>9", ["#two"]),
        (f"<{'9' * 40}", ["#plain", "#tea", "#two"]),
    ],
)
def test_channels_are_found_by_their_age_and_that_of_their_topic(bob, asked, found):
    assert listed(bob, asked) == found


def test_a_channel_tells_when_it_began(house, ann, bob):
    began = [int(one[3]) for name in ("#tea", "#two") for one in ann.asks(f"MODE {name}") if one[0] == "329"]
    assert began[1] - began[0] == 120 and house.clock.seconds() - began[1] >= 60
