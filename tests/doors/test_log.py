"""Logging of refusals: once per kind and connection, without messages."""

from __future__ import annotations

import re

import pytest
from twisted.logger import formatEvent, globalLogPublisher

from chatroom.chat.ports import JournalError
from chatroom.doors.front.front_door import SILENCE_TIMEOUT
from chatroom.system.quiet_log import INTERVAL, MAX_LINES
from tests.doors.web.asking import handshake
from tests.house import House, JsonPerson, LinePerson, over_tls
from tests.web_person import WebPerson

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
        "Refused a command (line): unknown_command.",
        "Refused a command (line): not_here.",
        "Refused a command (line): bad_input.",
    ]


def test_bad_objects_are_logged_without_their_text(logged):
    ann = House(rate=0).join("ann", JsonPerson)
    ann.sends(b'{"type":"say","text":["' + SECRET.encode() + b'"]}\n{"type":"' + SECRET.encode() + b'"}\n')
    assert logged == [
        "Refused a command (json): bad_input.",
        "Refused a command (json): unknown_command.",
    ]


def test_a_forged_token_is_logged_without_it(logged):
    bob = JsonPerson(House())
    bob.asks("hello", nick="bob", resume=f"{SECRET}.ff.00")
    assert logged == ["Refused a command (json): cannot_resume."]


def test_who_never_says_who_they_are_is_logged(logged):
    house = House()
    house.connect()
    house.advance(62)
    assert logged == ["Disconnected a client (door: line) that gave no nick."]


def test_talk_is_never_logged(logged):
    house = House()
    ann, bob = house.join("ann"), house.join("bob", JsonPerson)
    ann.types(SECRET, f"/me {SECRET}", f"/msg bob {SECRET}", f"/topic {SECRET}", f"/quit {SECRET}")
    house.journal.broken = JournalError("the disk is full")
    bob.asks("say", text=SECRET)
    assert logged and not any(SECRET in line for line in logged)


@pytest.mark.parametrize("door", [LinePerson, JsonPerson, over_tls(LinePerson)])
def test_who_comes_again_and_again_does_not_fill_the_log(logged, door):
    house = House()
    for _ in range(500):
        ann = door(house)
        ann.sends_line("/frobnicate")
        house.advance(SILENCE_TIMEOUT)
        ann.leaves()
    house.advance(INTERVAL)

    assert len(logged) <= 5 * (MAX_LINES + 1)
    assert re.fullmatch(r"\.\.\. and \d+ more within a minute: Refused a command \(\w+\): \w+\.", logged[MAX_LINES])


@pytest.mark.parametrize(
    ("nonsense", "line"),
    [
        (handshake() + b"\xc1\x80mask", "Closed a connection of the web door: 1002."),
        (b"\x16\x03\x01\x00\x05hello", "A TLS handshake failed: "),
    ],
)
def test_nor_does_who_sends_nonsense(logged, nonsense, line):
    house = House()
    for _ in range(500):
        house.connect().carry(nonsense)
        house.settle()
    house.advance(INTERVAL)

    assert len(logged) == MAX_LINES + 1 and all(one.startswith(line) for one in logged[:MAX_LINES])
    assert logged[MAX_LINES].startswith(f"... and {500 - MAX_LINES} more within a minute: {line}")


def test_nor_do_many_who_say_nothing(logged):
    house = House()
    for _ in range(500):
        house.connect()
    house.advance(2 * INTERVAL + 2)

    line = "Disconnected a client (door: line) that gave no nick."
    assert logged == [*[line] * MAX_LINES, f"... and {500 - MAX_LINES} more within a minute: {line}"]


def test_nor_does_a_bug_that_anybody_can_bring_about(logged):
    house = House()
    people = [house.join(f"ann{n}", WebPerson) for n in range(50)]
    for person in people:
        person.wire.protocol._door._socket._outlet.dialect = None
        person.types("hello")
    house.advance(INTERVAL)

    assert logged.count("Something went wrong at the web door.") == MAX_LINES
    [summed_up] = [line for line in logged if "AttributeError" in line]
    assert summed_up.startswith(
        f"... and {50 - MAX_LINES} more within a minute: Something went wrong at the web door."
    )
