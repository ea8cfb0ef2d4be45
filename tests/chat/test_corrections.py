"""Commands that change messages: what is typed, and which message it means."""

from __future__ import annotations

import pytest

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.commands import parse_line
from chatroom.chat.commands.corrections import DeleteMessage
from chatroom.chat.commands.rooms import History
from chatroom.chat.events import Said
from chatroom.chat.replies import HistoryPage

from .bare import Bare, BareHouse


@pytest.fixture
def ann(house: BareHouse) -> Bare:
    one = house.join("ann", "dev")
    one.says("one", "two")
    return one


@pytest.fixture
def bob(house: BareHouse, ann: Bare) -> Bare:
    return house.join("bob", "dev")


@pytest.mark.parametrize(
    ("typed", "kind", "shown"),
    [
        ("/delete", Deleted, (3, "")),
        ("/delete 2", Deleted, (2, "")),
        ("/delete 2 wrong room", Deleted, (2, "wrong room")),
        ("/edit three", Edited, (3, "three")),
        ("/edit 2 three", Edited, (2, "three")),
        ("/edit 2", Edited, (3, "2")),
    ],
)
def test_a_number_may_stand_first(ann, bob, typed, kind, shown):
    ann.asks(parse_line(typed))
    [change] = bob.shown(kind)
    assert (change.re, change.reason if kind is Deleted else change.text) == shown


@pytest.mark.parametrize(
    ("typed", "to", "text"),
    [
        ("/answer yes", 3, "yes"),
        ("/answer 2 yes", 2, "yes"),
        ("/answer ann yes", 3, "yes"),
        ("/answer ann: yes", 3, "yes"),
        ("/answer carl yes", 3, "carl yes"),
        ("/answer ann", 3, "ann"),
    ],
)
def test_an_answer_may_begin_with_whom_or_what_it_answers(ann, bob, typed, to, text):
    bob.asks(parse_line(typed))
    said = ann.shown(Said)[-1]
    assert (said.marks.re, said.text) == (to, text)


@pytest.mark.parametrize("typed", ["/react 👍", "/react :+1:", "/react 3 👍", "/react 3 :THUMBSUP:"])
def test_a_reaction_is_an_emoji_or_its_name(ann, bob, typed):
    bob.asks(parse_line(typed))
    assert [(one.re, one.emoji) for one in ann.shown(Reacted)] == [(3, "👍")]


@pytest.mark.parametrize("typed", ["/react thumbs", "/react 👍👍", f"/edit {'9' * 30} x", "/edit 99 x"])
def test_what_is_none_is_refused(ann, bob, typed):
    assert bob.refusal(parse_line(typed)) == "bad_input"


def test_numbers_are_shown_if_asked_for(ann):
    for typed, numbers in (("/history -n", True), ("/history", False), ("/history -n 5", True), ("/history 5", False)):
        command = parse_line(typed)
        assert isinstance(command, History) and ann.answer(command, HistoryPage).numbers is numbers


def test_programs_name_the_room(ann, bob):
    ann.asks(DeleteMessage(2, "", "dev"))
    assert [one.re for one in bob.shown(Deleted)] == [2]
