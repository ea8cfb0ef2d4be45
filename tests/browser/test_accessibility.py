"""Everyone can use the page: axe-core finds nothing against WCAG 2.1 A and AA, and the keyboard is enough."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .needs import missing
from .page import Browser, Page, Person, expect
from .people import People

try:
    from axe_playwright_python.sync_playwright import Axe
except ImportError:
    missing("axe-playwright-python")

RULES: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 640}
PHONE: dict[str, Any] = {"viewport": NARROW, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


class Check:
    """What axe-core finds wrong in one view after the other."""

    def __init__(self, page: Page) -> None:
        self.wrong: list[str] = []
        self._page = page

    def __call__(self, view: str) -> None:
        """Check the current view."""
        results = Axe().run(self._page, options=RULES)
        if results.violations_count:
            self.wrong.append(f"{view}: {results.generate_report()}")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_wrong(server: Server, people: People, colours: str, size: dict[str, int]):
    ann = people.open("ann", color_scheme=colours, viewport=size)
    check = Check(ann.page)
    check("join")
    ann.page.get_by_role("textbox", name="Nick").fill("a b")
    ann.page.get_by_role("button", name="Join", exact=True).click()
    expect(ann.page.get_by_role("alert")).to_be_visible()
    check("join, refused")
    ann.joins("salon")
    with JsonClient(server.port, "bob", rooms=["salon"]) as bob:
        furnish(ann, bob)
        check("chat")
        ann.types("/")
        expect(ann.page.get_by_role("listbox", name="Commands")).to_be_visible()
        check("commands")
        ann.types("")
        ann.searches("guests")
        expect(ann.results.first).to_be_visible()
        check("search")
        ann.closes()
        ann.menu("bob")
        check("menu")
        ann.page.keyboard.press("Escape")
        ann.log.focus()
        ann.page.keyboard.press("ArrowUp")
        ann.page.keyboard.press("Enter")
        expect(ann.page.get_by_role("menu", name="Message")).to_be_visible()
        check("menu of a message")
        ann.page.keyboard.press("Escape")
        ann.page.keyboard.press("Control+k")
        expect(ann.page.get_by_role("option").first).to_be_visible()
        check("go to")
        ann.page.keyboard.press("Escape")
        ann.shows("Rooms")
        check("rooms")
        expect(ann.asks_for_rooms().get_by_role("listitem").first).to_be_visible()
        check("join a room")
        ann.closes()
        ann.page.keyboard.press("Escape")
        ann.page.get_by_role("button", name="Settings").click()
        expect(ann.page.get_by_role("dialog", name="Settings")).to_be_visible()
        check("settings")
    assert not check.wrong, "\n".join(check.wrong)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_wrong_on_a_phone(server: Server, people: People, colours: str):
    ann = people.open("ann", color_scheme=colours, **PHONE)
    check = Check(ann.page)
    join = ann.page.get_by_role("checkbox", name="I have an account")
    join.check()
    check("join, with a password")
    join.uncheck()
    ann.joins("salon")
    with JsonClient(server.port, "bob", rooms=["salon"]) as bob:
        furnish(ann, bob)
        ann.shows("Members")
        expect(ann.member("bob")).to_be_visible()
        check("members")
        for item in ("Private message", "Mute…", "Ban…"):
            ann.chooses("bob", item)
            check(item)
            if item.endswith("…"):
                ann.closes()
            else:
                ann.is_in("bob")
                ann.says("psst")
                ann.sees("psst")
                check("private conversation")
                ann.goes_to("#salon")
        ann.page.keyboard.press("Escape")
        look_at_dialogs(ann, check)
    assert not check.wrong, "\n".join(check.wrong)


def look_at_dialogs(ann: Person, check: Check) -> None:
    """Open what a phone shows on top of the chat."""
    ann.searches("a word that nobody said")
    expect(ann.page.get_by_text("No results.")).to_be_visible()
    check("search without results")
    ann.closes()
    ann.page.keyboard.press("Control+/")
    expect(ann.page.get_by_role("dialog", name="Help")).to_be_visible()
    check("help")
    ann.closes()
    ann.rules("Set the topic…")
    expect(ann.page.get_by_role("dialog", name="Set the topic")).to_be_visible()
    check("topic")
    ann.closes()
    ann.says("/register")
    expect(ann.page.get_by_role("dialog")).to_be_visible()
    check("password")
    ann.closes()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_wrong_while_a_phone_is_offline(tmp_path: Path, chromium: Browser, colours: str):
    with Server(tmp_path) as server:
        people = People(chromium, f"http://localhost:{server.port}/")
        people.connections_break = True
        ann = people.open("ann", color_scheme=colours, **PHONE).joins("salon")
        check = Check(ann.page)
        server.kill()
        ann.is_offline()
        ann.says("is anybody there?")
        check("offline")
        ann.shows("Rooms")
        check("rooms, offline")
        people.close()
    people.check()
    assert not check.wrong, "\n".join(check.wrong)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_wrong_on_a_phone_after_the_end(server: Server, people: People, colours: str):
    ann = people.open("ann", color_scheme=colours, **PHONE)
    check = Check(ann.page)
    tokens: list[str] = []
    ann.page.on("websocket", lambda socket: socket.on("framereceived", lambda data: tokens.extend(resume(data))))
    ann.joins("hall").says("/quit")
    expect(ann.page.get_by_role("alert")).to_have_text("Goodbye.")
    check("goodbye")
    ann.joins("hall")
    with JsonClient(server.port, "ann", resume=tokens[-1]):
        expect(ann.connection).to_have_text("Disconnected: You resumed on another connection.")
        check("resumed elsewhere")
    assert not check.wrong, "\n".join(check.wrong)


def resume(data: str | bytes) -> list[str]:
    """Find the tokens to resume with among what the server has sent."""
    return [one["resume"] for one in map(json.loads, str(data).split("\n")) if one["type"] == "welcome"]


def furnish(ann: Person, bob: JsonClient) -> None:
    """Have everything on the screen that a room can show."""
    bob.ask("say", room="salon", text="Good evening, dear guests: https://example.org/invitation")
    bob.ask("say", room="salon", text="ann: two\nlines for you")
    bob.ask("say", room="salon", text="> *Shall* we `dance`?\n_Yes!_\n```\none, two\n```")
    bob.ask("me", room="salon", text="bows")
    bob.ask("away", text="at the buffet")
    bob.until("notice")
    ann.says("/topic An evening in the salon")
    ann.says("good evening")
    ann.waits_for_none()
    for kind, done, values in (
        ("answer", "said", {"text": "And to you"}),
        ("edit", "edited", {"text": "And to you, too"}),
        ("react", "reacted", {"emoji": "🎉"}),
        ("say", "said", {"text": "oops"}),
        ("delete", "deleted", {}),
    ):
        bob.ask(kind, room="salon", **values)
        bob.until(done)
    ann.says("/help me")
    ann.says("/frobnicate")
    ann.is_refused("There is no command /frobnicate.")


@pytest.mark.parametrize("width", [320, 360, 800])
def test_no_width_makes_the_page_scroll_sideways(people: People, width: int):
    """320 pixels are what WCAG 2.1 wants of a page that is enlarged four times (1.4.10, Reflow)."""
    ann = people.open("ann", viewport={"width": width, "height": 640})
    fits(ann.page)
    ann.joins(f"hut{width}")
    ann.says("a_very_long_word_" * 20 + "https://example.org/" + "and/on" * 40)
    ann.sees("a_very_long_word_")
    fits(ann.page)
    ann.enters(f"barn{width}")
    ann.shows("Rooms")
    fits(ann.page)
    ann.goes_to(f"#hut{width}")
    ann.sees("a_very_long_word_")
    ann.shows("Members")
    fits(ann.page)
    ann.page.keyboard.press("Escape")
    ann.page.get_by_role("button", name="Settings").click()
    fits(ann.page)


def fits(page: Page) -> None:
    """See that nothing is beyond the right edge."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_alone_joins_sends_switches_rooms_and_searches(people: People):
    ann = people.open("ann")
    keys = ann.page.keyboard
    expect(ann.page.get_by_role("textbox", name="Nick")).to_be_focused()
    keys.type("ann")
    keys.press("Tab")
    expect(ann.page.get_by_role("textbox", name="Room")).to_be_focused()
    keys.press("Control+A")
    keys.type("study")
    keys.press("Enter")
    ann.is_in("#study")
    expect(ann.box).to_be_focused()
    keys.type("by hand,")
    keys.press("Shift+Enter")
    keys.type("and in two lines")
    keys.press("Enter")
    assert ann.sees("by hand").locator(".text").inner_text() == "by hand,\nand in two lines"
    reach(ann.page, ann.page.get_by_role("button", name="Join a room"))
    keys.press("Enter")
    expect(ann.page.get_by_role("dialog", name="Join a room").get_by_role("textbox", name="Room")).to_be_focused()
    keys.type("attic")
    keys.press("Enter")
    ann.is_in("#attic")
    expect(ann.box).to_be_focused()
    keys.type("up here")
    keys.press("Enter")
    ann.sees("up here")
    reach(ann.page, ann.room("#study"))
    keys.press("Enter")
    ann.is_in("#study")
    ann.sees("by hand")
    reach(ann.page, ann.page.get_by_role("banner").get_by_role("button", name="Search"))
    keys.press("Enter")
    expect(ann.page.get_by_role("searchbox", name="Search")).to_be_focused()
    keys.type("up here")
    keys.press("Enter")
    expect(ann.results).to_have_count(1)
    reach(ann.page, ann.results.get_by_role("button"))
    keys.press("Enter")
    ann.is_in("#attic")
    expect(ann.log.locator(".message.target")).to_contain_text("up here")
    # History is read by the keyboard, too.
    reach(ann.page, ann.log)


def reach(page: Page, wanted: Any) -> None:
    """Press Tab until *wanted* has the focus: a round at most, and the focus can always be seen."""
    first = page.evaluate("() => document.activeElement")
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    assert first is None or outlined(page), "the focus cannot be seen"


def outlined(page: Page) -> bool:
    """Whether there is anything to see of the focus."""
    return bool(
        page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
                    || style.boxShadow !== "none";
            }"""
        )
    )
