"""Reading: hits of a search, history in the log, copying and printing."""

from __future__ import annotations

import re

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .page import Person, expect
from .people import People

HEIGHT = {"width": 900, "height": 500}

SELECT = """([first, last]) => {
    const rows = [...document.querySelectorAll("#log > *")];
    const holding = text => rows.find(row => row.textContent.includes(text));
    const range = document.createRange();
    const at = text => {
        const walker = document.createTreeWalker(holding(text), NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const offset = walker.currentNode.data.indexOf(text);
            if (offset >= 0) return [walker.currentNode, offset];
        }
    };
    const [end, offset] = at(last);
    range.setStart(...at(first));
    range.setEnd(end, offset + last.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
}"""
"""Selects from one text in the log to another, as with the mouse."""

COPY = """(selector) => {
    const data = new DataTransfer();
    const event = new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector(selector ?? "body").dispatchEvent(event);
    return event.defaultPrevented ? data.getData("text/plain") : null;
}"""
"""Copies what is selected: what the page puts into the clipboard, or null if it leaves that to the browser."""


def copied(person: Person, first: str, last: str) -> str | None:
    person.page.evaluate(SELECT, [first, last])
    text: str | None = person.page.evaluate(COPY)
    return text and re.sub(r"\b\d\d:\d\d\b", "12:34", text)


# Hits.


def test_a_hit_in_a_long_block_is_in_sight_and_marked(server: Server, people: People):
    ann = people.joins("ann", "haystack", viewport=HEIGHT)
    with JsonClient(server.port, "bob", rooms=["haystack"]) as bob:
        hay = [f"hay {number}" for number in range(39)]
        bob.ask("say", room="haystack", text="\n".join([*hay[:30], "the needle", *hay[30:]]))
        bob.ask("say", room="haystack", text="that was it")
        ann.sees("that was it")
        ann.searches("needle").get_by_role("button").click()
        hit = ann.log.locator(".message.target mark")
        expect(hit).to_have_text("needle")
        expect(hit).to_be_in_viewport()
        # Who goes on sees the message as everybody does.
        ann.says("thank you")
        expect(ann.log.locator("mark")).to_have_count(0)


def test_ones_own_words_are_marked_too_and_a_short_hit_stands_in_the_middle(people: People):
    ann = people.joins("ann", "barn", viewport=HEIGHT)
    for number in range(60):
        ann.says("an own needle" if number == 20 else f"straw {number}")
    ann.sees("straw 59")
    ann.searches("needle").get_by_role("button").click()
    hit = ann.log.locator(".message.target mark")
    expect(hit).to_be_in_viewport()
    box, log = hit.bounding_box(), ann.log.bounding_box()
    assert box is not None and log is not None
    assert abs(box["y"] + box["height"] / 2 - log["y"] - log["height"] / 2) < 30


def test_a_hit_found_by_a_command_is_marked_as_well(people: People):
    ann = people.joins("ann", "stable", viewport=HEIGHT)
    ann.says("\n".join([*map(str, range(30)), "a horse"]))
    ann.says("/search horse")
    expect(ann.results).to_have_count(1)
    ann.results.get_by_role("button").click()
    expect(ann.log.locator(".target mark")).to_be_in_viewport()


# History.


def test_history_that_was_asked_for_is_shown(server: Server, people: People):
    with JsonClient(server.port, "bob", rooms=["archive3"]) as bob:
        for text in ("one", "two", "three\nlines", "four"):
            bob.ask("say", room="archive3", text=text)
        bob.ask("me", room="archive3", text="yawns")
        bob.until("acted")
        ann = people.joins("ann", "archive3")
        ann.says("/history 3")
        lines = ("<bob> three\nlines", "<bob> four", r"\* bob yawns")
        ann.is_told(re.compile("History of #archive3:.*" + "".join(rf"\d\d:\d\d {line}\s*" for line in lines), re.S))
        expect(ann.log.locator(".reply").last).not_to_contain_text("two")
        expect(ann.log.locator(".reply").last).to_be_in_viewport()


def test_history_of_a_silent_room_and_of_a_conversation_is_told_too(server: Server, people: People):
    ann = people.joins("ann", "crypt")
    ann.says("/history")
    ann.is_told("There is no history.")
    with JsonClient(server.port, "bob") as bob:
        bob.ask("msg", to="ann", text="psst")
        ann.goes_to("bob")
        ann.sees("psst")
        ann.says("/history 1")
        ann.is_told(re.compile(r"\d\d:\d\d <bob> psst"))


# Copying.


def test_copied_rows_are_lines_as_in_a_terminal(server: Server, people: People):
    ann = people.joins("ann", "scriptorium")
    with JsonClient(server.port, "bob", rooms=["scriptorium"]) as bob:
        bob.ask("say", room="scriptorium", text="hello there")
        bob.ask("say", room="scriptorium", text="two\n  lines")
        bob.ask("me", room="scriptorium", text="bows")
        bob.ask("topic", room="scriptorium", topic="ink")
        bob.until("refused")
        ann.says("/topic ink")
        ann.sees("set the topic")
        ann.says("good")
        ann.sees("good")
        ann.waits_for_none()

        assert copied(ann, "there", "goo") == (
            "12:34 <bob> there\n"
            "12:34 <bob> two\n      |   lines\n"
            "12:34 * bob bows\n"
            "12:34 -- ann set the topic: ink\n"
            "12:34 <ann> goo"
        )
        assert copied(ann, "ann and bob joined", "hello").endswith("-- ann and bob joined\n12:34 <bob> hello")
        # Less than two rows, and what is in the message box, is the browser's to copy.
        assert ann.page.evaluate(COPY, "#message") is None
        assert copied(ann, "hello", "there") is None


def test_copied_answers_keep_their_lines_and_all_can_be_selected(people: People):
    ann = people.joins("ann", "scullery")
    ann.says("/help me")
    ann.is_told("/me TEXT")
    ann.says("done")
    ann.sees("done")
    ann.waits_for_none()
    ann.page.evaluate("document.activeElement.blur()")
    ann.page.keyboard.press("Control+A")
    text = ann.page.evaluate(COPY)
    assert re.fullmatch(
        r"This is the beginning of #scullery\.\n-- .*\n\d\d:\d\d -- ann joined\n/me TEXT .*\n\d\d:\d\d <ann> done",
        text,
    ), text


# Printing.


def test_all_that_was_loaded_is_printed_and_nothing_else(server: Server, people: People):
    with JsonClient(server.port, "bob", rooms=["press"]) as bob:
        for number in range(500):
            bob.ask("say", room="press", text=f"page {number}.")
        bob.until("said", text="page 499.")
        ann = people.joins("ann", "press", color_scheme="dark")
        ann.sees("page 499.")
        for _ in ann.scrolls_back():
            pass
        ann.page.get_by_role("button", name="Jump to newest").click()
        ann.sees("page 499.")
        ann.page.emulate_media(media="print")
        ann.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(ann.log.locator(".message")).to_have_count(500)
        log = ann.log.bounding_box()
        assert log is not None and log["height"] > 500 * 15, "all of it has a place on paper"
        expect(ann.page.locator("html")).to_have_css("color-scheme", "light")
        for part in (ann.rooms, ann.members, ann.box, ann.page.get_by_role("button", name="Settings")):
            expect(part).to_be_hidden()
        ann.is_in("#press")
        ann.page.evaluate("dispatchEvent(new Event('afterprint'))")
        ann.page.emulate_media(media="screen")
        assert ann.log.locator(".message").count() <= 240
        expect(ann.sees("page 499.")).to_be_in_viewport()


def test_the_browser_prints_as_many_pages_as_it_takes(server: Server, people: People):
    with JsonClient(server.port, "bob", rooms=["press2"]) as bob:
        for number in range(150):
            bob.ask("say", room="press2", text=f"page {number}.")
        bob.until("said", text="page 149.")
        ann = people.joins("ann", "press2")
        ann.sees("page 149.")
        document = ann.page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", document)) >= 2
        expect(ann.sees("page 149.")).to_be_in_viewport()
