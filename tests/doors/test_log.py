"""What is refused is logged, by its kind and once a connection, and never what anyone said."""

from __future__ import annotations

import pytest
from twisted.logger import formatEvent, globalLogPublisher

from chatroom.chat.ports import JournalError
from tests.house import House, JsonPerson

SECRET = "hunter2"


@pytest.fixture
def logged():
    lines: list[str] = []

    def observe(event):
        lines.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


def test_each_kind_of_refusal_is_logged_once_a_connection(logged):
    house = House(rate=0)
    ann = house.join("ann")
    ann.types(f"/frobnicate {SECRET}", "/bogus", f"/msg {SECRET} psst")
    ann.sends(b"\xff\xff" + SECRET.encode() + b"\n" + b"\xc3\n" * 3)
    assert logged == [
        "Refused something at the line door: unknown_command.",
        "Refused something at the line door: not_here.",
        "Refused something at the line door: bad_input.",
    ]


def test_bad_objects_are_logged_without_their_text(logged):
    ann = House(rate=0).join("ann", JsonPerson)
    ann.sends(b'{"type":"say","text":["' + SECRET.encode() + b'"]}\n{"type":"' + SECRET.encode() + b'"}\n')
    assert logged == [
        "Refused something at the json door: bad_input.",
        "Refused something at the json door: unknown_command.",
    ]


def test_a_forged_token_is_logged_without_it(logged):
    bob = JsonPerson(House())
    bob.asks("hello", nick="bob", resume=f"{SECRET}.ff.00")
    assert logged == ["Refused something at the json door: cannot_resume."]


def test_who_never_says_who_they_are_is_logged(logged):
    house = House()
    house.connect()
    house.advance(62)
    assert logged == ["Hung up on someone at the line door who did not say who they are."]


def test_talk_is_never_logged(logged):
    house = House()
    ann, bob = house.join("ann"), house.join("bob", JsonPerson)
    ann.types(SECRET, f"/me {SECRET}", f"/msg bob {SECRET}", f"/topic {SECRET}", f"/quit {SECRET}")
    house.journal.broken = JournalError("the disk is full")
    bob.asks("say", text=SECRET)
    assert logged and not any(SECRET in line for line in logged)
