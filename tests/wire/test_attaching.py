"""Attacks by sessions of one person: floods of them, silent ones, and tokens that are used again and again."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from .clients import Client, JsonClient, Object
from .kinds import everywhere, with_doors
from .processes import PATIENCE, wait_until
from .server import Server
from .test_hostile import needs_proc
from .test_sessions import PASSWORD

pytestmark = pytest.mark.slow

MOST = 10
"""Sessions of one person."""


class Arriving(Client):
    """A program that says hello and waits for nothing."""

    def __init__(self, port: int, **hello: Any) -> None:
        super().__init__(port)
        self.send(json.dumps({"type": "hello", "nick": "dora", **hello}).encode() + b"\n")

    def answer(self) -> str:
        """Read how it was received: the type of the answer, or the code of the refusal."""
        value: Object = {"type": ""}
        while value["type"] not in ("welcome", "refused"):
            value = json.loads(self.line())
        return str(value.get("code", value["type"]))


class Silent(JsonClient):
    """A session whose person has put the phone away: next to nothing of what comes fits on the way."""

    def connect(self, port: int) -> socket.socket:
        """Open a connection that holds little, from the beginning."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.settimeout(PATIENCE)
        made.connect(("127.0.0.1", port))
        return made


@pytest.fixture
def dora(server: Server) -> Iterator[JsonClient]:
    """The first session of an account."""
    with JsonClient(server.port, "dora") as dora:
        dora.ask("register", password=PASSWORD)
        dora.welcome = dora.until("logged_in")[-1]
        yield dora


def sessions(person: JsonClient) -> list[Object]:
    person.ask("sessions", ref="sessions")
    return list(person.until_ref("sessions")[-1]["sessions"])


@everywhere
def test_of_eleven_that_attach_at_once_as_many_come_in_as_may(server: Server, dora: JsonClient):
    with JsonClient(server.port, "bob") as bob:
        for more in (MOST - 1, MOST, MOST + 1):
            with ExitStack() as stack:
                hello = {"resume": dora.welcome["resume"], "attach": True}
                coming = [stack.enter_context(Arriving(server.port, **hello)) for _ in range(more)]
                answers = Counter(one.answer() for one in coming)
                assert answers["welcome"] == MOST - 1 and answers["too_many"] == more - (MOST - 1), answers
                assert [row["number"] for row in sessions(dora)] == list(range(1, MOST + 1))
                dora.ask("sessions", action="end", which="others")
                dora.until("notice")
            assert len(sessions(dora)) == 1
        bob.ask("ping", ref="last")
        assert not [value for value in bob.until_ref("last") if value["type"] in ("joined", "left")]


@with_doors
@needs_proc
def test_a_flood_of_sessions_leaves_nothing_behind_and_holds_nobody(server: Server, dora: JsonClient):
    with JsonClient(server.port, "bob") as bob:
        before, memory = server.open_files(), server.resident()
        for n in range(600):
            with Arriving(server.port, resume=dora.welcome["resume"], attach=True) as one:
                if n % 3 == 1:
                    one.answer()
                if n % 3 < 2:
                    one.vanish()
            if n % 50 == 0:
                bob.ask("ping", ref=str(n))
                bob.until_ref(str(n))
        wait_until(lambda: server.open_files() == before, lambda: f"{server.open_files()} open, not {before}")
        assert len(sessions(dora)) <= MOST and server.resident() - memory < 10_000_000
    assert "Traceback" not in server.log


@needs_proc
def test_a_silent_session_costs_little_while_the_others_are_busy(server: Server, dora: JsonClient):
    token = dora.welcome["resume"]
    with ExitStack() as stack:
        bob = stack.enter_context(JsonClient(server.port, "bob"))
        silent = stack.enter_context(Silent(server.port, "dora", resume=token, attach=True))
        busy = [JsonClient(server.port, "dora", resume=token, attach=True) for _ in range(MOST - 2)]
        memory = server.resident()
        threads = [threading.Thread(target=is_busy, args=(one, n)) for n, one in enumerate(busy)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        grown = server.resident() - memory
        assert grown < 20_000_000, f"{grown:,} bytes more"
        bob.ask("ping", ref="last")
        bob.until_ref("last")
        whispers = read_late(silent, len(busy))
        assert len(whispers) == len(set(whispers))
        for one in busy:
            one.socket.close()
    assert "Traceback" not in server.log


def read_late(silent: JsonClient, busy: int) -> list[str]:
    """Read all at last, or as much as there is: a session that was told too much has been disconnected."""
    whispers: list[str] = []
    with suppress(EOFError, ConnectionError):
        while sum(text.startswith("the last") for text in whispers) < busy:
            value = silent.object()
            if value["type"] == "whispered":
                assert value["own"] is True and "ref" not in value
                whispers.append(value["text"])
    return whispers


def is_busy(session: JsonClient, number: int) -> None:
    """Join, whisper, leave and be renamed, as fast as the answers come."""
    for n in range(100):
        for kind, values in (
            ("join", {"room": f"room{number}"}),
            ("msg", {"to": "bob", "text": f"{n} of {number} " + "x" * 4000}),
            ("leave", {"room": f"room{number}"}),
            ("nick", {"nick": f"dora{number}x{n}"}),
        ):
            session.ask(kind, ref=f"{kind}{n}", **values)
            session.until_ref(f"{kind}{n}")
    session.ask("msg", to="bob", text=f"the last of {number}", ref="last")
    session.until_ref("last")


@everywhere
def test_a_thousand_orders_to_end_sessions_are_answered_in_order(server: Server, dora: JsonClient):
    with JsonClient(server.port, "dora", resume=dora.welcome["resume"], attach=True) as phone:
        for n in range(1000):
            dora.ask("sessions", action="end", which=str(n % 4), ref=str(n))
        answers = [value for value in dora.until_ref("999") if "ref" in value]
        assert [value["ref"] for value in answers] == [str(n) for n in range(1000)]
        assert [value["type"] for value in answers].count("notice") == 1
        phone.until("goodbye")
    assert len(sessions(dora)) == 1


@everywhere
def test_a_token_used_on_two_machines_is_one_session(server: Server, dora: JsonClient):
    with JsonClient(server.port, "dora", resume=dora.welcome["resume"], attach=True) as phone, ExitStack() as stack:
        token = phone.welcome["resume"]
        fighters = [stack.enter_context(Arriving(server.port, resume=token)) for _ in range(60)]
        assert {one.answer() for one in fighters} == {"welcome"}
        assert [row["connected"] for row in sessions(dora)] == [True, True]
        phone.until("goodbye")
    assert "Traceback" not in server.log
