"""API access: who gets in with a token, and how tokens come and go."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.identity import Hello
from chatroom.chat.people.api_tokens import made, new_secret
from chatroom.chat.policy import DefaultRoom, Policy
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.chat.refusals import BadName, BannedHere, Insecure, NickTaken, NotHere, TooMany, TooSoon, WrongToken

from .bare import BareHouse
from .scripted import Access, Scripted


def add(house, name, room="", access=Access.BOTH):
    script = Scripted(house, f"{name}x")
    account = house.core.accounts.of("ann")
    return script.done(house.hub.bots.access.add(account, name, room, access))


@pytest.mark.parametrize("name", ["bob", "BOB", "b0b", "ann", "carl"])
def test_a_bot_cannot_have_the_nick_of_somebody_or_one_that_looks_like_it(house: BareHouse, name):
    house.join("bob")
    house.account("carl")

    with pytest.raises(NickTaken):
        add(house, name)


@pytest.mark.parametrize("name", ["admin", "a b", "", "<x>", "here"])
def test_the_rules_for_nicks_hold_for_bots(house: BareHouse, name):
    with pytest.raises(BadName):
        add(house, name)


def test_a_bot_cannot_have_a_nick_that_makes_its_owner_an_operator():
    house = BareHouse(policy=Policy(rooms=(DefaultRoom("ops", "", ("Boss",)),), reserved=frozenset({"desk"})))
    for name in ("boss", "desk"):
        with pytest.raises(BadName):
            add(house, name)


def test_nobody_can_have_the_nick_of_a_bot(house: BareHouse):
    Scripted(house, "build")
    for nick in ("build", "Build", "bui1d"):
        assert house.connect().refusal(Hello(nick)) == "nick_taken"


def test_who_has_the_nick_that_another_program_gives_to_a_bot_is_renamed(house: BareHouse):
    bob, account = house.join("bob"), house.account("ann")
    token = made(new_secret("x"), ("bob", "bob"), account, "", Access.BOTH, 0.0)
    house.change_from_outside(token.kept())
    house.settle()

    assert bob.nick == "bob2"


def test_an_account_has_so_many_tokens_and_no_more():
    house = BareHouse(tokens=2)
    for name in ("one", "two"):
        Scripted(house, name)

    with pytest.raises(TooMany):
        Scripted(house, "three")


def test_the_last_use_is_noted_once_a_minute(house: BareHouse):
    script = Scripted(house)
    [token] = house.core.api_tokens.owned(script.house.core.accounts.of("ann"))
    assert house.core.api_tokens.last_use(token) is None

    first = script.bot.active
    house.advance(30)
    assert script.bot and house.core.api_tokens.last_use(token) == first
    house.advance(31)
    assert script.bot and house.core.api_tokens.last_use(token) == first + 61
    [record] = [one for one in house.journal.standing() if one.kind == "token_used"]
    house.settle()
    assert record.value["at"] in (first, first + 61)


def test_a_use_that_cannot_be_stored_fails_nobody(house: BareHouse):
    script = Scripted(house)
    house.journal.broken = JournalError("the disk is full")

    assert script.bot
    house.settle()


def test_nothing_stays_of_a_token_that_is_revoked_while_its_use_is_stored(house: BareHouse):
    script = Scripted(house)
    bot = script.bot
    script.done(house.hub.bots.access.remove(bot.account, "build"))

    assert not [one for one in house.journal.standing() if one.kind.startswith("token")]


def test_who_is_revoked_meanwhile_is_refused(house: BareHouse):
    script = Scripted(house)
    bot = script.bot
    assert house.hub.bots.access.current(bot) == bot
    script.done(house.hub.bots.access.remove(bot.account, "build"))

    with pytest.raises(WrongToken):
        house.hub.bots.access.current(bot)


def test_the_token_of_another_is_removed_by_admins_only(house: BareHouse):
    script = Scripted(house)
    access, other = house.hub.bots.access, house.account("bob")
    with pytest.raises(NotHere):
        script.done(access.remove(other, "build"))

    assert script.done(access.remove(house.account("boss", admin=True), "BUILD")).nick == "build"


def test_wrong_tokens_are_slowed(house: BareHouse):
    access = house.hub.bots.access
    for _ in range(5):
        with pytest.raises(WrongToken):
            access.bot("x" * 32, "192.0.2.7")

    with pytest.raises(TooSoon) as slowed:
        access.bot("y" * 32, "192.0.2.7")
    assert slowed.value.wait == 1.0


def test_a_token_needs_a_private_way_unless_the_server_says_otherwise(house: BareHouse):
    access = house.hub.bots.access
    access.check_way(True)
    with pytest.raises(Insecure):
        access.check_way(False)
    house.hub.set_policy(Policy(plain_login=True))
    access.check_way(False)


def test_a_bot_is_banned_with_its_account_or_alone(house: BareHouse):
    one, other = Scripted(house, "one"), Scripted(house, "other")
    house.change_from_outside(ban("nick:one"))
    with pytest.raises(BannedHere):
        assert one.bot
    assert other.bot
    house.change_from_outside(ban("party:ann-id"))
    with pytest.raises(BannedHere):
        assert other.bot


def ban(mask):
    return RecordChange("", "ban", mask, {"target": "x", "reason": "", "by": "boss", "at": 0.0, "until": None})
