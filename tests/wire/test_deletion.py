"""What somebody takes back from a running server is gone within a minute, from everywhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from chatroom.journal._database import NAME
from tests.journal.traces import traces

from .clients import JsonClient, Netcat
from .processes import program, run, wait_until
from .server import Server

SECRET = "hunterzwei"
OTHERS = ("hunter", "hunterzw", "hunterzwo", "the hunter has two dogs")
"""Words beside it in the index, and sentences."""


@pytest.mark.slow
def test_a_secret_is_gone_from_files_index_pages_search_and_export(server: Server):
    with Netcat(server.port, "ann") as ann, JsonClient(server.port, "bob") as bob:
        for text in (*OTHERS, SECRET, *OTHERS):
            ann.type(text)
            bob.until("said", text=text)
        ann.type("/edit the same")
        ann.type("/react 3 👍")
        ann.ask("/msg bob " + SECRET, "-> bob] " + SECRET)
        wait_until(lambda: "the index of journal.sqlite3" in traces(server.data, SECRET), "it is never in the index")
        # As an upgrade leaves it.
        live, backup = (sqlite3.connect(server.data / name) for name in (NAME, f"{NAME}.v5.bak"))
        with closing(live), closing(backup):
            live.backup(backup)
        assert f"the index of {NAME}.v5.bak" in traces(server.data, SECRET)
        bob.ask("answer", text="what?", ref="a", room="lobby", seq=number(bob, SECRET))
        bob.until_ref("a")

        ann.type("/delete")
        bob.until("deleted", by_author=True)
        ann.type(f"/delete {number(bob, SECRET)}")
        bob.until("deleted", room="lobby")
        wait_until(lambda: not traces(server.data, SECRET), lambda: f"{traces(server.data, SECRET)}", 60)

        with JsonClient(server.port, "carol") as carol:
            carol.ask("search", words=SECRET, ref="s")
            assert carol.until_ref("s")[-1]["events"] == []
            carol.ask("search", words="hunter*", ref="t")
            carol.ask("history", count=200, ref="h")
            assert SECRET not in str(carol.until_ref("h"))
        assert SECRET not in str(list(bob.history("lobby").values()))
        exported = run([program("chatroom-admin"), "--data", server.data, "export", "lobby"])
        assert "hunterzwo" in exported and "(deleted)" in exported
        assert SECRET not in exported
    assert SECRET not in server.log
    server.stop()
    assert not traces(server.data, SECRET)


def number(person: JsonClient, text: str) -> int:
    """The number of the message *text* in the lobby."""
    return next(seq for seq, one in person.history("lobby").items() if one.get("text") == text)
