"""Commands to the server itself."""

from __future__ import annotations

import pytest

from chatroom.chat.command_table import GROUPS, TABLE, listed
from chatroom.chat.commands.rooms import Join
from chatroom.chat.commands.server import Ping, Quit, ShowHelp, ShowTime
from chatroom.chat.refusals import UnknownCommand
from chatroom.chat.replies import Goodbye, Help, Pong, Time


@pytest.fixture
def ann(house):
    return house.join("ann")


def test_the_time_is_that_of_the_server(house, ann):
    house.advance(5)
    assert ann.asks(ShowTime()) == [Time(house.clock.seconds())]


def test_help_lists_everything_that_can_be_typed_with_its_heading(ann):
    found = ann.answer(ShowHelp("all"), Help)
    assert len(found.commands) == len(found.groups) == len(listed()) and found.more == 0
    assert list(dict.fromkeys(found.groups)) == list(GROUPS.values())


def may_use(person):
    found = person.answer(ShowHelp(), Help)
    assert len(found.commands) + found.more == len(listed())
    return {usage.split(" ")[0] for usage, _ in found.commands}


def test_help_lists_what_this_person_may_use_here(house, ann):
    """A guest, an operator of the current room, somebody with an account, and an admin."""
    guest = may_use(ann)
    assert "/msg" in guest and not guest & {"/kick", "/logout", "/announce"} and len(guest) < 37
    ann.asks(Join("dev"))
    assert {"/kick", "/ban"} <= may_use(ann) and "/announce" not in may_use(ann)
    ann.asks(Join("lobby"))
    assert may_use(ann) == guest
    assert may_use(house.owner("carl")) == guest | {"/logout", "/password", "/account", "/keys", "/token"}
    assert len(may_use(house.owner("boss", admin=True))) == len(listed())


def test_what_people_need_first_comes_first(ann):
    found = ann.answer(ShowHelp(), Help)
    assert found.groups[0] == GROUPS["messages"] and found.groups[-1] == GROUPS["preferences"]


@pytest.mark.parametrize("name", ["join", "/join", "JOIN", "/j"])
def test_or_one_command(ann, name):
    spec = TABLE["join"]
    assert ann.asks(ShowHelp(name)) == [Help(((spec.usage, f"{spec.help} (also /j)"),), (GROUPS[spec.group],))]


def test_there_is_no_help_for_what_there_is_not(ann):
    assert ann.refusal(ShowHelp("nonsense")) == UnknownCommand.code


def test_a_ping_is_answered_when_everything_before_has_been(ann):
    assert ann.asks(Ping(), ref="r") == [Pong()] and ann.outlet.refs[-1] == "r"


def test_who_quits_hears_goodbye_and_is_gone(house, ann):
    [*_, last] = ann.asks(Quit())
    assert isinstance(last, Goodbye) and ann.outlet.closed and len(house.core.people) == 0
