"""The menu of a message, and addresses that lead to a message in its context."""

from __future__ import annotations

import re

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .page import Locator, Person, expect
from .people import People

KEEP = "if (navigator.clipboard) navigator.clipboard.writeText = async (text) => { window.copied = text; };"
"""Has a test read what was copied."""


def copied(ann: Person) -> str:
    ann.page.wait_for_function("window.copied")
    return str(ann.page.evaluate("[window.copied, window.copied = ''][0]"))


def menu(ann: Person) -> Locator:
    return ann.page.get_by_role("menu", name="Message")


def target(ann: Person, text: str) -> None:
    """See that a message stands out, in its context."""
    expect(ann.log.locator(".message.target")).to_contain_text(text)
    expect(ann.log.locator(".message.target")).to_be_in_viewport()


def test_what_is_copied_by_pointer_keyboard_and_finger(server: Server, people: People):
    ann = people.open("ann", script=KEEP, has_touch=True).joins("desk")
    for text in ("*one*", "two"):
        ann.says(text)
        ann.sees(text)
    ann.waits_for_none()
    ann.opens_menu_of("one")
    menu(ann).get_by_role("menuitem", name="Copy text").click()
    assert copied(ann) == "*one*"

    keys = ann.page.keyboard
    ann.log.focus()
    keys.press("ArrowUp")
    expect(ann.sees("two")).to_be_focused()
    keys.press("ArrowUp")
    keys.press("ContextMenu")
    expect(menu(ann)).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    link = copied(ann)
    assert re.fullmatch(re.escape(people.url) + r"#desk/\d+", link)
    keys.press("ArrowDown")
    expect(ann.sees("two")).to_be_focused()
    keys.press("Enter")
    keys.press("Escape")
    expect(menu(ann)).to_have_count(0)
    keys.press("Escape")
    expect(ann.box).to_be_focused()

    ann.sees("two").dispatch_event(
        "pointerdown", {"pointerType": "touch", "bubbles": True, "clientX": 9, "clientY": 9}
    )
    expect(menu(ann)).to_be_visible()


def test_an_address_leads_to_a_message_and_back_and_forward_go_through_them(server: Server, people: People):
    with JsonClient(server.port, "bob", rooms=["shelf"]) as bob:
        for number in range(1, 701):
            bob.ask("say", room="shelf", text=f"book {number}.")
        seq = bob.until("said", text="book 100.")[-1]["seq"]
        bob.until("said", text="book 700.")
        people.url += f"#shelf/{seq}"
        ann = people.open("ann")
        expect(ann.page.get_by_role("textbox", name="Room")).to_have_value("shelf")
        ann.joins("shelf")
        target(ann, "book 100.")
        ann.sees("book 99.")
        ann.sees("book 101.")
        expect(ann.page).to_have_url(re.compile(f"#shelf/{seq}$"))

        ann.page.evaluate("seq => { location.hash = `shelf/${seq}`; }", seq + 300)
        target(ann, "book 400.")
        ann.page.go_back()
        target(ann, "book 100.")
        ann.page.go_forward()
        target(ann, "book 400.")
        ann.page.get_by_role("button", name="Jump to newest").click()
        expect(ann.sees("book 700.")).to_be_in_viewport()
        expect(ann.page).to_have_url(re.compile("#shelf$"))

        ann.page.evaluate("location.hash = 'shelf/999999'")
        ann.is_refused("There is no message 999999 in #shelf")


def test_an_address_in_a_room_that_one_may_not_enter_says_so(server: Server, people: People):
    with JsonClient(server.port, "bob", rooms=["strongroom"]) as bob:
        bob.ask("line", room="strongroom", text="/private on", ref="1")
        bob.until_ref("1")
        ann = people.joins("ann", "hall")
        ann.page.evaluate("location.hash = 'strongroom/2'")
        expect(ann.log.locator(".refusal").last).to_be_visible()
        ann.is_in("#hall")


def test_a_message_of_a_conversation_has_an_address_for_both(server: Server, people: People):
    ann = people.open("ann", script=KEEP).joins("nook")
    bob = people.joins("bob", "nook")
    ann.chooses("bob", "Private message")
    ann.is_in("bob")
    ann.says("between us")
    ann.waits_for_none()
    ann.opens_menu_of("between us")
    menu(ann).get_by_role("menuitem", name="Copy link").click()
    hash_ = copied(ann).partition("#")[2]
    for person, other in ((ann, "bob"), (bob, "ann")):
        person.goes_to("#nook")
        person.page.evaluate("hash => { location.hash = hash; }", hash_)
        person.is_in(other)
        target(person, "between us")
