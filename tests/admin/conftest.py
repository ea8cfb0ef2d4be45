"""Fixtures of the tests of ``chatroom-admin``: the program, run in this process, and a journal with some history."""

from __future__ import annotations

import io
import sys
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from chatroom import passwords
from chatroom.admin.__main__ import main
from chatroom.chat.events import AUDIT, AuditEntry, Joined, Left, Said, TopicChanged
from chatroom.chat.ports import RecordChange
from tests.journal.stand_ins import Desk

AT = 1_700_740_800.0
"""Noon on 23 November 2023."""
DAY = 86_400.0


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        assert (self.status, self.err) == (0, ""), self
        return self.out.splitlines()

    @property
    def complaint(self) -> str:
        """The one line that says what went wrong."""
        assert (self.status, self.out) == (1, ""), self
        assert self.err.startswith("chatroom-admin: ") and self.err.count("\n") == 1, self.err
        return self.err.removeprefix("chatroom-admin: ").rstrip("\n")


class Admin:
    """Runs ``chatroom-admin`` on one data folder."""

    def __init__(self, folder: Path, capfd, monkeypatch) -> None:
        self.folder = folder
        self._capfd = capfd
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, typed: str | bytes = "") -> Done:
        """:param typed: what it reads on its standard input, which is no terminal."""
        return self.run("--data", str(self.folder), *arguments, typed=typed)

    def run(self, *arguments: str, typed: str | bytes = "") -> Done:
        """Run it on what the arguments say."""
        data = typed if isinstance(typed, bytes) else typed.encode()
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        self._capfd.readouterr()
        try:
            status = main(arguments)
        except SystemExit as exit:
            status = exit.code
        return Done(status, *self._capfd.readouterr())


@pytest.fixture
def admin(tmp_path, capfd, monkeypatch):
    """The program, on a folder that is not there yet; a hash of a password costs it next to nothing."""
    monkeypatch.setattr(passwords, "Argon", partial(passwords.Argon, passwords.Cost(passes=1, kibibytes=8)))
    return Admin(tmp_path / "data", capfd, monkeypatch)


@pytest.fixture
def server(admin):
    """A journal that a server has open, with two rooms, a conversation, bans and an entry of the audit log."""
    with Desk(admin.folder) as server:
        server.write(
            Joined("lobby", AT, "g1", "ann"),
            TopicChanged("lobby", AT + 1, "g1", "ann", topic="tea"),
            Said("lobby", AT + DAY, "g1", "ann", text="hello\nwörld", ref="c1"),
            Left("lobby", AT + DAY + 60, "g1", "ann", reason="gone home"),
            Said("attic", AT + DAY, "g2", "bob", text="dusty"),
            Said("@g1:g2", AT + DAY, "g1", "ann", text="psst"),
            AuditEntry(AUDIT, AT, "g1", "ann", "kick", "lobby", "kicked eve (spam)"),
        )
        server.now(server.journal.change([*bans("lobby"), *bans("")]))
        yield server


def bans(scope: str) -> list[RecordChange]:
    """Bans of bob, who has an account, and of a network; an expired one; and a mute."""

    def listed(kind: str, mask: str, target: str, at: float = AT, until: float | None = None) -> RecordChange:
        value = {"target": target, "reason": f"spam in {scope}", "by": "ann", "at": at, "until": until}
        return RecordChange(scope, kind, mask, value)

    return [
        listed("ban", "nick:bob", "bob"),
        listed("ban", "party:id-of-bob", "bob"),
        listed("ban", "address:192.0.2.0/24", "192.0.2.9/24", AT + DAY, 4e9),
        listed("ban", "nick:cat", "cat", AT, AT + 60),
        listed("mute", "nick:dan", "dan", AT + 60),
    ]
