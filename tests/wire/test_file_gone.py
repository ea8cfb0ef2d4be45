"""The journal's file removed, or its folder moved, while people chat: nothing is acknowledged that would be lost."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import pytest

from .clients import JsonClient
from .processes import wait_until
from .server import Server


def health(server: Server) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    told = answer.status, answer.read().decode()
    connection.close()
    return told


def move_file(data: Path) -> Callable[[], object]:
    here, elsewhere = data / "journal.sqlite3", data / "elsewhere"
    here.rename(elsewhere)
    return lambda: elsewhere.rename(here)


def move_folder(data: Path) -> Callable[[], object]:
    elsewhere = data.with_name("elsewhere")
    data.rename(elsewhere)
    return lambda: elsewhere.rename(data)


@pytest.mark.parametrize("move", [move_file, move_folder])
def test_a_file_that_is_gone_is_noticed_and_refused_and_the_chat_goes_on_when_it_is_back(server: Server, move):
    with JsonClient(server.port, "ann") as ann, JsonClient(server.port, "bob") as bob:
        ann.ask("say", text="one", ref="1")
        assert ann.until_ref("1")[-1]["type"] == "said"
        put_back = move(server.data)
        for ref in ("2", "3"):
            bob.ask("say", text="lost", ref=ref)
            refusal = bob.until_ref(ref)[-1]
            assert (refusal["type"], refusal["code"]) == ("refused", "not_stored")
        assert "removed or replaced" in refusal["text"]
        assert health(server) == (503, "Messages cannot be stored.\n")
        server.process.until("Events cannot be stored: the journal's file has been removed or replaced")

        put_back()
        wait_until(lambda: health(server) == (200, "ok\n"), "the file's return is not noticed")
        ann.ask("say", text="two", ref="4")
        assert ann.until_ref("4")[-1]["type"] == "said"
        server.kill()
        server.start()
    with JsonClient(server.port, "eve") as eve:
        said = [event["text"] for event in eve.history("lobby").values() if event["type"] == "said"]
    assert said == ["one", "two"]


def test_a_file_that_is_removed_while_nobody_says_anything_shows_in_the_health(server: Server):
    (server.data / "journal.sqlite3").unlink()
    wait_until(lambda: health(server)[0] == 503, "nobody noticed that the file was removed")
