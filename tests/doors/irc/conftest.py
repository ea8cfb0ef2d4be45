"""What the tests of the IRC door share."""

from __future__ import annotations

import pytest

from tests.doors.irc.raw import Irc
from tests.house import House, JsonPerson, failures


@pytest.fixture
def house():
    with failures() as broken:
        yield House(rate=0)
    assert not broken, broken[0]


@pytest.fixture
def ann(house) -> Irc:
    """The operator of #tea."""
    ann = Irc(house, "ann")
    ann.says("JOIN #tea")
    return ann


@pytest.fixture
def bob(house, ann) -> Irc:
    bob = Irc(house, "bob")
    bob.says("JOIN #tea")
    ann.new()
    return bob


@pytest.fixture
def program(house) -> JsonPerson:
    """Somebody at another door, in #tea."""
    program = JsonPerson(house)
    program.joins("program", "tea")
    return program
