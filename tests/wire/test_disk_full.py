"""A full disk while people chat: refused and told, nothing shown that is not stored, and it mends itself."""

from __future__ import annotations

import resource
import shlex
import sys
from pathlib import Path

import pytest

from .clients import JsonClient, Object, TextClient
from .processes import program, run
from .server import Server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the files of a running process")

FULL = 1_000_000
"""Bytes after which the disk is full: the journal's log of writes gets there before it is first checkpointed."""
ENOUGH = 2000
"""Lines that would fill it several times over."""
WORDS = "x" * 3000


def fill(client: JsonClient) -> tuple[list[Object], Object]:
    """Have *client* talk until that is refused; what it was shown, and the refusal."""
    shown: list[Object] = []
    for n in range(ENOUGH):
        client.ask("say", text=f"{n} {WORDS}", ref=str(n))
        *before, answer = [*client.until_ref(str(n))]
        shown += [one for one in before if "seq" in one]
        if answer["type"] == "refused":
            return shown, answer
        shown.append(answer)
    raise AssertionError("the disk never got full")


def without_ref(events: list[Object]) -> list[Object]:
    return [{name: value for name, value in event.items() if name != "ref"} for event in events]


def test_a_full_disk_refuses_and_tells_and_chat_goes_on_when_there_is_space_again(server: Server):
    server.limit_files(FULL)
    with (
        JsonClient(server.port, "ann") as ann,
        JsonClient(server.port, "bob") as bob,
        TextClient(server.port, "tom") as tom,
    ):
        shown, refusal = fill(ann)
        assert refusal["code"] == "not_stored"
        told = bob.until("refused")
        assert told[-1]["text"].startswith("Messages cannot be stored now")
        assert tom.until("!! ").startswith("!! Messages cannot be stored now")

        # Fuller still, for a short line may have found a gap: all is refused that needs the disk, and nothing else.
        server.limit_files(0)
        bob.ask("say", text="lost", ref="lost")
        assert bob.until_ref("lost")[-1]["type"] == "refused"
        tom.type("also lost")
        tom.until("!! Not sent")
        tom.type("/who")
        assert "ann, bob, tom" in tom.until("ann, ")

        server.limit_files(resource.RLIM_INFINITY)
        bob.ask("say", text="found", ref="found")
        heard = told[:-1] + [one for one in bob.until_ref("found") if "seq" in one]
        assert heard[-1]["text"] == "found"
        bob.until("notice", text="Messages can be stored again.")
        shown += [one for one in ann.until("said", text="found") if "seq" in one]
        tom.until("<bob> found")
        server.process.until("Events cannot be stored: ")
        server.process.until(r"Events can be stored again\.")

        server.kill()
        server.start()
    with JsonClient(server.port, "eve") as eve:
        history = eve.history("lobby")
    stored = list(history.values())
    assert not [event for event in stored if "lost" in event.get("text", "")]
    # What each was shown from when they came in is what is stored from there on, and no more.
    for events in (shown, heard):
        assert without_ref(events) == [history[event["seq"]] for event in events]
    [last] = [event["seq"] for event in stored if event.get("text") == "found"]
    assert [event["seq"] for event in shown] == list(range(shown[0]["seq"], last + 1))
    assert "Traceback" not in server.log


def test_who_leaves_while_the_disk_is_full_is_recorded_as_gone_when_there_is_space(server: Server):
    server.limit_files(FULL)
    with JsonClient(server.port, "ann") as ann, TextClient(server.port, "tom") as tom:
        fill(ann)
        tom.type("exit")
        assert tom.rest()[-2] == "-- Goodbye."
        server.limit_files(resource.RLIM_INFINITY)
        ann.until("left", nick="tom")


def test_a_server_that_is_stopped_while_the_disk_is_full_loses_nothing_that_it_has_shown(server: Server):
    server.limit_files(FULL)
    with JsonClient(server.port, "ann") as ann:
        shown, _ = fill(ann)
        assert server.stop() == 0
        ann.until("goodbye")
    server.start()
    with JsonClient(server.port, "eve") as eve:
        history = eve.history("lobby")
    assert without_ref(shown) == [history[event["seq"]] for event in shown]
    assert history[max(history) - 1]["reason"] == "the server stopped unexpectedly"


def test_a_server_that_finds_the_disk_full_says_so_and_does_not_start(tmp_path: Path):
    twistd = shlex.quote(program("twistd"))
    command = f"ulimit -f 0; exec {twistd} -n --pidfile= chatroom --data data --listen tcp:0:interface=127.0.0.1"
    output = run([program("sh"), "-c", command], ok=False, cwd=tmp_path)
    assert "chatroom cannot start: data: " in output
    assert "chatroom/server/service.py" not in output, "a traceback of ours"
