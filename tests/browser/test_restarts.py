"""Five ``kill -9`` while browsers and programs talk: each line once, and in one order, wherever one looks."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wire.crowd import Crowd, Member
from tests.wire.processes import program, run
from tests.wire.server import Server

from .page import Person, expect
from .people import People

EACH = 250
"""Lines that each of the four says."""
KILLS = frozenset({20, 70, 120, 170, 220})
"""After how many lines of each the server is killed."""
DOWN = 5
"""Lines that each browser is given to say while the server is dead."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, "--rate", "0") as running:
        yield running


def texts(nicks: list[str]) -> Counter[str]:
    return Counter(f"{nick} {number}" for nick in nicks for number in range(1, EACH + 1))


def exported(server: Server) -> dict[int, str]:
    """The lobby's events in the journal, by seq."""
    output = run([program("chatroom-admin"), "--data", server.data, "export", "lobby", "--format", "json"])
    events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return {event["seq"]: event["text"] for event in events if event["type"] == "said"}


def test_each_of_1000_lines_appears_once_and_in_one_order_through_five_kills(server: Server, people: People):
    people.connections_break = True
    browsers = [people.joins("ann"), people.joins("bob")]
    programs = [Member("carol", ["lobby"], writes=True), Member("dan", ["lobby"], writes=True)]
    for member in programs:
        member.most = 0
    crowd = Crowd(programs)
    try:
        crowd.connect(server.port)
        crowd.talk(True)
        assert crowd.run(until=lambda: all(member.live for member in programs))
        for browser in browsers:
            browser.box.focus()
        for number in range(1, EACH + 1):
            for browser in browsers:
                browser.says_on(f"{browser.nick} {number}")
            for member in programs:
                member.most = number
            crowd.talk(True)
            if number in KILLS:
                # What has just been said is on its way.
                server.kill()
                crowd.read_to_the_end()
            elif number - DOWN in KILLS:
                server.start()
                crowd.connect(server.port)
                for browser in browsers:
                    browser.is_connected()
            crowd.run(seconds=0.005, until=lambda: all(not member.unanswered for member in programs))
        assert crowd.run(until=lambda: all(len(one.sent) == EACH and not one.unanswered for one in programs))
        for browser in browsers:
            browser.waits_for_none()
        stored = exported(server)
        assert crowd.run(until=lambda: all(member.seen["lobby"] >= max(stored) for member in programs))
    finally:
        crowd.close()

    nicks = ["ann", "bob", "carol", "dan"]
    assert Counter(stored.values()) == texts(nicks)
    for nick in nicks:
        # What one person said is in the order in which they said it.
        own = [text for _, text in sorted(stored.items()) if text.startswith(f"{nick} ")]
        assert own == [f"{nick} {number}" for number in range(1, EACH + 1)]
    for member in programs:
        shown = {event["seq"]: event["text"] for event in member.shown if event["type"] == "said"}
        assert len(shown) == 4 * EACH and shown == stored
    for browser in browsers:
        expect(browser.log.locator(f"[data-seq='{max(stored)}']")).to_be_visible()
        assert whole(browser) == stored


def whole(browser: Person) -> dict[int, str]:
    """Read all that a browser shows, from the newest back to the first, one screenful after the other."""
    read: dict[int, str] = {}
    for rows in browser.scrolls_back():
        seqs = [seq for seq, _ in rows]
        assert seqs == sorted(set(seqs)), "out of order, or twice"
        assert not read or seqs[-1] >= min(read) - 1, "a hole"
        for seq, text in rows:
            assert read.setdefault(seq, text) == text
    return {seq: text for seq, text in sorted(read.items()) if re.fullmatch(r"\w+ \d+", text)}
