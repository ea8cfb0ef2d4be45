import re
from pathlib import Path

from chatroom.chat.commands import TABLE
from chatroom.chat.roles import NEEDS, NEEDS_WHERE_CLOSED, NEEDS_WHERE_RULED

RULES = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_rules_that_people_read_are_those_that_hold():
    rows = re.findall(r"^\| `/(\w+)`(.*?) \| (\w+) \|$", RULES.read_text("utf-8"), re.MULTILINE)
    told: dict[str, dict[str, str]] = {}
    for command, where, role in rows:
        told.setdefault(where, {})[command] = role
    held = {
        where: {command: role.name.lower() for command, role in table.items()}
        for where, table in (
            ("", NEEDS),
            (", where the room is locked or private", NEEDS_WHERE_CLOSED),
            (", where the room has operators", NEEDS_WHERE_RULED),
        )
    }
    assert told == held


def test_every_rule_is_about_a_command():
    assert {*NEEDS, *NEEDS_WHERE_CLOSED, *NEEDS_WHERE_RULED} <= set(TABLE)
