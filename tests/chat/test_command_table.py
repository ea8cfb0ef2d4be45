"""The table of commands: usages, secrets, rights and pages."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from chatroom.chat import command_table
from chatroom.chat.command_table import (
    GROUPS,
    ROWS_PER_PAGE,
    asking,
    command,
    listed,
    moving,
    number,
    page_of,
    remainder,
    require,
    secrets,
    usages,
    word,
)
from chatroom.chat.commands import TABLE
from chatroom.chat.refusals import NotAllowed
from chatroom.chat.rules.roles import Role


@pytest.fixture
def tables(monkeypatch):
    """Tables to which a test may add."""
    for name in ("TABLE", "NAMES", "SPECS"):
        monkeypatch.setattr(command_table, name, dict(getattr(command_table, name)))


def made(**flags):
    @command("poke", group="people", help="poke someone", **flags)
    @dataclass(frozen=True, slots=True)
    class Poke:
        nick: str = word("NICK")
        times: int = number("TIMES", default=1)
        text: str = remainder("TEXT", default="", secret=True)

    return Poke


def test_a_command_is_entered_under_all_its_names(tables):
    poke = made(aliases=("nudge",))
    spec = command_table.TABLE["poke"]
    assert spec.make is poke and command_table.SPECS[poke] is spec
    assert command_table.NAMES["poke"] is command_table.NAMES["nudge"] is spec
    assert "nudge" not in command_table.TABLE


def test_the_usage_has_brackets_around_what_may_be_left_out(tables):
    made()
    assert command_table.TABLE["poke"].usage == "/poke NICK [TIMES] [TEXT]"
    assert command_table.TABLE["poke"].required == ["nick"]


def test_the_place_of_a_secret_is_counted_from_one(tables):
    made()
    assert command_table.TABLE["poke"].secret_from == 3
    assert TABLE["say"].secret_from is None


def test_what_is_secret_is_in_no_representation(tables):
    assert "hush" not in repr(made()("ann", 1, "hush")) and "ann" in repr(made()("ann", 1, "hush"))


def test_help_lists_what_can_be_typed_group_by_group():
    order = list(GROUPS)
    places = [order.index(spec.group) for spec in listed()]
    assert places == sorted(places) and set(places) == set(range(len(order)))
    assert all(spec.typed for spec in listed()) and len(listed()) < len(TABLE)
    assert list(usages()) == [spec.usage for spec in listed()]


def test_clients_learn_where_secrets_are_and_what_moves():
    assert (
        secrets()["/login"] == 1 and secrets()["/join"] == 2 and "/say" not in secrets() and "/hello" not in secrets()
    )
    assert moving() == ("/join", "/j", "/leave", "/part")
    assert asking() == ("/account", "/login", "/password", "/register")


def place(*, closed=False, ruled=False, operator=False):
    return SimpleNamespace(name="dev", closed=closed, ruled=ruled, is_operator=lambda person: operator)


def asker(role):
    account = None if role is Role.GUEST else SimpleNamespace(admin=role is Role.ADMIN)
    return SimpleNamespace(person=SimpleNamespace(account=account))


@pytest.mark.parametrize("needs", list(Role))
@pytest.mark.parametrize("role", [Role.GUEST, Role.ACCOUNT, Role.ADMIN])
def test_a_role_suffices_if_it_is_the_one_that_is_needed_or_more(tables, needs, role):
    asked = made(needs=needs)("ann")
    if role >= needs:
        require(asker(role), asked)
    else:
        with pytest.raises(NotAllowed):
            require(asker(role), asked)


def test_an_operator_of_the_room_is_one_there_only(tables):
    asked = made(needs=Role.OPERATOR)("ann")
    require(asker(Role.GUEST), asked, place(operator=True))
    for room in (place(), None):
        with pytest.raises(NotAllowed):
            require(asker(Role.ACCOUNT), asked, room)


@pytest.mark.parametrize("flag", ["closed", "ruled"])
def test_some_rooms_need_more(tables, flag):
    asked = made(**{f"needs_where_{flag}": Role.OPERATOR})("ann")
    require(asker(Role.GUEST), asked, place())
    require(asker(Role.GUEST), asked, place(**{flag: True}, operator=True))
    with pytest.raises(NotAllowed):
        require(asker(Role.GUEST), asked, place(**{flag: True}))


@pytest.mark.parametrize("flag", ["closed", "ruled"])
def test_no_room_needs_less(tables, flag):
    asked = made(needs=Role.ADMIN, **{f"needs_where_{flag}": Role.OPERATOR})("ann")
    with pytest.raises(NotAllowed):
        require(asker(Role.GUEST), asked, place(**{flag: True}, operator=True))


@pytest.mark.parametrize(
    ("rows", "page", "shown", "more"),
    [
        (0, 1, 0, 0),
        (ROWS_PER_PAGE, 1, ROWS_PER_PAGE, 0),
        (ROWS_PER_PAGE + 1, 1, ROWS_PER_PAGE, 1),
        (ROWS_PER_PAGE + 1, 2, 1, 0),
        (ROWS_PER_PAGE, 2, 0, 0),
        (3 * ROWS_PER_PAGE, 2, ROWS_PER_PAGE, ROWS_PER_PAGE),
    ],
)
def test_rows_are_cut_into_pages(rows, page, shown, more):
    found, left = page_of(range(rows), page)
    assert (len(found), left) == (shown, more)
    if shown:
        assert found[0] == (page - 1) * ROWS_PER_PAGE
