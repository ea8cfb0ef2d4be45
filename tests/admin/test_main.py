"""The command line itself."""

from __future__ import annotations

import pytest

from chatroom import __version__

COMMANDS = [
    (),
    ("account",),
    ("account", "add"),
    ("account", "list"),
    ("account", "delete"),
    ("account", "password"),
    ("account", "role"),
    ("ban",),
    ("ban", "list"),
    ("ban", "lift"),
    ("rooms",),
    ("export",),
    ("audit",),
    ("trim",),
    ("check",),
    ("backup",),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(admin, words):
    done = admin(*words, "--help")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"usage: {' '.join(('chatroom-admin', *words))} ")
    assert not admin.folder.exists()


def test_it_knows_its_version(admin):
    assert admin("--version").lines == [f"chatroom-admin {__version__}"]


@pytest.mark.parametrize(
    ("words", "mistake"),
    [
        ((), ": the following arguments are required: COMMAND; see chatroom-admin --help"),
        (("dance",), ": argument COMMAND: invalid choice: 'dance' (choose from "),
        (("dance\n\x1b[2J" * 1000,), ": argument COMMAND: invalid choice: 'dance"),
        (("account",), " account: the following arguments are required: COMMAND; see chatroom-admin account --help"),
        (("ban",), " ban: the following arguments are required: COMMAND; "),
        (("account", "role", "ann", "king"), " account role: argument role: invalid choice: 'king' (choose from "),
        (("rooms", "--jsn"), ": unrecognized arguments: --jsn; see chatroom-admin --help"),
        (("trim", "lobby"), " trim: give at least one of --days, --lines and --megabytes; see chatroom-admin trim"),
        (("trim", "lobby", "--days"), " trim: argument --days: expected one argument; "),
    ],
)
def test_a_command_that_makes_no_sense_is_a_mistake_in_one_line(admin, words, mistake):
    done = admin(*words)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"chatroom-admin{mistake}") and done.err.count("\n") == 1 and len(done.err) < 400


def test_the_folder_can_be_named_behind_the_command_too(admin, server, tmp_path):
    folder, admin.folder = admin.folder, tmp_path / "elsewhere"
    assert admin("rooms").status == 1
    assert admin("rooms", "--data", str(folder)).status == 0


def test_without_a_folder_it_is_the_servers_own(admin, server, monkeypatch, capfd):
    from chatroom.admin.__main__ import main

    monkeypatch.setenv("STATE_DIRECTORY", f"{admin.folder}:/elsewhere")
    assert main(["check"]) == 0


def test_who_has_no_home_is_told_to_name_a_folder(admin):
    admin.folder = "~nobody-at-all/data"
    assert "--data" in admin("check").complaint
