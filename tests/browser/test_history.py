"""Long histories: read back to the first line, while the page never holds more than a few screens of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .page import expect
from .people import People

NODES = 4_000
"""Elements that the page may hold, whatever the history."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("history"), "--rate", "0") as running:
        yield running


def tell(server: Server, room: str, count: int) -> None:
    """Have *count* lines said in *room*."""
    with JsonClient(server.port, "teller", rooms=[room]) as teller:
        lines = (json.dumps({"type": "say", "room": room, "text": f"line {n}"}) for n in range(1, count + 1))
        teller.send("\n".join(lines).encode() + b"\n")
        teller.until("said", seconds=60, text=f"line {count}")
        teller.ask("quit")
        teller.until("goodbye")


def test_10000_lines_are_read_back_to_the_first_and_the_page_stays_small(server: Server, people: People):
    tell(server, "long", 10_000)
    ann = people.joins("ann", "long")
    ann.sees("line 10000")
    read: dict[int, str] = {}
    for rows in ann.scrolls_back():
        seqs = [seq for seq, _ in rows]
        assert seqs == sorted(set(seqs))
        assert not read or seqs[-1] >= min(read) - 1, "a hole"
        read |= dict(rows)
        assert ann.nodes() < NODES
    told = [text for _, text in sorted(read.items()) if text.startswith("line ")]
    assert told == [f"line {number}" for number in range(1, 10_001)]
    # What is said meanwhile moves nothing that is being read, and is there for who goes to the end.
    with JsonClient(server.port, "bob", rooms=["long"]) as bob:
        bob.ask("say", room="long", text="news", ref="1")
        bob.until_ref("1")
        expect(ann.sees(re.compile(r"line 1$"))).to_be_in_viewport()
        ann.page.get_by_role("button", name="Jump to newest").click()
        expect(ann.sees("news")).to_be_in_viewport()
        expect(ann.page.get_by_role("button", name="Jump to newest")).to_be_hidden()
        assert ann.nodes() < NODES
