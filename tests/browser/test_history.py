"""Long histories: scrolling back to the first line, with only a few screens in the DOM."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .page import AT_THE_BEGINNING, Browser, expect
from .people import People

NODES = 4_000
"""Maximum number of elements, whatever the history."""

RACE = f"""async () => {{
    const log = document.querySelector("[role=log]");
    const seen = new Set(), took = [];
    let most = 0, then = performance.now();
    for (let end = false; !end;) {{
        end = ({AT_THE_BEGINNING})();
        log.scrollTop = 0;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        took.push(now - then);
        then = now;
        most = Math.max(most, document.getElementsByTagName("*").length);
        for (const one of log.querySelectorAll(".message")) seen.add(one.dataset.seq);
    }}
    const middle = some => some.sort((one, other) => one - other)[some.length >> 1];
    const tenth = Math.ceil(took.length / 10);
    return [seen.size, most, middle(took.slice(0, tenth)), middle(took.slice(-tenth))];
}}"""
"""Scrolls to the top in every frame, up to the first line; tells what there was to see, and how long frames took."""


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser]) -> Iterator[Browser]:
    """One that draws as fast as it can, rather than 60 times a second."""
    browser = launch("--disable-frame-rate-limit", "--disable-gpu-vsync")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("history")
    (folder / "chatroom.toml").write_text("grace = 0\n")
    with Server(folder, "--rate", "0", "--config", "chatroom.toml") as running:
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


def test_50000_lines_scrolled_back_never_make_the_page_large(server: Server, people: People):
    tell(server, "longer", 50_000)
    ann = people.joins("ann", "longer")
    ann.sees("line 50000")
    lines, nodes, early, late = ann.page.evaluate(RACE)
    assert lines == 50_000
    assert nodes < NODES
    print(f"A frame took {early:.1f} ms at the beginning, and {late:.1f} ms at the end.")
    assert late < 10 * early, "the more has been read, the slower it gets"
