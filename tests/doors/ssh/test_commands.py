"""One command a session, for scripts: ``ssh host who``."""

from __future__ import annotations

import json

import pytest

from chatroom.chat.ports import JournalError
from chatroom.doors.ssh.command_door import FAILED, MISUSED
from tests.house import House
from tests.ssh_person import SshPerson


@pytest.fixture
def ssh(house: House):
    """Run a command line; the session ends with it unless something is followed."""

    def run(line: bytes | str, nick: str = "script") -> SshPerson:
        person = SshPerson(house)
        person.command = line if isinstance(line, bytes) else line.encode()
        person.joins(nick)
        return person

    return run


def test_who_is_here(house, ssh):
    house.join("ann")
    script = ssh("who")

    assert script.heard_of("ann")
    assert script.status == 0 and script.gone and not script.errors


def test_something_is_said(house, ssh):
    script = ssh("say ops build 'is  green'")

    assert house.words("ops") == ["build is  green"] and script.status == 0
    assert script.lines == []


def test_lines_between_quotes_are_said_as_one_message(house, ssh):
    ann = house.join("ann")

    assert ssh("say ops 'two\r\nlines\n'").status == 0 and house.words("ops") == ["two\nlines"]
    assert ssh("say ops no\nquotes").status == 0 and house.words("ops")[-1] == "no quotes"
    assert ssh("msg ann 'a\n/me waves'").status == 0 and ann.heard("[script -> you] a") and ann.heard_of("/me waves")
    assert ssh("search ops 'two\nlines'").heard_of("two")


def test_what_was_said(house, ssh):
    ann = house.join("ann")
    ann.types("/join ops", *(f"line {n}" for n in range(5)))
    script = ssh("history ops 2")

    assert [line for line in script.lines if line.startswith("<")] == ["<ann> line 3", "<ann> line 4"]
    objects = [json.loads(line) for line in ssh("history ops 2 --json").shown.decode().splitlines()]
    assert "line 4" in json.dumps(objects)


def test_rooms_search_and_private_messages(house, ssh):
    ann = house.join("ann")
    ann.types("tea at five")

    assert ssh("rooms").heard_of("#lobby")
    assert ssh("search lobby tea").heard_of("tea at five")
    assert ssh("msg ann psst").status == 0 and ann.heard("[script -> you] psst")


def test_a_room_is_followed_until_the_client_goes(house, ssh):
    ann = house.join("ann")
    ann.types("/join ops")
    script = ssh("follow ops")
    ann.types("one", "two")
    script.waits()

    assert script.lines[-2:] == ["<ann> one", "<ann> two"] and not script.gone
    script.leaves()
    house.advance(60)
    assert ann.heard_of("script left #ops") or ann.heard_of("script")


@pytest.mark.parametrize(
    ("line", "status", "error"),
    [
        (b"", MISUSED, "There is no such command here."),
        (b"rm -rf /", MISUSED, "There is no such command here. These are: who [ROOM], "),
        (b"say", MISUSED, "Usage: say ROOM TEXT"),
        (b"history ops x", MISUSED, "Usage: history ROOM [N] [--json]"),
        (b"history ops 0", MISUSED, "Usage: history ROOM [N] [--json]"),
        (b"history ops " + b"9" * 5000, MISUSED, "Usage: history ROOM [N] [--json]"),
        (b"say 'ops", MISUSED, "That command line cannot be read: No closing quotation."),
        (b"\xff\xfe", MISUSED, "not UTF-8"),
        (b"say ops \x00\x01", MISUSED, "Usage: say ROOM TEXT"),
        (b"msg nobody hi", FAILED, "nobody"),
        (b"history ops 1000000", FAILED, "At most 200 lines at a time."),
        (b"say ops " + b"x" * 2**20, MISUSED, ""),
        (b"say ops " + b"'x' " * 4000, MISUSED, "A command line has at most 8192 bytes."),
        (b"scp -t /tmp", MISUSED, "There is no such command here."),
    ],
)
def test_what_is_wrong_is_told_on_standard_error(house, ssh, line, status, error):
    script = ssh(line)

    assert script.status == status or (script.gone and script.status is None), (script.status, script.errors)
    assert error in script.errors.decode() and not script.shown
    assert not house.words("ops")


def test_files_are_refused_in_words(house):
    script = SshPerson(house)
    script.subsystem = b"sftp"
    script.joins("ann")

    assert b"No files are exchanged here" in script.errors and script.status == MISUSED


def test_what_is_typed_meanwhile_is_not_read(house, ssh):
    script = ssh("follow ops")
    script.types("hello")

    assert not house.words("ops")


def test_who_is_sent_away_before_it_was_done_is_told_why(house, ssh):
    ann = house.join("ann")
    ann.types("/join ops")
    house.hub.core.closing = True
    script = ssh("say ops build failed")

    assert script.gone and script.status == FAILED and house.words("ops") == []
    assert b"The server is shutting down." in script.errors


def test_only_that_room_is_searched(house, ssh):
    ann = house.join("ann")
    ann.types("the password is tea", "/join ops", "tea at five")
    found = ssh("search ops tea")

    assert found.heard_of("tea at five") and not found.heard_of("password")


def test_only_what_happens_in_the_room_is_followed(house, ssh):
    ann = house.join("ann")
    ann.types("/join ops")
    script = ssh("follow ops")
    before = len(script.lines)
    ann.types("/msg script psst", "/topic tea", "one")
    script.waits()

    assert [line for line in script.lines[before:] if "psst" in line or "private" in line] == []
    assert script.lines[-1] == "<ann> one" and not script.gone


@pytest.mark.parametrize("command", ["/kick script", "/ban script"])
def test_who_follows_a_room_and_is_put_out_is_told_and_ends(house, ssh, command):
    ann = house.join("ann")
    ann.types("/join ops")
    script = ssh("follow ops")
    ann.types(command)
    house.advance(1)
    script.waits()

    assert script.gone and script.status == FAILED and b"#ops" in script.errors


def test_while_nothing_can_be_stored_what_is_followed_goes_on(house, ssh):
    ann = house.join("ann")
    ann.types("/join ops")
    script = ssh("follow ops")
    house.journal.broken = JournalError("the disk is full")
    ann.types("lost")
    house.journal.broken = None
    ann.types("kept")
    script.waits()

    assert "<ann> kept" in script.lines and not script.gone and b"the disk is full" in script.errors


def test_quotes_part_no_letter_from_its_marks(house, ssh):
    marks = "\u0301" * 3
    ssh(f"say ops e{marks}''{marks}''{marks}''{marks}")

    [said] = house.words("ops")
    assert said.count("\u0301") <= 8


def test_a_slash_before_the_command_changes_nothing(house, ssh):
    ssh("/say ops use --json please")

    assert house.words("ops") == ["use --json please"]
