"""The command /token."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.token import Tokens
from chatroom.chat.replies import Notice

from .bare import BareHouse


@pytest.fixture
def ann(house: BareHouse):
    return house.owner("ann")


def texts(shown):
    return [one.text for one in shown if type(one) is Notice]


def test_a_token_is_shown_once(ann):
    [added] = texts(ann.asks(Tokens("add", "build")))
    secret = added.rpartition(" ")[2]

    assert added.startswith("The token of build (read and write, all rooms), shown only now: ") and len(secret) == 32
    [listed] = texts(ann.asks(Tokens()))
    assert secret not in listed and listed.startswith("build: read and write, all rooms; added on ")
    assert listed.endswith(", never used.")


@pytest.mark.parametrize(
    ("given", "scope"),
    [
        (("ops",), "read and write, #ops"),
        (("#Ops", "read"), "read, #ops"),
        (("Write",), "write, all rooms"),
        (("#read",), "read and write, #read"),
        (("read", "write"), "write, #read"),
    ],
)
def test_a_token_may_be_for_a_room_or_a_use(ann, given, scope):
    assert scope in texts(ann.asks(Tokens("add", "build", *given)))[0]


def test_a_token_is_removed_by_its_name(house: BareHouse, ann):
    ann.asks(Tokens("add", "build"))

    assert texts(ann.asks(Tokens("remove", "Build"))) == ["The token build is revoked."]
    assert texts(ann.asks(Tokens())) == ["You have no tokens; /token add NAME makes one."]
    assert house.audited()[-2:] == [("ann", "token", ""), ("ann", "token", "")]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Tokens("add"), "bad_input"),
        (Tokens("remove"), "bad_input"),
        (Tokens("remove", "build", "x"), "bad_input"),
        (Tokens("make", "build"), "bad_input"),
        (Tokens("add", "build", "ops", "all"), "bad_input"),
        (Tokens("add", "a b"), "bad_name"),
        (Tokens("add", "ann"), "nick_taken"),
        (Tokens("add", "build", "@x"), "bad_name"),
        (Tokens("remove", "other"), "not_here"),
    ],
)
def test_what_makes_no_sense_is_refused(ann, command, code):
    assert ann.refusal(command) == code


def test_a_token_is_not_shown_where_others_could_read_it(house: BareHouse):
    ann = house.owner("ann")
    ann.outlet.secure = False

    assert ann.refusal(Tokens("add", "build")) == "insecure"
