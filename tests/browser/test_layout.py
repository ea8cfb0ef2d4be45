"""The layout in windows of every size: nothing is crushed, cut off or out of reach."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .page import Locator, Page, Person, expect
from .people import People

SIZES = [
    *((320, 568), (360, 640), (390, 844), (480, 800), (600, 960), (800, 600), (1024, 768), (1280, 800), (1920, 1080)),
    *((568, 320), (640, 360), (844, 390)),
]
"""Width and height of windows: telephones upright and on their side, tablets, screens."""
NARROW = 760
"""Width up to which the lists lie over the log, as in the style sheet."""
LEAST = 400
"""Width of the log beside both lists."""

REASON = "You have been banned from this server by the admin, because of " + "far too much noise about nothing, " * 6

LATEST = """
window.WebSocket = class extends WebSocket {
    constructor(...given) { super(...given); window.latest = this; }
};
"""
"""Has the tests speak in the server's place."""


def open_at(people: People, nick: str, size: tuple[int, int], **options: Any) -> Person:
    width, height = size
    return people.open(nick, viewport={"width": width, "height": height}, **options)


def is_inside(page: Page, part: Locator) -> None:
    """See that all of *part* is in the window."""
    expect(part).to_be_visible()
    box, size = part.bounding_box(), page.viewport_size
    assert box is not None and size is not None
    assert box["x"] >= 0 and box["y"] >= 0, box
    assert box["x"] + box["width"] <= size["width"] and box["y"] + box["height"] <= size["height"], (box, size)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_every_part_is_whole_in_every_window(server: Server, people: People, size: tuple[int, int]):
    name = f"loft{size[0]}x{size[1]}"
    ann = open_at(people, "ann", size)
    ann.joins(name)
    header = ann.page.get_by_role("banner")
    with JsonClient(server.port, "bob", rooms=[name]) as bob:
        bob.ask("say", room=name, text="\n".join(f"chat, line {number}" for number in range(30)))
        ann.sees("line 29")
        log = ann.log.bounding_box()
        assert log is not None and log["width"] >= min(LEAST, size[0]) and log["height"] >= 150
        for button in header.get_by_role("button").all():
            if button.is_visible():
                is_inside(ann.page, button)
        is_inside(ann.page, ann.page.get_by_role("button", name="Send"))
        is_inside(ann.page, ann.menu("bob"))
        ann.page.keyboard.press("Escape")
        if size[0] <= NARROW:
            beside = ann.log.bounding_box()
            assert beside == log, "the lists lie over the log, and change nothing of it"
            ann.page.keyboard.press("Escape")
        ann.page.get_by_role("button", name="This room").click()
        is_inside(ann.page, ann.page.get_by_role("menu"))
        ann.page.keyboard.press("Escape")
        ann.shows("Rooms")
        is_inside(ann.page, ann.rooms)
        ann.page.keyboard.press("Escape")
        ann.page.get_by_role("button", name="Settings").click()
        is_inside(ann.page, ann.page.get_by_role("dialog"))
        ann.closes()
        ann.searches("chat")
        expect(ann.results).to_have_count(1)
        is_inside(ann.page, ann.page.get_by_role("dialog"))
        ann.closes()
        ann.types("/")
        is_inside(ann.page, ann.page.get_by_role("listbox", name="Commands"))


@pytest.mark.parametrize("size", [(320, 568), (360, 640), (640, 360), (800, 600), (1280, 800)])
def test_why_it_ended_and_the_way_back_are_in_sight(people: People, size: tuple[int, int]):
    ann = open_at(people, "ann", size, script=LATEST)
    ann.joins("loft")
    ann.page.evaluate(
        """reason => {
            latest.onmessage({ data: JSON.stringify({ type: "goodbye", text: reason }) });
            latest.onclose({ code: 1000 });
        }""",
        REASON,
    )
    expect(ann.connection).to_have_text(f"Disconnected: {REASON}".strip())
    is_inside(ann.page, ann.connection)
    is_inside(ann.page, ann.page.get_by_role("button", name="Send"))
    title = ann.page.locator("#room-name").bounding_box()
    assert title is not None and title["width"] >= 30
    back = ann.page.get_by_role("button", name="Connect now")
    is_inside(ann.page, back)
    back.click()
    ann.is_connected()
    expect(back).to_be_hidden()


@pytest.mark.parametrize("size", [(360, 640), (800, 600)])
def test_who_is_offline_sees_so_and_can_connect_at_once(people: People, size: tuple[int, int]):
    people.connections_break = True
    ann = open_at(people, "ann", size)
    ann.joins("loft")
    ann.page.context.set_offline(True)
    ann.is_offline()
    for part in (ann.connection, ann.page.get_by_role("button", name="Connect now"), ann.page.locator("#room-name")):
        is_inside(ann.page, part)
    ann.page.context.set_offline(False)
    ann.is_connected()


@pytest.mark.parametrize("size", [(360, 640), (1280, 800)])
def test_the_message_box_keeps_its_height_at_the_first_key(people: People, size: tuple[int, int]):
    ann = open_at(people, "ann", size)
    ann.joins("loft")
    before = ann.box.bounding_box()
    ann.box.press("x")
    assert ann.box.bounding_box() == before


def test_a_draft_is_seen_whole_after_a_reload_and_in_a_narrower_window(people: People):
    ann = open_at(people, "ann", (1280, 800))
    ann.joins("loft")
    ann.types("one\ntwo\nthree")
    high = ann.box.bounding_box()
    ann.page.reload()
    ann.is_in("#loft")
    expect(ann.box).to_have_value("one\ntwo\nthree")
    after = ann.box.bounding_box()
    assert high is not None and after is not None and after["height"] == high["height"]
    ann.types("a draft that fits into one line of a wide window, and into no line of a narrow one")
    ann.page.set_viewport_size({"width": 360, "height": 640})
    ann.page.wait_for_function(
        "() => { const box = document.activeElement; return box.scrollHeight <= box.clientHeight; }"
    )


def test_the_way_to_the_newest_does_not_cover_what_is_written(server: Server, people: People):
    ann = open_at(people, "ann", (360, 640))
    ann.joins("ladder")
    with JsonClient(server.port, "bob", rooms=["ladder"]) as bob:
        for number in range(60):
            bob.ask("say", room="ladder", text=f"step {number}")
        ann.sees("step 59")
        ann.types("\n".join("abcdefg"))
        ann.log.hover()
        ann.page.mouse.wheel(0, -2000)
        newest = ann.page.get_by_role("button", name="Jump to newest")
        expect(newest).to_be_visible()
        button, box = newest.bounding_box(), ann.box.bounding_box()
        assert button is not None and box is not None and button["y"] + button["height"] <= box["y"]


def test_fields_are_large_enough_for_telephones_not_to_enlarge_the_page(people: People):
    ann = open_at(people, "ann", (390, 844), has_touch=True, is_mobile=True)
    sizes = """() => [...document.querySelectorAll("input:not([type=checkbox]), select, textarea")].map(
        one => parseFloat(getComputedStyle(one).fontSize))"""
    assert min(ann.page.evaluate(sizes)) >= 16
    ann.joins("loft")
    ann.page.get_by_role("button", name="Settings").click()
    assert min(ann.page.evaluate(sizes)) >= 16
    ann.closes()
    ann.searches("x")
    assert min(ann.page.evaluate(sizes)) >= 16
