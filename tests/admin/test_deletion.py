"""Deleting one message, without a server and beside one."""

from __future__ import annotations

import json

import pytest

from chatroom.chat.event import Marks
from tests.journal.traces import traces

from .conftest import AT


@pytest.fixture
def stopped(admin, server):
    """The folder of the server after it was stopped."""
    server.close()
    return admin


@pytest.mark.parametrize(("room", "seq", "text"), [("lobby", 3, "hello"), ("@g1:g2", 1, "psst")])
def test_a_message_is_deleted_and_erased_while_no_server_runs(stopped, room, seq, text):
    assert traces(stopped.folder, text)
    shown = room if room[0] == "@" else f"#{room}"
    done = stopped("delete", room, str(seq), "--reason", "a password")
    assert done.lines == [f"Deleted message {seq} of {shown}."]

    assert traces(stopped.folder, text) == set()
    exported = [json.loads(line) for line in stopped("export", room, "--format", "json").lines]
    assert exported[seq - 1]["text"] == "" and exported[seq - 1]["deleted"] == "chatroom-admin"
    last = exported[-1]
    assert (last["type"], last["re"], last["author"], last["by_author"]) == ("deleted", seq, "ann", False)
    assert last["reason"] == "a password" and last["nick"] == "chatroom-admin"
    assert "(deleted)" in stopped("export", room).out
    [entry] = [json.loads(line) for line in stopped("audit", "-n", "1", "--json").lines]
    assert (entry["act"], entry["where"]) == ("delete", "" if room[0] == "@" else room)
    assert f"message {seq}" in entry["text"] and "(a password)" in entry["text"] and text not in entry["text"]
    assert stopped("check").status == 0


@pytest.mark.parametrize(
    ("room", "seq", "why"),
    [
        ("lobby", 1, "Event 1 of #lobby is not a message."),
        ("lobby", 99, "#lobby has no message 99."),
        ("nowhere", 1, "There is no room #nowhere; chatroom-admin rooms lists all rooms."),
    ],
)
def test_what_is_no_message_is_refused(stopped, room, seq, why):
    assert stopped("delete", room, str(seq)).complaint == why


def test_a_message_is_deleted_once(stopped):
    assert stopped("delete", "lobby", "3").status == 0
    assert stopped("delete", "lobby", "3").complaint == "Message 3 of #lobby is already deleted."


@pytest.mark.parametrize("seq", ["0", "x", "-1", "1.5"])
def test_a_number_is_a_number(stopped, seq):
    assert stopped("delete", "lobby", seq).status == 2


def test_a_reason_has_a_bound(stopped):
    assert stopped("delete", "lobby", "3", "--reason", "x" * 301).complaint == "A reason has at most 300 characters."


def test_a_running_server_is_asked_and_what_it_has_not_done_stays_asked_for(admin, server, monkeypatch):
    """This server has only a journal, and no house that would do it."""
    monkeypatch.setattr("chatroom.admin.deletion._SERVER", 0.2)
    assert "not deleted it yet" in admin("delete", "lobby", "3").complaint
    server.rest(2)
    [[request]] = server.told.changes
    assert (request.kind, request.key) == ("delete", "lobby 3")
    _, entry = server.read("&audit")[-1]
    assert entry.act == "delete" and entry.at > AT
    assert dict(server.read("lobby"))[3].marks != Marks(deleted="chatroom-admin")


def test_a_backup_that_cannot_be_cleaned_is_told_of(stopped):
    backup = stopped.folder / "journal.sqlite3.v3.20260101T000000Z.bak"
    backup.write_bytes(b"not a database" * 100)
    done = stopped("delete", "lobby", "3")
    assert done.status == 1 and done.complaint.startswith(
        "the message is deleted, but its text may still be in a backup"
    )
    assert backup.name in done.complaint and "(deleted)" in stopped("export", "lobby").out
