"""API tokens: records, secrets, and the names of bots."""

from __future__ import annotations

import re

from chatroom.chat.people.accounts import Account, Accounts
from chatroom.chat.people.api_tokens import Access, ApiTokens, digest_of, id_of, made, new_secret
from chatroom.chat.ports import StandingRecord

ANN = Account("ann-id", "ann", "ann", "", admin=False, since=0.0, seen=None)
SECRET = new_secret("random")


def table():
    accounts = Accounts()
    accounts.put(ANN)
    return accounts, ApiTokens(accounts)


def added(name="Build", secret=SECRET, since=1.0):
    return made(secret, (name, name.lower()), ANN, "ops", Access.READ, since)


def test_a_secret_is_letters_and_digits_that_other_programs_accept_as_a_webhook():
    assert re.fullmatch("[a-z2-7]{32}", SECRET) and new_secret("other") != SECRET


def test_nothing_that_is_stored_tells_the_secret():
    assert SECRET not in str(added().kept()) and added().digest == digest_of(SECRET)


def test_only_the_whole_secret_proves_a_token():
    _, tokens = table()
    tokens.apply(added().kept())

    assert tokens.proven(SECRET) == added()
    for wrong in ("", "x" * 32, id_of(SECRET), SECRET + "a", SECRET[:-1], SECRET.upper(), "\udc80"):
        assert tokens.proven(wrong) is None


def test_a_token_without_its_account_proves_nothing():
    accounts, tokens = table()
    tokens.apply(added().kept())
    accounts.drop(ANN)

    assert tokens.proven(SECRET) is None


def test_records_are_read_as_they_were_written():
    _, tokens = table()
    changes = [added().used(5.0), added().kept()]
    tokens.load([StandingRecord(*change) for change in changes] + [StandingRecord("", "ban", "nick:x", {})])

    assert tokens.proven(SECRET) == added() and tokens.last_use(added()) == 5.0
    assert [tokens.value(change.kind, change.key) for change in changes] == [change.value for change in changes]
    assert tokens.value("token", "other") is tokens.value("token_used", "other") is None


def test_a_name_is_found_by_its_key_and_its_looks_until_it_is_removed():
    _, tokens = table()
    tokens.apply(added().kept())
    assert tokens.of("build") == added() and tokens.looking_like("bui1d", "bui1d") == added() and len(tokens) == 1

    for change in tokens.forgotten(ANN):
        tokens.apply(change)
    assert tokens.of("build") is tokens.looking_like("bui1d", "bui1d") is None and not len(tokens)
    assert tokens.owned(ANN) == []


def test_tokens_of_an_account_are_listed_in_the_order_of_their_making():
    _, tokens = table()
    for name, since in (("b", 2.0), ("a", 3.0), ("c", 1.0)):
        tokens.apply(added(name, new_secret(name), since).kept())

    assert [one.nick for one in tokens.owned(ANN)] == ["c", "b", "a"]


def test_what_a_token_allows_is_said_and_checked():
    assert added().scope == "read, #ops"
    assert Access.BOTH.covers(Access.READ) and not Access.READ.covers(Access.WRITE)
