"""A page object: what a person does and sees in a browser, by the page's accessible roles and names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.wire.processes import PATIENCE, wait_until

from .needs import missing

try:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
except ImportError:
    missing("playwright")

__all__ = ["AT_THE_BEGINNING", "Browser", "BrowserContext", "Locator", "Page", "Person", "expect"]

expect.set_options(timeout=PATIENCE * 1000)

FIRST = """() => Number(document.querySelector("[role=log] .message[data-seq]").dataset.seq)"""
"""The seq of the first message in the DOM."""
AT_THE_BEGINNING = """() => {
    const log = document.querySelector("[role=log]");
    return log.scrollTop === 0 && /This is the beginning/.test(log.textContent);
}"""


class Person:
    """
    A person at a browser, with one tab open.

    :param nick: what they will be called.
    :param page: the tab, on the page already.
    """

    def __init__(self, nick: str, page: Page) -> None:
        page.set_default_timeout(PATIENCE * 1000)
        self.nick = nick
        self.page = page
        self.log = page.get_by_role("log")
        self.box = page.get_by_role("textbox", name="Message")
        self.rooms = page.get_by_role("navigation", name="Rooms")
        self.members = page.get_by_role("complementary", name="Members")
        self.connection = page.locator("#connection")

    # Coming in.

    def joins(self, room: str = "lobby", password: str | None = None) -> Person:
        """Fill in the form, and wait until the room is there."""
        self.fills_in(room, password)
        self.is_in(f"#{room}")
        return self

    def fills_in(self, room: str = "lobby", password: str | None = None) -> None:
        """Fill in the form and press Join."""
        self.page.get_by_role("textbox", name="Nick").fill(self.nick)
        self.page.get_by_role("textbox", name="Room").fill(room)
        if password is not None:
            self.page.get_by_role("checkbox", name="I have an account").check()
            self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Join", exact=True).click()

    def is_in(self, name: str) -> None:
        """Check that this room or conversation is on the screen."""
        expect(self.page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible()

    def is_connected(self) -> None:
        """Check that the server is connected."""
        expect(self.connection).to_have_text("Connected")

    def is_offline(self) -> None:
        """Check that the server is not connected."""
        expect(self.connection).to_contain_text("Offline")

    # Talking.

    def says(self, text: str) -> None:
        """Have *text* in the box, and press Enter."""
        self.types(text)
        self.box.press("Enter")

    def says_on(self, text: str) -> None:
        """Say one more thing: the box has the focus already, so that nothing has to be waited for."""
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Enter")

    def types(self, text: str) -> None:
        """Have *text* in the box."""
        self.box.fill(text)

    def rows(self, text: str | re.Pattern[str]) -> Locator:
        """The rows of messages and events that contain *text*."""
        return self.log.locator(".message, .notice", has_text=text)

    def sees(self, text: str | re.Pattern[str]) -> Locator:
        """See *text* in one row of the log, and in one only, which is returned."""
        found = self.rows(text)
        expect(found).to_have_count(1)
        expect(found).to_be_visible()
        return found

    def opens_menu_of(self, text: str) -> None:
        """Open the menu of the message with *text*, by the button that is there while one points at the message."""
        row, button = self.sees(text), self.page.get_by_role("button", name="Message menu")

        def points() -> bool:
            # What comes meanwhile may move the message away from the pointer, or put another in its place.
            self.page.mouse.move(0, 0)
            row.hover()
            return button.is_visible()

        wait_until(points, f"the message {text!r} has no menu")
        button.click()

    def sees_no(self, text: str | re.Pattern[str]) -> None:
        """See that *text* is nowhere in the log."""
        expect(self.rows(text)).to_have_count(0)

    def is_told(self, text: str | re.Pattern[str]) -> None:
        """Wait for *text* among the answers to commands."""
        expect(self.log.locator(".reply", has_text=text).last).to_be_visible()

    def is_refused(self, text: str | re.Pattern[str]) -> None:
        """See *text* among the refusals."""
        expect(self.log.locator(".refusal", has_text=text).last).to_be_visible()

    def waits_for_none(self) -> None:
        """See that everything said has been acknowledged."""
        expect(self.log.locator(".pending")).to_have_count(0)

    def screen(self) -> list[tuple[int, str]]:
        """Return the seq and text of each message in the DOM, in order."""
        rows: list[list[Any]] = self.log.evaluate(
            """log => [...log.querySelectorAll(".message[data-seq]")].map(
                one => [Number(one.dataset.seq), one.querySelector(".text").textContent])"""
        )
        return [(int(seq), text) for seq, text in rows]

    def scrolls_back(self) -> Iterator[list[tuple[int, str]]]:
        """Turn the wheel until the room's beginning is on the screen: `screen`, after each turn."""
        self.log.hover()
        while True:
            rows = self.screen()
            yield rows
            if self.page.evaluate(AT_THE_BEGINNING):
                return
            self.page.mouse.wheel(0, -100_000)
            self.page.wait_for_function(f"first => ({FIRST})() < first || ({AT_THE_BEGINNING})()", arg=rows[0][0])

    def nodes(self) -> int:
        """Count the elements of the page."""
        return int(self.page.evaluate("document.getElementsByTagName('*').length"))

    # Getting about.

    def room(self, name: str | re.Pattern[str]) -> Locator:
        """The button of a room: *name* is all of its name."""
        if isinstance(name, str):
            return self.rooms.get_by_role("button", name=name, exact=True)
        return self.rooms.get_by_role("button", name=name)

    def goes_to(self, name: str) -> None:
        """Go to a room, or a conversation, that is in the list already."""
        self.shows("Rooms")
        self.room(re.compile(rf"^{re.escape(name)}(,|$)")).click()
        self.is_in(name)

    def enters(self, room: str, key: str = "") -> None:
        """Join one more room by the dialog."""
        dialog = self.asks_for_rooms()
        dialog.get_by_role("textbox", name="Room").fill(room)
        if key:
            dialog.get_by_role("textbox", name="Key").fill(key)
        dialog.get_by_role("button", name="Join", exact=True).click()
        self.is_in(f"#{room}")

    def asks_for_rooms(self) -> Locator:
        """Open the dialog that leads into other rooms."""
        self.shows("Rooms")
        self.rooms.get_by_role("button", name="Join a room").click()
        return self.page.get_by_role("dialog", name="Join a room")

    def shows(self, part: str) -> None:
        """Have the *part* of the page on the screen, Rooms or Members, which a narrow window has no room for."""
        if not (self.rooms if part == "Rooms" else self.members).is_visible():
            if self.page.locator("#veil").is_visible():
                # The other part covers the button.
                self.page.keyboard.press("Escape")
            self.page.get_by_role("banner").get_by_role("button", name=part, exact=True).click()

    def member(self, nick: str) -> Locator:
        """A row of the list of members."""
        return self.members.get_by_role("listitem").filter(
            has=self.page.get_by_role("button", name=re.compile(rf"^{re.escape(nick)}\b"))
        )

    def menu(self, nick: str) -> Locator:
        """Open the menu of a member in the list."""
        self.shows("Members")
        self.member(nick).get_by_role("button").first.click()
        return self.page.get_by_role("menu")

    def searches(self, words: str) -> Locator:
        """Search for *words*; returns the results."""
        if not self.page.get_by_role("searchbox", name="Search").is_visible():
            self.page.get_by_role("banner").get_by_role("button", name="Search").click()
        self.page.get_by_role("searchbox", name="Search").fill(words)
        self.page.get_by_role("searchbox", name="Search").press("Enter")
        return self.results

    @property
    def results(self) -> Locator:
        """The search results."""
        return self.page.get_by_label("Search").get_by_role("listitem")

    def chooses(self, nick: str, item: str) -> None:
        """Choose an item of a member's menu."""
        self.menu(nick).get_by_role("menuitem", name=item, exact=True).click()

    def rules(self, item: str) -> None:
        """Choose an item of the room's own menu."""
        self.page.get_by_role("banner").get_by_role("button", name="This room").click()
        self.page.get_by_role("menu").get_by_role("menuitem", name=item, exact=True).click()

    def closes(self) -> None:
        """Close the dialog that is open."""
        self.page.get_by_role("dialog").get_by_role("button", name="Close").click()
        expect(self.page.locator("dialog")).to_have_count(0)

    def answers(self, title: str, **fields: str) -> None:
        """Fill in the dialog called *title*: its fields by the beginnings of their names."""
        dialog = self.page.get_by_role("dialog", name=title)
        for name, value in fields.items():
            dialog.get_by_label(re.compile(f"^{name}")).fill(value)
        dialog.get_by_role("button", name=title, exact=True).click()
        expect(dialog).to_be_hidden()
