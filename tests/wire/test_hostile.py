"""Clients that do not behave: they cost little, disturb nobody, and are gone when they are gone."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from .clients import Client, JsonClient, TextClient
from .kinds import everywhere, with_doors
from .processes import PATIENCE, wait_until

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from .server import Server

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of another process in /proc")

SILENT = 20
LINE = "x" * 4000
LINES = 3000
"""12 MB: for all who never read together, more than can hide in the memory of a server that keeps it for them."""


@needs_proc
def test_who_never_reads_disturbs_nobody_costs_little_and_misses_nothing(server: Server):
    with ExitStack() as stack:
        silent = [stack.enter_context(JsonClient(server.port, f"silent{n}")) for n in range(SILENT)]
        ann = stack.enter_context(JsonClient(server.port, "ann"))
        bob = stack.enter_context(TextClient(server.port, "bob"))
        before = server.resident()
        for n in range(LINES):
            # One at a time, each heard by who reads: nobody waits for those who do not.
            ann.ask("say", text=f"{n} {LINE}", ref=str(n))
            ann.until_ref(str(n))
            bob.until(f"<ann> {n} ")
        grown = server.resident() - before
        assert grown < 60_000_000, f"{grown:,} bytes more"

        # One of them begins to read after all.
        late = silent[0].until("said", seconds=2 * PATIENCE, text=f"{LINES - 1} {LINE}")
        said = [event["text"].split()[0] for event in late if event["type"] == "said"]
        assert said == [str(n) for n in range(LINES)]


@with_doors
@needs_proc
def test_a_flood_of_questions_from_who_never_reads_the_answers_is_not_piled_up(server: Server):
    with TextClient(server.port, "ann") as ann, Client(server.port) as flooder:
        flooder.send(b"eve\n")
        ann.until("-- eve joined")
        before = server.resident()
        # At some point the server no longer reads what it cannot answer.
        flooder.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            flooder.socket.sendall(b"/help\n" * 10_000_000)
        assert server.resident() - before < 30_000_000
        ann.type("/who")
        ann.until("ann, eve")


@everywhere
def test_who_vanishes_has_left_for_the_others(server: Server):
    with TextClient(server.port, "ann") as ann:
        eve = TextClient(server.port, "eve")
        ann.until("-- eve joined #lobby")
        eve.vanish()
        ann.until("-- eve left #lobby (connection lost)")


@with_doors
def test_who_vanishes_before_the_answer_has_not_said_goodbye(server: Server):
    """The server notices when it answers, and not when it reads: a program may come back even so."""
    with TextClient(server.port, "ann") as ann:
        eve, bot = TextClient(server.port, "eve"), JsonClient(server.port, "bot")
        ann.until("-- bot joined #lobby")
        server.tell_all(signal.SIGSTOP)
        eve.type("/time")
        eve.vanish()
        bot.ask("time")
        bot.vanish()
        server.tell_all(signal.SIGCONT)
        ann.until("-- eve left #lobby (connection lost)")
        wait_until(lambda: "ann, bot (reconnecting)" in people(ann), lambda: people(ann))


def people(client: TextClient) -> str:
    client.type("/who")
    client.until("-- In #lobby")
    return client.line().decode()


@with_doors
@needs_proc
def test_a_hundred_connections_that_close_at_once_leave_nothing_behind(server: Server):
    with TextClient(server.port, "ann") as ann:
        before = server.open_files()
        for n in range(100):
            client = Client(server.port)
            if n % 3 == 0:
                client.send(b"{" if n % 2 else b"half a nick")
            if n % 4 == 0:
                client.vanish()
            else:
                client.socket.close()
        wait_until(lambda: server.open_files() == before, lambda: f"{server.open_files()} open, not {before}")
        ann.type("/who")
        assert ann.until("-- ann") == "-- ann"
    assert "Traceback" not in server.log


@pytest.mark.parametrize(
    ("opening", "answer"),
    [
        (b"SSH-1.5-OpenSSH_1.2\r\n", b"SSH-2.0-chatroom\r"),
        (b"\x16\x03\x01\x02\x00\x01", b"!! TLS is not supported here yet."),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"HTTP/1.1 405 Method Not Allowed\r"),
    ],
)
def test_a_language_that_is_not_spoken_is_refused_politely(server: Server, opening: bytes, answer: bytes):
    with Client(server.port) as client:
        client.send(opening)
        assert client.line().startswith(answer)


def test_a_line_without_end_costs_its_sender_one_refusal(server: Server):
    with TextClient(server.port, "ann") as ann, TextClient(server.port, "bob") as bob:
        for _ in range(100):
            ann.send(b"y" * 100_000)
        ann.type("")
        ann.until("!! That line has more than 4096 bytes")
        ann.type("hello")
        assert bob.until("<ann>").endswith("<ann> hello")


@everywhere
def test_whatever_comes_in_no_control_characters_go_out(server: Server):
    with TextClient(server.port, "ann") as ann, TextClient(server.port, "bob") as bob:
        ann.send(
            b"\x1b[2Jred\x07 alert\x00\r\nlone\rreturn\n" + b"\n" * 65_536 + "\u202eevil\n".encode() + b"\xc3\x28\n"
        )
        assert bob.until("<ann>").endswith("<ann> red alert")
        assert bob.until("<ann>").endswith("<ann> lonereturn")
        assert bob.until("<ann>").endswith("<ann> evil")
        ann.until("!! That line is not UTF-8")


def test_urgent_data_does_not_tear_the_stream(server: Server):
    """A telnet client sends part of its Ctrl-C as urgent data."""
    with TextClient(server.port, "ann") as ann, TextClient(server.port, "bob") as bob:
        ann.send(b"hel")
        ann.socket.send(b"l", socket.MSG_OOB)
        ann.send(b"o\n")
        assert bob.until("<ann>").endswith("<ann> hello")
