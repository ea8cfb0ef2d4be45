"""Tokens for scripts, made, listed and revoked from outside the chat."""

from __future__ import annotations

import json
import re

import pytest

from chatroom.chat.people.accounts import Accounts
from chatroom.chat.people.api_tokens import Access, ApiTokens
from chatroom.journal.offline import OfflineJournal

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def ann(admin):
    """An account, with its folder."""
    admin("account", "add", "Ann", typed=f"{PASSWORD}\n")


def table(admin) -> ApiTokens:
    """The tokens, as a server reads them."""
    with OfflineJournal(admin.folder) as journal:
        records = journal.records()
    accounts = Accounts()
    accounts.load(records)
    tokens = ApiTokens(accounts)
    tokens.load(records)
    return tokens


@pytest.mark.parametrize(
    ("given", "room", "access"),
    [
        ((), "", Access.BOTH),
        (("#Ops",), "ops", Access.BOTH),
        (("--read",), "", Access.READ),
        (("ops", "--write"), "ops", Access.WRITE),
    ],
)
def test_a_token_is_printed_once_and_lets_a_script_in(admin, given, room, access):
    [secret] = admin("token", "add", "ann", "Build", *given).lines
    token = table(admin).proven(secret)

    assert re.fullmatch("[a-z2-7]{32}", secret) and token is not None
    assert (token.nick, token.room, token.access) == ("Build", room, access)
    assert secret.encode() not in b"".join(one.read_bytes() for one in admin.folder.iterdir())
    assert json.loads(admin("audit", "--json").lines[-1])["text"] == f"added the token Build ({token.scope})"


def test_tokens_are_listed_for_people_and_for_programs(admin):
    assert admin("token", "list").lines == ["There are no tokens."]
    admin("token", "add", "ann", "build", "ops", "--write")
    head, row = admin("token", "list").lines
    [one] = [json.loads(line) for line in admin("token", "list", "--json").lines]

    assert head.split() == ["NAME", "ACCOUNT", "FOR", "SINCE", "LAST", "USED"]
    assert row.split()[:4] == ["build", "Ann", "write,", "#ops"] and row.endswith("  never")
    assert {**one, "since": ""} == {
        "name": "build",
        "account": "Ann",
        "room": "ops",
        "access": "write",
        "since": "",
        "used": None,
    }


def test_a_revoked_token_is_gone(admin):
    [secret] = admin("token", "add", "ann", "build").lines

    assert admin("token", "remove", "BUILD").lines == ["The token build is revoked."]
    assert (
        table(admin).proven(secret) is None
        and admin("token", "remove", "build").complaint == "There is no token build."
    )


def test_the_tokens_of_a_deleted_account_go_with_it(admin):
    admin("token", "add", "ann", "build")
    admin("account", "delete", "ann")

    assert not len(table(admin)) and admin("token", "list").lines == ["There are no tokens."]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (("nobody", "build"), "There is no account nobody."),
        (("ann", "ANN"), "There is already an account Ann."),
        (("ann", "bill"), "There is already a bot bill."),
        (("ann", "bi1l"), "The nick bi1l looks too much like the bot bill."),
        (("ann", "a b"), "A nick cannot contain spaces."),
        (("ann", "build", "@x"), "A room's name cannot contain '@': only letters, digits and - _ . ' | ^ ` [ ] { }"),
    ],
)
def test_what_is_not_possible_is_said_in_one_line(admin, given, complaint):
    admin("token", "add", "ann", "bill")

    assert admin("token", "add", *given).complaint == complaint


def test_an_account_cannot_have_the_nick_of_a_bot(admin):
    admin("token", "add", "ann", "build")

    assert admin("account", "add", "build", typed=f"{PASSWORD}\n").complaint == "There is already a bot build."
