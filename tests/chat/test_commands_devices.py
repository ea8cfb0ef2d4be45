"""The command about one's own sessions."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.devices import ListSessions
from chatroom.chat.replies import Sessions

from .bare import BareHouse


def test_it_lists_them_by_number(house: BareHouse):
    boss = house.owner("boss", address="192.0.2.1", door="web")
    house.advance(5)
    second = house.owner("boss", door="line")
    listed = second.answer(ListSessions(), Sessions).sessions
    assert [(one.number, one.door, one.address, one.current) for one in listed] == [
        (1, "web", "192.0.2.1", False),
        (2, "line", "", True),
    ]
    assert listed[1].since - listed[0].since == 5 and boss.session.number == 1


@pytest.mark.parametrize(
    ("action", "which", "code"),
    [("end", "7", "not_here"), ("end", "others", "not_here"), ("end", "1", "bad_input"), ("end", None, "bad_input")],
)
def test_what_cannot_be_ended_is_refused(house: BareHouse, action: str, which: str | None, code: str):
    assert house.join("ann").refusal(ListSessions(action, which)) == code
