"""Other languages than English: writing directions, input methods, keyboards, marks and time zones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .page import Locator, Page, Person, expect
from .people import People

LEFT_OF = """([one, other]) => {
    const range = document.createRange();
    const box = ([selector, text]) => {
        const found = [...document.querySelectorAll(selector)].at(-1);
        const walker = document.createTreeWalker(found, NodeFilter.SHOW_TEXT);
        for (let node; (node = walker.nextNode()); ) {
            const at = node.data.indexOf(text);
            if (at < 0) continue;
            range.setStart(node, at);
            range.setEnd(node, at + text.length);
            return range.getBoundingClientRect();
        }
        throw new Error(`no ${text} in ${found.textContent}`);
    };
    return box(one).right <= box(other).left + 1;
}"""
"""Whether one text, of the last element of a kind, is drawn to the left of another."""

PRESS = """(element, key) => !element.dispatchEvent(
    new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...key }))"""
"""Presses a key as no key of this machine is; tells whether the page has taken it."""


def left_of(page: Page, one: tuple[str, str], other: tuple[str, str]) -> bool:
    return bool(page.evaluate(LEFT_OF, [one, other]))


# Writing directions.


def test_each_message_runs_in_its_own_direction_and_the_time_stays_behind_the_nick(server: Server, people: People):
    ann = people.joins("ann", "babel")
    with JsonClient(server.port, "שלמה", rooms=["babel"]) as hebrew:
        hebrew.ask("say", room="babel", text="שלום! מה שלומך, bob?")
        ann.sees("שלום")
        assert left_of(ann.page, (".message .text", "bob"), (".message .text", "שלום"))
        assert left_of(ann.page, (".message .by", "שלמה"), (".message .by", ":"))
        hebrew.ask("say", room="babel", text="bob: שלום!")
        ann.sees("bob: שלום")
        assert left_of(ann.page, (".message .text", "bob"), (".message .text", "!"))
        hebrew.ask("say", room="babel", text="שלום = {\n    שלום,\n}")
        expect(ann.sees("}").locator(".text")).to_have_css("direction", "ltr")
        expect(ann.sees("}").locator(".text")).not_to_have_css("unicode-bidi", "plaintext")


def test_names_and_reasons_keep_their_places_in_sentences(server: Server, people: People):
    ann = people.joins("ann", "tower")
    with JsonClient(server.port, "דוד", rooms=["tower"]) as david:
        david.ask("nick", nick="שלמה")
        ann.sees("is now known as")
        assert left_of(ann.page, (".notice", "known as"), (".notice", "שלמה"))
        assert left_of(ann.page, (".notice bdi:last-of-type", "שלמה"), (".notice time", ":"))
        david.ask("quit", reason="שלום 12")
        ann.sees("שלום 12")
        assert left_of(ann.page, (".notice bdi:last-of-type", "שלום"), (".notice time", ":"))


def test_rooms_and_results_keep_their_numbers_behind_them(server: Server, people: People):
    ann = people.joins("ann", "שוק")
    with JsonClient(server.port, "שלמה", rooms=["שוק"]) as hebrew:
        hebrew.ask("say", room="שוק", text="תפוחים 99")
        ann.sees("99")
        hebrew.ask("quit", reason="")
    ann.sees("שלמה left")
    expect(ann.page).to_have_title("\u2068#שוק\u2069 – chatroom")
    expect(ann.log).to_have_attribute("aria-label", "Messages in \u2068#שוק\u2069")
    expect(ann.box).to_have_attribute("placeholder", "Message \u2068#שוק\u2069")
    expect(ann.searches("תפוחים")).to_have_count(1)
    assert left_of(ann.page, ("[aria-label=Results] .by", "#שוק"), ("[aria-label=Results] .by", " · "))
    ann.closes()
    dialog = ann.asks_for_rooms()
    expect(dialog.get_by_role("listitem").filter(has_text="שוק")).to_be_visible()
    room = "dialog li:has(b bdi:dir(rtl))"
    assert left_of(ann.page, (f"{room} bdi", "שוק"), (room, " 1 "))


@pytest.mark.parametrize(
    ("text", "direction"), [("שלום, bob", "rtl"), ("مرحبا", "rtl"), ("bob: שלום", "ltr"), ("1. hello", "ltr")]
)
def test_what_is_written_runs_as_it_will_be_read(people: People, text: str, direction: str):
    ann = people.joins("ann", "babel")
    ann.types(text)
    expect(ann.box).to_have_css("direction", direction)
    ann.searches(text)
    expect(ann.page.get_by_role("searchbox", name="Search")).to_have_css("direction", direction)


# Input methods.


def press(where: Any, key: str, **more: Any) -> bool:
    """Press *key* where no keyboard of this machine can; tells whether the page has taken it."""
    return bool(where.evaluate(PRESS, {"key": key, **more}))


@pytest.mark.parametrize("composing", [{"keyCode": 229}, {"isComposing": True}], ids=["safari", "others"])
def test_the_key_that_ends_a_composition_does_nothing_else(people: People, composing: dict[str, Any]):
    ann = people.open("ann")
    nick = ann.page.get_by_role("textbox", name="Nick")
    assert press(nick, "Enter", **composing), "it would send the form"
    ann.joins("teahouse")
    ann.types("にほん")
    assert not press(ann.box, "Enter", **composing)
    expect(ann.box).to_have_value("にほん")
    ann.types("/top")
    expect(ann.page.get_by_role("option")).to_have_count(1)
    assert not press(ann.box, "Tab", **composing)
    assert not press(ann.box, "Escape", **composing)
    expect(ann.page.get_by_role("option")).to_have_count(1)
    expect(ann.box).to_have_value("/top")
    ann.types("")
    ann.searches("unicorn")
    search = ann.page.get_by_role("searchbox", name="Search")
    press(search, "Escape", **composing)
    expect(search).to_be_visible()
    ann.sees_no("にほん")


# Keyboards.

SWITCHER, SEARCH, HELP = "Go to", "Search", "Help"


@pytest.mark.parametrize(
    ("key", "opened"),
    [
        ({"key": "л", "code": "KeyK", "ctrlKey": True}, SWITCHER),
        ({"key": "K", "code": "KeyK", "ctrlKey": True}, SWITCHER),
        ({"key": "κ", "code": "KeyK", "metaKey": True}, SWITCHER),
        ({"key": "k", "code": "KeyV", "ctrlKey": True}, SWITCHER),
        ({"key": "а", "code": "KeyF", "ctrlKey": True, "shiftKey": True}, SEARCH),
        ({"key": ".", "code": "Slash", "ctrlKey": True}, HELP),
        ({"key": "/", "code": "Digit7", "ctrlKey": True, "shiftKey": True}, HELP),
        ({"key": "t", "code": "KeyK", "ctrlKey": True}, None),
        ({"key": "K", "code": "KeyK", "ctrlKey": True, "shiftKey": True}, None),
        ({"key": "к", "code": "KeyR", "ctrlKey": True}, None),
        ({"key": "-", "code": "Slash", "ctrlKey": True}, None),
        ({"key": "ĸ", "code": "KeyK", "ctrlKey": True, "altKey": True}, None),
        ({"key": "л", "code": "KeyK"}, None),
    ],
)
def test_shortcuts_work_on_every_layout(people: People, key: dict[str, Any], opened: str | None):
    ann = people.joins("ann", "office")

    assert press(ann.box, **key) is (opened is not None)
    expect(ann.page.get_by_role("dialog", name=opened or "")).to_have_count(1 if opened else 0)


# Marks.

PILE = "a" + "\u0301\u0302\u0303\u0316\u0317" * 30


def test_marks_from_before_there_was_a_bound_cover_nobody_elses_line(server: Server, people: People):
    def told(person: Person) -> None:
        person.page.route_web_socket("**/ws", lambda socket: relay(socket, lambda text: text.replace("PILE", PILE)))

    ann = people.open("ann")
    told(ann)
    ann.page.reload()
    ann.joins("steeple")
    # A row under the mouse shows its time.
    ann.page.mouse.move(0, 0)
    with JsonClient(server.port, "bob", rooms=["steeple"]) as bob:
        for text in ("one", "two", "PILE", "four", "five"):
            bob.ask("say", room="steeple", text=text)
        bob.ask("quit", reason="PILE")
        bob.until("goodbye")
    said, gone = ann.log.locator(".message", has_text="a\u0301"), ann.rows("bob left")
    expect(gone).to_be_visible()
    rows = [ann.sees(text) for text in ("two", "four", "five")]
    covered = settled(rows)
    for pile in (said, gone):
        pile.evaluate("row => row.style.visibility = 'hidden'")
    assert settled(rows) == covered


def settled(rows: list[Locator]) -> list[bytes]:
    """Take pictures of *rows* once they no longer change: what has just come may still be scrolling into view."""
    for _ in range(20):
        pictures = [row.screenshot() for row in rows]
        if pictures == [row.screenshot() for row in rows]:
            return pictures
    raise AssertionError("the rows never stand still")


def relay(socket: Any, change: Callable[[str], str]) -> None:
    """Stand between the page and the server."""
    server = socket.connect_to_server()
    server.on_message(lambda text: socket.send(change(text)))


# Time zones.


def test_times_and_days_follow_the_systems_zone(server: Server, people: People):
    ann = people.open("ann", timezone_id=None)
    zone = ann.page.context.new_cdp_session(ann.page)
    zone.send("Emulation.setTimezoneOverride", {"timezoneId": "Etc/GMT+12"})
    ann.page.reload()
    ann.joins("station")
    ann.says("all aboard")
    message = ann.sees("all aboard")
    ann.waits_for_none()
    west, day = message.locator("time").inner_text(), ann.log.locator(".day").inner_text()
    zone.send("Emulation.setTimezoneOverride", {"timezoneId": ""})
    zone.send("Emulation.setTimezoneOverride", {"timezoneId": "Etc/GMT-13"})
    ann.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(message.locator("time")).not_to_have_text(west)
    expect(ann.log.locator(".day")).not_to_have_text(day)
    ann.says("and off we go")
    ann.sees("and off we go")
    expect(ann.log.locator(".day")).to_have_count(1)


def test_a_zone_that_has_not_changed_changes_nothing(asked: Any):
    assert asked("times", "[it.zoneChanged(), it.timeOf(given)]", "2026-11-23T12:34:56.000Z") == [False, "12:34"]
