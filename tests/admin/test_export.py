"""Rooms, exports and the audit log."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys

import pytest

from chatroom.chat.events import AUDIT, AuditEntry, Joined, Kicked, Left, Said
from chatroom.dialects.json.dialect import JsonDialect
from tests.wire.processes import program

from .conftest import AT, DAY

LOBBY = [
    "2023-11-23 12:00 -- ann joined #lobby",
    "2023-11-23 12:00 -- ann set the topic of #lobby: tea",
    "2023-11-24 12:00 <ann> hello",
    "      | wörld",
    "2023-11-24 12:01 -- ann left #lobby (gone home)",
]


def test_rooms_are_listed_and_conversations_are_not(admin, server):
    head, *rows = admin("rooms").lines
    assert head.split() == ["ROOM", "EVENTS", "FIRST", "LAST", "TOPIC"]
    assert [row.split() for row in rows] == [
        ["#lobby", "4", "2023-11-23", "2023-11-24", "tea"],
        ["#attic", "1", "2023-11-24", "2023-11-24"],
    ]


def test_rooms_are_listed_for_programs(admin, server):
    lobby, attic = [json.loads(line) for line in admin("rooms", "--json").lines]
    assert lobby == {
        "room": "lobby",
        "events": 4,
        "first": "2023-11-23T12:00:00.000Z",
        "last": "2023-11-24T12:01:00.000Z",
        "topic": "tea",
    }
    assert attic["topic"] == ""


def test_a_room_is_exported_in_the_words_of_the_chat(admin, server):
    for name in ("lobby", "#LOBBY"):
        assert admin("export", name).lines == LOBBY


def test_a_room_is_exported_as_programs_get_it(admin, server):
    batch = server.now(server.journal.after("lobby", 0, 100))
    assert admin("export", "lobby", "--format", "json").out == JsonDialect(64).encode(batch).decode()


def test_who_is_kicked_leaves_in_the_same_line_of_an_export(admin, server):
    server.write(
        Kicked("attic", AT + DAY, "g2", "bob", target="eve", reason="spam"),
        Left("attic", AT + DAY, "g3", "eve", reason="removed by bob"),
        Left("attic", AT + DAY, "g4", "dan", reason=""),
        Joined("attic", AT + DAY, "g3", "eve"),
        Left("attic", AT + DAY, "g3", "eve", reason="gone"),
    )

    assert [line.removeprefix("2023-11-24 12:00 ") for line in admin("export", "attic").lines] == [
        "<bob> dusty",
        "-- bob kicked eve (spam)",
        "-- dan left #attic",
        "-- eve joined #attic",
        "-- eve left #attic (gone)",
    ]
    assert admin("export", "attic", "--format", "json").out.count('"type":"left"') == 3


def test_a_conversation_and_the_audit_log_are_exported_by_their_whole_names(admin, server):
    assert admin("export", "@g1:g2").out.startswith("2023-11-24 12:00 [ann -> ") or admin("export", "@g1:g2").lines
    assert admin("export", "&audit").lines == ["2023-11-23 12:00 -- ann, kick in #lobby: kicked eve (spam)"]


@pytest.mark.parametrize("room", ["cellar", "@g1:g9", "&other"])
def test_a_room_that_is_not_there_cannot_be_exported(admin, server, room):
    assert admin("export", room).complaint.startswith("There is no room ")


def test_an_export_goes_into_a_new_file_for_its_owner_only(admin, server, tmp_path):
    file = tmp_path / "lobby.txt"
    assert admin("export", "lobby", "--output", str(file)).lines == [f"4 events of #lobby written to {file}."]
    assert file.read_text("utf-8").splitlines() == LOBBY
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_export_overwrites_nothing_unless_forced(admin, server, tmp_path):
    file = tmp_path / "lobby.txt"
    file.write_text("precious")
    file.chmod(0o644)
    command = ("export", "lobby", "--output", str(file))
    assert admin(*command).complaint == f"{file} already exists; --force overwrites it."
    assert file.read_text() == "precious"

    assert admin(*command, "--force").status == 0
    assert file.read_text("utf-8").splitlines() == LOBBY
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "lobby.txt"]


def test_a_forced_export_follows_a_link_and_leaves_it(admin, server, tmp_path):
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("precious")
    link.symlink_to(file)
    assert admin("export", "lobby", "--output", str(link), "--force").status == 0
    assert link.is_symlink() and file.read_text("utf-8").splitlines() == LOBBY


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_what_is_no_file_is_not_overwritten(admin, server, tmp_path, force):
    for target in (tmp_path, "/dev/null", admin.folder / "journal.sqlite3", admin.folder / "journal.sqlite3-journal"):
        assert str(target) in admin("export", "lobby", "--output", str(target), *force).complaint
    assert admin("check").status == 0


def test_an_export_that_fails_leaves_no_half_file(admin, server, tmp_path):
    server.sql("UPDATE event SET type = 'danced' WHERE seq = 4")
    file = tmp_path / "lobby.txt"
    for force in ((), ("--force",)):
        assert admin("export", "lobby", "--output", str(file), *force).status == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("at", ["1e300", "1e17", "-1e17"])
def test_an_impossible_time_is_one_clear_line(admin, server, at):
    server.sql(f"UPDATE event SET at = {at} WHERE seq = 1")
    for words in (("export", "lobby"), ("export", "lobby", "--format", "json"), ("rooms",), ("audit",)):
        assert "chatroom-admin check" in admin(*words).complaint


def test_the_audit_log_is_shown_oldest_first(admin, server):
    server.write(*(AuditEntry(AUDIT, AT + n, "g1", "ann", "announce", "", f"number {n}") for n in range(1, 5)))
    assert admin("audit").lines == [
        "2023-11-23 12:00 -- ann, kick in #lobby: kicked eve (spam)",
        *(f"2023-11-23 12:00 -- ann, announce: number {n}" for n in range(1, 5)),
    ]
    assert admin("audit", "-n", "2").lines == admin("audit").lines[-2:]
    newest = json.loads(admin("audit", "-n", "1", "--json").lines[0])
    assert (newest["seq"], newest["text"]) == (5, "number 4")


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "nan"])
def test_a_number_of_entries_must_be_one(admin, server, number):
    assert admin("audit", "-n", number).status == 2


def test_that_nobody_ruled_yet_is_said(admin, server):
    server.sql("DELETE FROM event WHERE room = (SELECT id FROM room WHERE name = '&audit')")
    assert admin("audit").lines == ["The moderation log is empty."]
    assert admin("audit", "--json").lines == []


def test_whoever_has_seen_enough_is_told_nothing_more(admin, server):
    server.write(*(Said("lobby", AT + DAY, "g1", "ann", text="x" * 1000) for _ in range(500)))
    command = f"{program('chatroom-admin')} export lobby --data {admin.folder} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout.splitlines(), done.stderr) == ([LOBBY[0], "0"], "")


def test_a_full_disk_is_one_clear_line(admin, server):
    with open("/dev/full", "w") as full:
        command = [program("chatroom-admin"), "--data", str(admin.folder), "export", "lobby"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "chatroom-admin: standard output: No space left on device\n")


def test_the_examples_of_the_help_can_be_run_as_they_stand(admin, server, tmp_path):
    """All but the one that asks for a password; ``jq`` prints what was said, and nothing for what has no text."""
    examples = re.findall(r"^  (chatroom-admin .*?)(?:   .*)?$", admin("--help").out, re.MULTILINE)
    assert [one.split()[1] for one in examples] == ["account", "--data", "export", "backup"]
    program("jq")
    for example in examples[1:]:
        folder = "" if "--data" in example else f"--data {admin.folder} "
        ours = f"{sys.executable} -m chatroom.admin {folder}"
        command = example.replace("chatroom-admin ", ours).replace("/srv/chat", str(admin.folder))
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=tmp_path, check=False)
        assert (done.returncode, done.stderr) == (0, ""), command
        if "jq" in example:
            assert done.stdout == "hello\nwörld\n"
