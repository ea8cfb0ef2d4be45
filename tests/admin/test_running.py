"""A running server notices changes that ``chatroom-admin`` makes within two seconds, without a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatroom.journal.offline import OfflineJournal
from tests.wire.clients import JsonClient, Object, TextClient
from tests.wire.processes import Started, program, wait_until
from tests.wire.server import Server

pytestmark = [pytest.mark.wire, pytest.mark.slow]

PASSWORD = "correct horse"


class Beside:
    """Runs ``chatroom-admin`` beside a server."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def __call__(self, *words: str, typed: str = "", ok: bool = True) -> str:
        """Run one command to its end; return what it printed."""
        with Started([program("chatroom-admin"), "--data", self.server.data, *words]) as started:
            started.type(typed)
            started.end_input()
            assert (started.ended() == 0) is ok, started.output
            return started.output


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Beside]:
    """``chatroom-admin``, beside a running server whose first admin, ann, it has made before the first start."""
    server = Server(tmp_path, "--rate", "0")
    admin = Beside(server)
    admin("account", "add", "ann", "--admin", typed=PASSWORD)
    with server:
        yield admin


def answer(client: JsonClient, kind: str, **values: object) -> Object:
    """Ask, and return the answer."""
    client.ask(kind, ref="asked", **values)
    return client.until_ref("asked")[-1]


def log_in(client: JsonClient, nick: str) -> Object:
    client.ask("login", nick=nick, password=PASSWORD)
    return client.until("logged_in")[-1]


def test_the_first_admin_can_log_in_and_rule(beside):
    with JsonClient(beside.server.port, "ann") as ann:
        assert log_in(ann, "ann")["role"] == "admin"
        assert answer(ann, "audit")["type"] == "audit"


def test_accounts_and_roles_hold_without_a_restart(beside):
    with JsonClient(beside.server.port, "ann") as ann, JsonClient(beside.server.port, "bob") as bob:
        log_in(ann, "ann")
        beside("account", "add", "bob", "--admin", typed=PASSWORD)
        beside("account", "role", "ann", "account")
        wait_until(lambda: answer(ann, "audit")["type"] == "refused", "ann is an admin still")
        assert log_in(bob, "bob")["role"] == "admin"
        beside("account", "role", "ann", "admin")
        wait_until(lambda: answer(ann, "audit")["type"] == "audit", "ann is no admin still")


def test_who_is_logged_in_to_a_deleted_account_is_a_guest_again(beside):
    with TextClient(beside.server.port, "guest1") as ann:
        ann.type(f"/login ann {PASSWORD}")
        ann.until("Logged in as ann")
        beside("account", "delete", "ann")
        ann.until("-- You are a guest again")
        ann.type("/register another horse")
        ann.until("Logged in as ann")


def test_who_is_logged_in_must_log_in_again_with_a_new_password(beside):
    with JsonClient(beside.server.port, "ann") as ann:
        log_in(ann, "ann")
        beside("account", "password", "ann", typed="another horse")
        ann.until("logged_out")
        ann.ask("login", nick="ann", password="another horse")
        ann.until("logged_in")


def test_a_ban_that_is_lifted_lets_in(beside):
    with JsonClient(beside.server.port, "ann") as ann, JsonClient(beside.server.port, "bob") as bob:
        log_in(ann, "ann")
        for kind, where in (("ban", {"room": "lobby"}), ("gban", {})):
            assert answer(ann, kind, target="eve", **where)["type"] != "refused"
        assert answer(bob, "nick", nick="eve")["type"] == "refused"
        assert "eve" in beside("ban", "list") and "eve" in beside("ban", "list", "lobby")
        beside("ban", "lift", "eve")
        beside("ban", "lift", "eve", "lobby")
        wait_until(lambda: answer(bob, "nick", nick="eve")["type"] != "refused", "eve is banned still")


def test_chat_goes_on_while_the_room_is_exported_trimmed_and_copied(beside, tmp_path):
    with JsonClient(beside.server.port, "bob") as bob:
        for number in range(200):
            bob.ask("say", room="lobby", text=f"line {number}")
        bob.until("said", text="line 199")
        assert beside("export", "lobby").count("<bob> line ") == 200
        assert "from #lobby" in beside("trim", "lobby", "--lines", "10")
        beside("backup", str(tmp_path / "copy"))
        wait_until(
            lambda: len(answer(bob, "history", room="lobby", count=50)["events"]) <= 10,
            "what was trimmed is shown still",
        )
        bob.ask("say", room="lobby", text="still here")
        bob.until("said", text="still here")
        assert "still here" in beside("export", "lobby")
        assert beside("check").startswith("ok: ")

    (tmp_path / "restored").mkdir()
    (tmp_path / "copy").rename(tmp_path / "restored" / "journal.sqlite3")
    with OfflineJournal(tmp_path / "restored") as restored:
        # The audit log's entry for the trim is in the copy: it was made before.
        assert len(list(restored.events("lobby"))) == 10 and restored.room("&audit").last >= 2


def test_a_deleted_message_vanishes_from_the_chat_and_from_the_disk(beside):
    with JsonClient(beside.server.port, "bob") as bob:
        bob.ask("say", room="lobby", text="hunterzwei")
        seq = bob.until("said", text="hunterzwei")[-1]["seq"]
        assert "hunterzwei" in beside("export", "lobby")
        done = beside("delete", "lobby", str(seq), "--reason", "a password")
        assert done == f"Deleted message {seq} of #lobby; erased from the disk within a minute.\n"
        shown = bob.until("deleted")[-1]
        assert (shown["re"], shown["author"], shown["reason"]) == (seq, "bob", "a password")
        assert "hunterzwei" not in beside("export", "lobby") and "hunterzwei" not in beside("audit")
        [found] = [one for one in answer(bob, "history", room="lobby")["events"] if one["seq"] == seq]
        assert (found["text"], found["deleted"]) == ("", "chatroom-admin")
        files = [Path(beside.server.data) / name for name in ("journal.sqlite3", "journal.sqlite3-wal")]
        wait_until(lambda: not any(b"hunterzwei" in file.read_bytes() for file in files), "the text is still there")
        assert beside("check").startswith("ok: ")
