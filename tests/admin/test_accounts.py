"""Accounts made, listed, changed and deleted from outside the chat."""

from __future__ import annotations

import json
import stat

import pytest

from chatroom.chat.ports import READING, RecordChange
from chatroom.journal.offline import OfflineJournal
from chatroom.passwords import Argon
from tests.journal.stand_ins import Desk
from tests.wire.processes import program
from tests.wire.terminals import Terminals

from .conftest import AT

PASSWORD = "correct horse"


@pytest.fixture
def ann(admin):
    """An account, with its folder."""
    admin("account", "add", "Ann", typed=f"{PASSWORD}\n")


def account(admin, key: str = "ann") -> dict:
    with OfflineJournal(admin.folder) as journal:
        [record] = journal.find("account", key)
        return dict(record.value)


def entries(admin) -> list[str]:
    return [json.loads(line)["text"] for line in admin("audit", "--json").lines]


def test_the_first_admin_is_made_before_the_server_has_ever_run(admin):
    done = admin("account", "add", "Ann", "--admin", typed=f"{PASSWORD}\nanything\n")
    assert done.lines == ["Created account Ann (admin)."]
    assert stat.S_IMODE(admin.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((admin.folder / "journal.sqlite3").stat().st_mode) == 0o600

    stored = account(admin)
    assert stored["admin"] is True and stored["nick"] == "Ann"
    assert Argon().verify(stored["hash"], PASSWORD)
    assert entries(admin) == ["created account Ann (admin)"]
    assert admin("check").lines == ["ok: 1 event, 0 rooms, 0 conversations, 1 account"]


def test_who_did_it_is_in_the_audit_log(admin, ann):
    [entry] = [json.loads(line) for line in admin("audit", "--json").lines]
    assert (entry["nick"], entry["act"], entry["where"]) == ("chatroom-admin", "account add", "")


def test_accounts_are_listed_for_people_and_for_programs(admin, ann):
    admin("account", "add", "bob", "--admin", typed=f"{PASSWORD}\n")
    head, *rows = admin("account", "list").lines
    assert head.split() == ["NICK", "ROLE", "SINCE", "LAST", "HERE"]
    assert [row.split()[:2] for row in rows] == [["Ann", "account"], ["bob", "admin"]]

    objects = [json.loads(line) for line in admin("account", "list", "--json").lines]
    assert [(one["nick"], one["role"]) for one in objects] == [("Ann", "account"), ("bob", "admin")]
    assert all(set(one) == {"nick", "role", "since", "seen", "id"} for one in objects)


def test_an_account_that_was_never_used_has_no_last_visit(admin, ann):
    [row] = admin("account", "list").lines[1:]
    assert row.split()[0] == "Ann" and row.endswith("  never")
    assert json.loads(admin("account", "list", "--json").out)["seen"] is None

    with Desk(admin.folder) as server:
        server.now(server.journal.change([RecordChange("", "seen", account(admin)["id"], {"at": AT})]))
    [row] = admin("account", "list").lines[1:]
    assert row.endswith("2023-11-23 12:00")
    assert json.loads(admin("account", "list", "--json").out)["seen"] == "2023-11-23T12:00:00.000Z"


def test_a_new_password_or_role_is_no_visit(admin, ann):
    admin("account", "password", "Ann", typed="another horse\n")
    admin("account", "role", "Ann", "admin")

    assert admin("account", "list").lines[1].endswith("  never")


def test_that_there_are_no_accounts_is_said(admin, server):
    assert admin("account", "list").lines == ["There are no accounts."]
    assert admin("account", "list", "--json").lines == []


@pytest.mark.parametrize(
    ("nick", "complaint"),
    [
        ("ANN", "There is already an account Ann."),
        ("аnn", "mixes"),
        ("\u0430\u0441\u0435", None),
        ("Αnn", "mixes"),
        ("server", "reserved"),
        ("", "cannot be empty"),
        ("a" * 33, "at most 32 characters"),
    ],
)
def test_a_nick_must_be_one_that_can_be_had(admin, ann, nick, complaint):
    done = admin("account", "add", nick, typed=f"{PASSWORD}\n")
    if complaint is None:
        assert done.status == 0
    else:
        assert complaint in done.complaint


def test_a_nick_must_not_look_like_that_of_another_account(admin):
    admin("account", "add", "paypal", typed=f"{PASSWORD}\n")
    done = admin("account", "add", "paypaI", typed=f"{PASSWORD}\n")
    assert done.complaint == "The nick paypaI looks too much like the account paypal."


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        (b"", "No password was given."),
        (b"\n", "No password was given."),
        (b"1234567\n", "A password has at least 8 characters."),
        (b"x" * 1025 + b"\n", "A password has at most 1024 bytes."),
        (b"x" * 100_000, "A password has at most 1024 bytes."),
        ("é".encode() * 600, "A password has at most 1024 bytes."),
        (b"\xff" * 10 + b"\n", "That password is not UTF-8."),
        (b" 12345678\n", "start or end with a space"),
        (b"1234\t5678\n", "contain tabs"),
    ],
)
def test_a_password_must_be_one_that_can_be_typed_in_the_chat(admin, ann, typed, complaint):
    before = account(admin)
    assert complaint in admin("account", "password", "ann", typed=typed).complaint
    assert complaint in admin("account", "add", "bob", typed=typed).complaint
    assert account(admin) == before and entries(admin) == ["created account Ann"]


def test_a_password_may_end_as_lines_do_elsewhere(admin, ann):
    assert admin("account", "password", "ANN", typed="another horse\r\n").status == 0
    assert Argon().verify(account(admin)["hash"], "another horse")
    assert entries(admin)[-1] == "set the password of Ann"


def test_the_longest_password_will_do(admin, ann):
    assert admin("account", "password", "ann", typed="x" * 1024 + "\n").status == 0
    assert Argon().verify(account(admin)["hash"], "x" * 1024)


def test_at_a_terminal_a_password_is_asked_for_twice_and_not_shown(admin, tmp_path):
    with Terminals(tmp_path) as terminals:
        command = (program("chatroom-admin"), "--data", str(admin.folder), "account", "add", "ann")
        terminal = terminals.open("admin", *command)
        terminal.until("^Password:")
        terminal.type(PASSWORD)
        terminal.until("^Repeat it:")
        terminal.type(PASSWORD)
        terminal.until("Created account ann")
        assert terminal.ended() == 0
        assert PASSWORD not in terminal.screen

        terminal = terminals.open("again", *command[:-1], "bob")
        terminal.until("^Password:")
        terminal.type(PASSWORD)
        terminal.until("^Repeat it:")
        terminal.type("correct house")
        terminal.until("The passwords don't match.")
        assert terminal.ended() == 1


def test_an_account_is_deleted_with_what_its_owner_preferred(admin, ann):
    assert admin("account", "delete", "aNN").lines == ["Deleted account Ann; its nick is free."]
    assert admin("account", "list").lines == ["There are no accounts."]
    assert entries(admin)[-1] == "deleted account Ann"


def test_an_account_is_deleted_with_what_its_owner_has_read(admin, ann):
    identity = account(admin)["id"]
    with Desk(admin.folder) as server:
        positions = [RecordChange("lobby", READING, one, {"seq": 3}) for one in (identity, "another")]
        assert server.now(server.journal.change(positions)) is None
        admin("account", "delete", "ann")
        assert server.now(server.journal.find(READING, identity)) == []
        assert len(server.now(server.journal.find(READING, "another"))) == 1


def test_a_role_is_given_and_taken(admin, ann):
    assert admin("account", "role", "ann", "admin").lines == ["Ann is an admin of this server."]
    assert account(admin)["admin"] is True
    assert admin("account", "role", "ann", "admin").lines == ["Ann is an admin of this server."]
    assert admin("account", "role", "ann", "account").lines == ["Ann is not an admin of this server."]
    assert account(admin)["admin"] is False
    assert entries(admin)[1:] == ["made Ann an admin", "made Ann an ordinary account"]


@pytest.mark.parametrize("words", [("delete",), ("password",), ("role",)])
@pytest.mark.parametrize("nick", ["nobody-here", "", "x" * 10_000, "a b", "\x1b[2J"])
def test_who_has_no_account_cannot_be_ruled(admin, ann, words, nick):
    more = ["admin"] if words == ("role",) else []
    done = admin("account", *words, nick, *more, typed=f"{PASSWORD}\n")
    assert done.complaint.startswith("There is no account ")
    assert "\x1b" not in done.err and len(done.err) < 1000


def test_a_damaged_account_is_one_clear_line(admin, server):
    server.sql("""INSERT INTO record VALUES ('', 'account', 'eve', '{"nick": 3}', 0)""")
    for command in (("list",), ("delete", "eve"), ("add", "eve"), ("role", "eve", "admin")):
        assert "chatroom-admin check" in admin("account", *command, typed=f"{PASSWORD}\n").complaint
    server.sql("UPDATE record SET value = '{not JSON' WHERE key = 'eve'")
    assert admin("account", "list").status == 1
