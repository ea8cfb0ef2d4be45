"""The command /keys."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.keys import Keys
from chatroom.chat.replies import Notice, Refused
from chatroom.chat.syntax.public_keys import PublicKey
from tests.doors.test_marks import PUBLIC_KEY

from .bare import BareHouse


@pytest.fixture
def ann(house: BareHouse):
    return house.owner("ann")


def texts(shown):
    return [one.text for one in shown if type(one) is Notice]


def test_a_key_is_added_listed_and_removed(ann):
    assert texts(ann.asks(Keys())) == [
        "You have no keys; /keys add and a line of a file such as ~/.ssh/id_ed25519.pub adds one."
    ]

    [added] = texts(ann.asks(Keys("add", PUBLIC_KEY)))
    assert added.startswith("Added: ssh-ed25519 SHA256:") and " ann@laptop. It lets you in by SSH" in added
    [listed] = texts(ann.asks(Keys()))
    assert listed.startswith("1: ssh-ed25519 SHA256:") and listed.endswith(" ann@laptop, added on 2026-01-02 03:00.")

    [removed] = texts(ann.asks(Keys("remove", " 1 ")))
    assert removed.endswith("Sessions that came by it end now.") and texts(ann.asks(Keys()))[0].startswith(
        "You have no"
    )


def test_whoever_came_by_a_key_adds_it_without_typing_it(house, ann):
    ann.session.key = PublicKey("SHA256:mine", "ssh-ed25519")

    assert texts(ann.asks(Keys("add"))) == [
        "Added: ssh-ed25519 SHA256:mine. It lets you in by SSH without a password."
    ]
    assert house.hub.core.keys.known("SHA256:mine").proven
    assert texts(ann.asks(Keys()))[0].endswith("; this session came by it.")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (("add",), "You did not come by a key; /keys add and a line of a file"),
        (("remove",), "Usage: /keys, /keys add [KEY], or /keys remove N"),
        (("add", "hello"), "That is no public key."),
        (("remove", "2"), "You have no such key; /keys lists them."),
    ],
)
def test_what_makes_no_sense_is_told(ann, given, text):
    assert ann.answer(Keys(*given), Refused).text.startswith(text)


def test_what_is_done_stands_in_the_audit_log(house, ann):
    ann.asks(Keys("add", PUBLIC_KEY))
    ann.asks(Keys("remove", "1"))

    assert house.audited() == [("ann", "key", ""), ("ann", "key", "")]
