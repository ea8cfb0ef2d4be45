"""Roles: the command table, the documentation and the refusals agree."""

import re
from pathlib import Path

import pytest

from chatroom.chat.commands import TABLE
from chatroom.chat.rules.roles import Role
from tests.doors.test_marks import WORKS
from tests.house import House, JsonPerson

RULES = Path(__file__).parents[2] / "docs" / "rules.md"

NEEDS = {
    "": "needs",
    ", where the room is locked or private": "needs_where_closed",
    ", where the room has operators": "needs_where_ruled",
}
"""The flags of the table, by how the page words them."""


def test_the_rules_that_people_read_are_those_that_hold():
    rows = re.findall(r"^\| `/(\w+)`(.*?) \| (\w+) \|$", RULES.read_text("utf-8"), re.MULTILINE)
    told: dict[str, dict[str, str]] = {}
    for command, where, role in rows:
        told.setdefault(where, {})[command] = role
    held = {
        where: {name: getattr(spec, flag).name.lower() for name, spec in TABLE.items() if getattr(spec, flag)}
        for where, flag in NEEDS.items()
    }
    assert told == held


def test_every_rule_is_about_a_command():
    rows = re.findall(r"^\| `/(\w+)`", RULES.read_text("utf-8"), re.MULTILINE)
    assert set(rows) <= set(TABLE)


@pytest.mark.parametrize("name", [name for name, spec in TABLE.items() if spec.needs > Role.GUEST])
def test_whoever_lacks_the_role_is_refused(name):
    house = House(rate=0)
    ann, bob = house.join("ann", JsonPerson), house.join("bob", JsonPerson)
    ann.asks("join", room="den")
    bob.asks("join", room="den")

    answers = bob.asks(name, **WORKS[name][1])

    assert [(one["type"], one.get("code")) for one in answers] == [("refused", "not_allowed")]
