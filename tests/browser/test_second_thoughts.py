"""An evening of two browsers, nc and the client: messages are mended, answered, taken back, and pointed to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wire.clients import Netcat
from tests.wire.processes import program
from tests.wire.server import Server
from tests.wire.terminals import Terminal, Terminals

from .page import Person, expect
from .people import People
from .test_accessibility import Check

SECRET = "hunter2"
CODE = "```\ndef tea():\n    return 'hot'\n```"


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    with Terminals(tmp_path) as terminals:
        yield terminals


def joins(terminals: Terminals, server: Server, room: str) -> Terminal:
    """Let carol come with the terminal client."""
    client = (program("chatroom"), f"localhost:{server.port}", "--nick", "carol", "--room", room)
    carol = terminals.open("carol", *client)
    carol.until(f"You are in #{room}")
    return carol


def presses(one: Person, *keys: str) -> None:
    for key in keys:
        one.page.keyboard.press(key)


def test_an_evening(server: Server, people: People, terminals: Terminals):
    # Ann has no mouse: the keyboard is enough.
    ann, bob = people.open("ann").joins("veranda"), people.open("bob").joins("veranda")
    carol = joins(terminals, server, "veranda")
    with Netcat(server.port, "dan") as dan:
        dan.ask("/join veranda", "You are in #veranda")
        dan.type("/color off")

        # Mending.
        ann.page.keyboard.type("good evning")
        presses(ann, "Enter")
        bob.sees("good evning")
        ann.waits_for_none()
        presses(ann, "ArrowUp", "End", *["Backspace"] * 6)
        ann.page.keyboard.type("evening")
        presses(ann, "Enter")
        for one in (ann, bob):
            expect(one.sees("good evening")).to_contain_text("edited")
            one.sees_no("evning")
        dan.until("-- ann edited: good evening")
        carol.until("-- ann edited: good evening")

        # Answering and reacting, from everywhere.
        carol.type("/answer ann: hello to you")
        dan.until('<carol> (to ann: "good evening") hello to you')
        expect(bob.sees("hello to you")).to_contain_text("ann: good evening")
        ann.sees("hello to you")
        ann.log.focus()
        presses(ann, "ArrowUp", "Enter")
        expect(ann.page.get_by_role("menu", name="Message")).to_be_visible()
        presses(ann, *["ArrowDown"] * 3)
        expect(ann.page.get_by_role("menuitem", name="React")).to_be_focused()
        presses(ann, "Enter")
        expect(ann.box).to_be_focused()
        ann.page.keyboard.type("tada:")
        presses(ann, "Enter")
        dan.until('* ann 🎉 carol: "hello to you"')
        carol.until('ann 🎉 carol: "hello to you"')
        expect(bob.sees("hello to you").get_by_role("list", name="Reactions")).to_contain_text("🎉 1")

        # Code, as it is on every door.
        bob.box.fill(CODE)
        bob.box.press("Enter")
        expect(ann.log.locator("pre, .code").last).to_contain_text("return 'hot'")
        dan.until("      |     return 'hot'")
        carol.until(r"\|     return 'hot'")

        # Taken back by its author at nc, who sees it gone everywhere.
        dan.type(SECRET)
        for one in (ann, bob):
            one.sees(SECRET)
        carol.until(SECRET)
        dan.ask("/delete", "-- dan deleted a message")
        for one in (ann, bob):
            one.sees_no(SECRET)
            expect(one.log).to_contain_text("Deleted by dan")
        carol.until("-- dan deleted a message")

        # Deleted by the operator: whoever came first.
        carol.type("nonsense")
        row = bob.sees("nonsense")
        seq = row.get_attribute("data-seq")
        ann.page.keyboard.type(f"/delete {seq} off topic")
        presses(ann, "Enter")
        bob.sees_no("nonsense")
        dan.until("-- ann deleted a message of carol (off topic)")
        carol.until("ann deleted a message of carol")
        bob.says(f"/delete {seq}")
        bob.is_refused("has been deleted")

        # A link, and there and back.
        seq = bob.sees("hello to you").get_attribute("data-seq")
        bob.page.evaluate("seq => { location.hash = `veranda/${seq}`; }", seq)
        expect(bob.log.locator(".message.target")).to_contain_text("hello to you")
        bob.enters("den")
        bob.is_in("#den")
        bob.page.go_back()
        bob.is_in("#veranda")
        bob.page.go_forward()
        bob.is_in("#den")
        bob.page.go_back()
        bob.is_in("#veranda")

        # Who comes later finds the outcome, and axe-core nothing.
        late = people.open("eve").joins("veranda")
        expect(late.rows("good evening").first).to_contain_text("edited")
        for gone in (SECRET, "nonsense", "evning"):
            late.sees_no(gone)
        assert SECRET not in dan.ask("/history -n", "-- End of history.")
        for one in (ann, late):
            check = Check(one.page)
            check("an evening")
            one.rows("good evening").first.hover()
            check("with the button of a message")
            assert not check.wrong, "\n".join(check.wrong)


def test_the_client_mends_with_its_keys(server: Server, people: People, terminals: Terminals):
    ann = people.open("ann").joins("mending")
    carol = joins(terminals, server, "mending")
    carol.type("/numbers on")
    carol.until("Message numbers are on")
    carol.type("/correct on")
    carol.until("Corrections with s/old/new/ are on")
    carol.type("helo world")
    ann.sees("helo world")
    ann.says("hi carol")
    number = carol.until(r"^(\d+) \d\d:\d\d <ann> hi carol")[1]
    carol.type("s/helo/hello/")
    expect(ann.sees("hello world")).to_contain_text("edited")
    # Tab completes the number, and the text to change.
    carol.press("/", "e", "d", "i", "t", "Space", "Tab")
    carol.until(r"/edit \d+ hello world")
    carol.type("s")
    ann.sees("hello worlds")
    carol.press(*"/react", "Space", "Tab")
    carol.until(rf"/react {number}")
    carol.type(":wave:")
    expect(ann.sees("hi carol").get_by_role("list", name="Reactions")).to_contain_text("👋 1")
    carol.until("carol edited: hello worlds")
