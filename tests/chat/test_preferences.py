"""Ignoring through the doors: its cost for the others on the server."""

from __future__ import annotations

import json

import pytest

from chatroom.chat.syntax import names
from tests.house import House, JsonPerson, failures
from tests.processor_time import ProcessorTime

MARKS = "e" + "\u0301\u0323" * 3900
"""15.6 kB on the wire, as much as a program may send in one line."""


@pytest.fixture
def house():
    with failures() as broken:
        yield House(rate=0)
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    """A person who ignores 200 people, the limit."""
    ann = house.join("ann", JsonPerson)
    for number in range(200):
        ann.asks("ignore", nick=f"Pest{number}")
    return ann


def asks(person, kind, **values):
    """Send one command as it is, not escaped, or it would be too long; return what comes of it."""
    before = len(person.objects)
    person.sends(json.dumps({"type": kind, **values}, ensure_ascii=False).encode() + b"\n")
    return person.objects[before:]


def ignored(ann):
    return ann.asks("ignore")[-1]["ignore"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("unignore", {"nick": MARKS}),
        ("ignore", {"nick": MARKS}),
        ("msg", {"to": MARKS, "text": "hi"}),
        ("seen", {"nick": MARKS}),
        ("whois", {"nick": MARKS}),
        ("nick", {"nick": MARKS}),
        ("search", {"words": f"from:{MARKS}"}),
        ("invite", {"nick": MARKS}),
        ("kick", {"nick": MARKS, "room": "den"}),
        ("ban", {"target": MARKS, "room": "den"}),
        ("unban", {"target": f"account:{MARKS}", "room": "den"}),
        ("op", {"nick": MARKS, "room": "den"}),
        ("join", {"room": MARKS}),
        ("login", {"nick": MARKS, "password": "correct horse"}),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_huge_nick_holds_nobody_up(ann, kind, values):
    ann.asks("join", room="den")

    with ProcessorTime() as taken:
        [*_, answer] = asks(ann, kind, **values)

    assert answer.get("text") != "That line has more than 16384 bytes; it was not sent."
    assert taken.seconds < 0.02
    assert len(str(answer)) < 1000


def test_a_nick_with_much_behind_it_is_not_taken_for_the_nick(house, ann):
    """With a password, a person may use a nick that looks like a taken one, but not a longer one."""
    bob = JsonPerson(house)

    with ProcessorTime() as taken:
        [refused] = asks(bob, "hello", nick="ann" + " " * 125 + "\u0301" * 1000, password="correct horse")

    assert refused["code"] == "too_long" and taken.seconds < 0.02


def test_a_change_works_out_the_key_of_the_nick_that_changes_and_of_no_other(ann):
    def asked():
        return sum(names._key.cache_info()[:2])

    before = asked()
    ann.asks("unignore", nick="pest7")
    ann.asks("ignore", nick="PEST7")
    ann.asks("nick", nick="anna")

    assert asked() - before < 20
    assert ignored(ann)[-1] == "PEST7" and len(ignored(ann)) == 200


def test_who_is_ignored_stays_so_over_a_broken_connection_and_a_login(house):
    ann = house.join("ann", JsonPerson)
    ann.asks("register", password="correct horse")
    for nick in ("Bob", "carol", "dora"):
        ann.asks("ignore", nick=nick)
    ann.leaves()
    again = ann.returns(resume=ann.of_type("logged_in")[-1]["resume"])
    again.asks("unignore", nick="carol")
    assert ignored(again) == ["Bob", "dora"]
    again.asks("quit")
    third = JsonPerson(house)
    third.joins("ann", password="correct horse")
    third.asks("unignore", nick="DORA")
    bob, dora = house.join("bob", JsonPerson), house.join("dora", JsonPerson)
    bob.asks("say", text="listen!")
    dora.asks("say", text="hello")

    assert ignored(third) == ["Bob"]
    assert third.heard("<dora> hello") and not third.heard_of("listen!")
