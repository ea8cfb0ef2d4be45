"""Cards: what a door keeps for a session is signed, complete, and read by the houses before and after."""

from __future__ import annotations

import json

import pytest

from chatroom.chat.access.cards import Card
from chatroom.chat.commands.preferences import GoAway, Ignore
from chatroom.chat.commands.rooms import Join
from chatroom.chat.refusals import CannotResume
from chatroom.chat.replies import Preferences

from .bare import BareHouse


def test_a_card_is_read_as_it_was_written(house: BareHouse) -> None:
    cards = house.hub.cards
    ann, boss = house.join("ann"), house.owner("boss")
    ann.asks(GoAway("tea"))
    ann.asks(Ignore("eve"))
    for one in (ann, boss):
        card = cards.of(one.session)
        assert cards.read(cards.sign(card)) == card
    mine, owners = cards.of(ann.session), cards.of(boss.session)
    assert (mine.nick, mine.away, mine.current) == ("ann", "tea", "lobby")
    assert mine.preferences == Preferences(ignore=("eve",)) and mine.login == ""
    assert owners.preferences is None and house.core.accounts.proven(owners.login)
    assert (owners.claim.identity, owners.claim.session) == (boss.person.identity, boss.session.id)


def test_it_changes_when_what_it_holds_does_and_only_then(house: BareHouse) -> None:
    ann = house.join("ann")
    card = house.hub.cards.of(ann.session)
    ann.says("hi")
    house.advance(5)
    assert house.hub.cards.of(ann.session) == card
    ann.asks(Join("den"))
    assert house.hub.cards.of(ann.session) != card


def test_nobody_else_can_make_one(house: BareHouse) -> None:
    ann = house.join("ann", resumes=True)
    text = ann.card
    for forged in (text.replace("ann", "bob"), text[:-1], "é" + text, "", ann.token):
        with pytest.raises(CannotResume):
            house.hub.cards.read(forged)
    # Nor is it a token, though the secret is the same.
    with pytest.raises(CannotResume):
        house.hub.tokens.read(f"{text[32:]}.{text[:32]}")


def test_houses_before_and_after_read_each_others(house: BareHouse) -> None:
    cards = house.hub.cards
    later: dict[str, object] = {
        "identity": "i",
        "login": "",
        "mark": "",
        "nick": "ann",
        "mood": 1,
        "preferences": {"ignore": [], "new": 1},
    }
    text = json.dumps(later)
    assert cards.read(cards._mac(text) + text) == Card("i", "", "", "ann", preferences=Preferences())
