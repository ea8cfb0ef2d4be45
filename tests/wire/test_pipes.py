"""Shell pipelines, as scripts and curious people use them."""

from __future__ import annotations

import json
import re
import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from .clients import JsonClient, TextClient
from .kinds import everywhere, with_doors
from .processes import Started, program, run

if TYPE_CHECKING:
    from .server import Server

pytestmark = pytest.mark.slow


def shell(line: str) -> list[str]:
    return [program("sh"), "-c", line]


@everywhere
def test_lines_piped_into_nc_are_answered_up_to_the_goodbye(server: Server):
    nc = shlex.quote(program("nc"))
    lines = run(shell(rf"printf 'ann\nhello\n/who\nexit\n' | {nc} -N localhost {server.port}")).splitlines()

    assert re.fullmatch("-- Welcome to chatroom .* What is your nick[?]", lines[0])
    assert lines[1].startswith("-- Welcome, ann.")
    assert lines[2] == "-- You are in #lobby. You are alone here."
    assert lines[3:] == ["-- In #lobby (1):", "-- ann", "-- Goodbye."]
    with JsonClient(server.port, "eve") as eve:
        assert [event.get("text") for event in eve.history("lobby").values()][1] == "hello"


@everywhere
def test_a_last_line_without_an_end_is_said_too(server: Server):
    with TextClient(server.port, "bob") as bob:
        output = run([program("nc"), "-N", "localhost", str(server.port)], "ann\nhello")
        assert bob.until("<ann>").endswith("<ann> hello")
        bob.until("-- ann left #lobby")
    assert output.endswith("-- Goodbye.\n")


def test_lines_that_end_as_on_windows_are_the_same(server: Server):
    output = run([program("nc"), "-N", "localhost", str(server.port)], "ann\r\nhello\r\n/history\r\nexit\r\n")
    assert "<ann> hello\n" in output
    assert "\r" not in output


@with_doors
def test_jq_reads_what_a_bot_is_told(server: Server):
    """Without ``-N``, nc goes on listening when its input has ended, until the server closes."""
    nc, jq = shlex.quote(program("nc")), shlex.quote(program("jq"))
    line = f"""(echo '{{"type":"hello","nick":"bot"}}'; sleep 1) | {nc} localhost {server.port} | {jq} -c .type"""
    with TextClient(server.port, "ann") as ann, Started(shell(line)) as pipe:
        ann.until("-- bot joined")
        ann.type("hello")
        ann.type("/who")
        ann.until("-- In #lobby")
        assert server.stop() == 0
        assert pipe.ended() == 0
    types = [json.loads(line) for line in pipe.output.splitlines()]
    assert types == ["welcome", "room", "joined", "live", "said", "goodbye"]


@everywhere
def test_a_bot_in_a_pipe_is_answered_by_the_ref_and_ends(server: Server):
    asked = [{"type": "hello", "nick": "bot"}, {"type": "say", "text": "hello", "ref": "1"}, {"type": "quit"}]
    said = "".join(json.dumps(one) + "\n" for one in asked)
    objects = run([program("nc"), "-N", "localhost", str(server.port)], said)
    assert run([program("jq"), "-r", 'select(.ref) | .type + " " + .ref'], objects) == "said 1\n"
    assert run([program("jq"), "-r", ".type"], objects).split()[-1] == "goodbye"


def test_who_asks_for_the_page_without_a_browser_is_told_what_will_do(server: Server):
    answer = run([program("curl"), "-sS", "-i", f"http://localhost:{server.port}/"])
    head, _, page = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert "This page needs JavaScript; nc and telnet do not." in page


def test_the_client_in_a_pipe_says_its_lines_and_ends_with_success(server: Server):
    with TextClient(server.port, "bob") as bob:
        output = run([program("chatroom"), f"localhost:{server.port}", "--nick", "ann"], "hello\n/who\nbye")
        assert bob.until("<ann>").endswith("<ann> hello")
        assert bob.until("<ann>").endswith("<ann> bye")
        bob.until("-- ann left #lobby")
    assert "ann, bob" in output


def test_the_client_prints_what_others_say_into_a_pipe(server: Server):
    with Started([program("chatroom"), f"localhost:{server.port}", "--nick", "ann"]) as ann:
        ann.until("You are in #lobby")
        with TextClient(server.port, "bob") as bob:
            bob.type("hello")
            ann.until("<bob> hello\n")
            bob.type("exit")
            bob.rest()
        ann.until("-- bob left #lobby\n")
        ann.end_input()
        assert ann.ended() == 0


@pytest.mark.parametrize("module", [False, True])
def test_the_client_that_finds_nobody_listening_says_so_and_fails(module: bool):
    client = [sys.executable, "-m", "chatroom.client"] if module else [program("chatroom")]
    # Nothing can listen at port 0.
    output = run([*client, "localhost:1", "--nick", "ann"], "hello\n", ok=False)
    assert "localhost" in output
    assert "Traceback" not in output
