"""Marks: the reply to a command comes first and has the command's ``ref``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatroom.chat.commands import TABLE
from chatroom.chat.ports import RecordChange
from tests.house import House, JsonPerson, failures

PASSWORD = "correct horse"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ann@laptop"

Setting = Callable[[JsonPerson, JsonPerson], None]


def nothing(ann: JsonPerson, bob: JsonPerson) -> None: ...


def asked(who: str, kind: str, **values: Any) -> Setting:
    """Have *ann* or *bob* ask for something before."""
    return lambda ann, bob: (ann if who == "ann" else bob).asks(kind, **values)


WORKS: dict[str, tuple[Setting, dict[str, Any]]] = {
    "account": (nothing, {"action": "delete", "password": PASSWORD}),
    "announce": (nothing, {"text": "tea"}),
    "reload": (nothing, {}),
    "audit": (nothing, {}),
    "away": (nothing, {"text": "tea"}),
    "ban": (nothing, {"target": "bob"}),
    "bans": (nothing, {}),
    "catchup": (asked("bob", "say", text="hi"), {}),
    "color": (nothing, {}),
    "conversations": (nothing, {}),
    "correct": (nothing, {}),
    "deop": (asked("ann", "op", nick="bob"), {"nick": "bob"}),
    "gban": (nothing, {"target": "192.0.2.7"}),
    "gbans": (nothing, {}),
    "delete": (asked("ann", "say", text="hi"), {}),
    "edit": (asked("ann", "say", text="hi"), {"text": "ho"}),
    "react": (asked("bob", "say", text="hi"), {"emoji": "👍"}),
    "answer": (asked("bob", "say", text="hi"), {"text": "ho"}),
    "gunban": (asked("ann", "gban", target="192.0.2.7"), {"target": "192.0.2.7"}),
    "hello": (asked("ann", "quit"), {"nick": "ann"}),
    "help": (nothing, {}),
    "history": (nothing, {}),
    "ignore": (nothing, {"nick": "bob"}),
    "invite": (asked("bob", "leave", room="den"), {"nick": "bob"}),
    "join": (nothing, {"room": "attic"}),
    "keys": (nothing, {"action": "add", "public_key": PUBLIC_KEY}),
    "kick": (nothing, {"nick": "bob"}),
    "leave": (nothing, {"room": "den"}),
    "devoice": (asked("ann", "voice", nick="bob"), {"nick": "bob"}),
    "moderated": (nothing, {}),
    "freetopic": (nothing, {}),
    "voice": (nothing, {"nick": "bob"}),
    "limit": (nothing, {"people": 5}),
    "lock": (nothing, {"key": "secret"}),
    "login": (nothing, {"password": PASSWORD}),
    "logout": (nothing, {}),
    "me": (nothing, {"text": "waves"}),
    "msg": (nothing, {"to": "bob", "text": "hi"}),
    "mute": (nothing, {"target": "bob"}),
    "nick": (nothing, {"nick": "anna"}),
    "notice": (nothing, {"text": "hi"}),
    "notify": (nothing, {"when": "all"}),
    "numbers": (nothing, {}),
    "op": (nothing, {"nick": "bob"}),
    "others": (nothing, {}),
    "password": (nothing, {"old": PASSWORD, "new": f"{PASSWORD} 2"}),
    "ping": (nothing, {}),
    "plain": (nothing, {}),
    "private": (nothing, {}),
    "quit": (nothing, {}),
    "read": (nothing, {"room": "den", "seq": 1}),
    "register": (nothing, {"password": PASSWORD}),
    "reply": (asked("bob", "msg", to="ann", text="hi"), {"text": "hi"}),
    "rooms": (nothing, {}),
    "say": (nothing, {"text": "hi"}),
    "search": (nothing, {"words": "hi"}),
    "seen": (nothing, {"nick": "bob"}),
    "sessions": (nothing, {}),
    "shutdown": (nothing, {"delay": "1h"}),
    "slow": (nothing, {"seconds": 10}),
    "time": (nothing, {}),
    "token": (nothing, {"action": "add", "name": "build"}),
    "topic": (nothing, {"topic": "tea"}),
    "unban": (asked("ann", "ban", target="bob"), {"target": "bob"}),
    "unignore": (asked("ann", "ignore", nick="bob"), {"nick": "bob"}),
    "unlisted": (nothing, {}),
    "unlock": (asked("ann", "lock"), {}),
    "unread": (nothing, {}),
    "unmute": (asked("ann", "mute", target="bob"), {"target": "bob"}),
    "who": (nothing, {}),
    "whois": (nothing, {"nick": "bob"}),
}
"""What each command needs so that it does something, and its values."""

FURTHER = [
    ("account", nothing, {}),
    ("account", nothing, {"action": "delete"}),
    ("away", asked("ann", "away", text="tea"), {}),
    ("ignore", nothing, {}),
    ("join", nothing, {"room": "lobby"}),
    ("keys", nothing, {}),
    ("keys", asked("ann", "keys", action="add", public_key=PUBLIC_KEY), {"action": "remove", "public_key": "1"}),
    ("lock", nothing, {}),
    ("login", nothing, {}),
    ("private", asked("ann", "private"), {"switch": "off"}),
    ("read", nothing, {}),
    ("register", nothing, {}),
    ("shutdown", asked("ann", "shutdown", delay="1h"), {"reason": "cancel"}),
    ("shutdown", nothing, {}),
    ("token", nothing, {}),
    ("token", asked("ann", "token", action="add", name="build"), {"action": "remove", "name": "build"}),
    ("topic", nothing, {}),
    ("line", nothing, {"text": "/announce tea"}),
    ("line", nothing, {"text": "//tea"}),
]


@pytest.fixture
def house():
    with failures() as broken:
        yield House(rate=0)
    assert not broken, broken[0]


@pytest.fixture
def ann(house: House) -> JsonPerson:
    """An admin, and the operator of #den."""
    ann = house.join("ann", JsonPerson)
    ann.asks("register", password=PASSWORD)
    [record] = [one for one in house.journal.standing() if one.kind == "account"]
    house.journal.change_from_outside([RecordChange("", "account", "ann", {**record.value, "admin": True})])
    house.settle()
    ann.asks("join", room="den")
    return ann


@pytest.fixture
def bob(house: House, ann: JsonPerson) -> JsonPerson:
    """Somebody else in #den."""
    bob = house.join("bob", JsonPerson)
    bob.asks("join", room="den")
    return bob


def test_every_command_is_tried():
    assert WORKS.keys() == TABLE.keys()


@pytest.mark.parametrize(
    ("kind", "before", "values"),
    [*((kind, *work) for kind, work in WORKS.items()), *FURTHER],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_comes_of_a_command_has_its_mark(house, ann, bob, kind, before, values):
    if kind == "register":
        ann = house.join("carol", JsonPerson)
    before(ann, bob)
    if kind == "hello":
        ann = JsonPerson(house)

    objects = ann.asks(kind, ref="the mark", **values)

    assert "refused" not in [one["type"] for one in objects]
    assert objects[0].get("ref") == "the mark"
    assert not any(one.get("ref") for one in bob.objects)


@pytest.mark.parametrize("kind", [*TABLE, "line", "nonsense"])
def test_a_refusal_has_the_mark_of_what_is_refused(house, ann, kind):
    stranger = JsonPerson(house)

    for values in ({}, {"nick": 7, "text": 7, "room": 7, "count": "x", "words": 7}, {"room": "nowhere", "nick": " "}):
        refused = [one for one in stranger.asks(kind, ref="the mark", **values) if one["type"] == "refused"]

        assert all(one["ref"] == "the mark" for one in refused)
    assert refused or kind in ("ping", "help", "quit", "hello")
