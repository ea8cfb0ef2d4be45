"""Bans listed and lifted from outside the chat."""

from __future__ import annotations

import json

import pytest

from chatroom.journal.offline import OfflineJournal


def masks(admin, scope: str) -> set[str]:
    with OfflineJournal(admin.folder) as journal:
        return {record.key for record in journal.records(scope)}


@pytest.mark.parametrize(("where", "reason"), [((), "spam in"), (("#Lobby",), "spam in lobby")])
def test_who_is_kept_out_is_listed_once_with_all_that_is_known(admin, server, where, reason):
    head, *rows = admin("ban", "list", *where).lines
    assert head.split() == ["TARGET", "WHAT", "BY", "SINCE", "UNTIL", "REASON"]
    assert [row.split()[:3] for row in rows] == [
        ["192.0.2.9/24", "ban", "ann"],
        ["dan", "mute", "ann"],
        ["bob", "ban", "ann"],
    ]
    assert "2023-11-24 12:00  2096-10-02 07:06" in rows[0] and "forever" in rows[2]
    assert all(row.endswith(reason) for row in rows)


def test_bans_are_listed_for_programs(admin, server):
    objects = [json.loads(line) for line in admin("ban", "list", "lobby", "--json").lines]
    assert objects[2] == {
        "target": "bob",
        "kind": "ban",
        "reason": "spam in lobby",
        "by": "ann",
        "at": "2023-11-23T12:00:00.000Z",
        "until": None,
    }
    assert objects[0]["until"] == "2096-10-02T07:06:40.000Z"


def test_that_nobody_is_banned_is_said(admin, server):
    assert admin("ban", "list", "attic").lines == ["Nobody is banned or muted in #attic."]
    assert admin("ban", "list", "attic", "--json").lines == []


@pytest.mark.parametrize(
    ("target", "gone"),
    [
        ("bob", {"nick:bob", "party:id-of-bob"}),
        ("BOB", {"nick:bob", "party:id-of-bob"}),
        ("192.0.2.0/24", {"address:192.0.2.0/24"}),
        ("192.0.2.9/24", {"address:192.0.2.0/24"}),
        ("dan", {"nick:dan"}),
    ],
)
@pytest.mark.parametrize("where", [(), ("lobby",)])
def test_all_that_a_target_stands_for_is_lifted_in_one_place(admin, server, target, gone, where):
    scope, other = ("lobby", "") if where else ("", "lobby")
    before = masks(admin, scope)
    untouched = masks(admin, other)
    admin("ban", "lift", target, *where).lines  # noqa: B018
    assert masks(admin, scope) == before - gone
    assert masks(admin, other) == untouched

    entry = json.loads(admin("audit", "-n", "1", "--json").lines[0])
    assert (entry["nick"], entry["act"], entry["where"]) == ("chatroom-admin", "ban lift", scope)
    assert target in entry["text"]


@pytest.mark.parametrize(
    "target", ["eve", "cat2", "", "198.51.100.7", "127.0.0.1", "x" * 10_000, "a/b", "'; DROP TABLE record"]
)
def test_who_is_not_banned_cannot_be_let_in(admin, server, target):
    before = masks(admin, "")
    complaint = admin("ban", "lift", target).complaint
    assert ("is not banned or muted on this server." in complaint or "…" in complaint) and len(complaint) < 600
    assert masks(admin, "") == before
    assert len(admin("audit").lines) == 1


def test_a_room_that_can_have_no_such_name_is_refused(admin, server):
    assert "room's name" in admin("ban", "list", "a b").complaint


@pytest.mark.parametrize("value", ["{}", '{"target": 7, "at": "x", "until": "soon"}', "[1]"])
def test_a_damaged_ban_is_one_clear_line(admin, server, value):
    server.sql(f"UPDATE record SET value = '{value}' WHERE scope = 'lobby' AND key = 'nick:bob'")
    assert "chatroom-admin check" in admin("ban", "list", "lobby").complaint
    assert admin("ban", "lift", "eve", "lobby").status == 1
