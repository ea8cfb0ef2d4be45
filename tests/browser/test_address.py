"""The address names the room, Back and Forward go through the rooms, and keys find the message box."""

from __future__ import annotations

import re

import pytest

from tests.wire.server import Server

from .page import expect
from .people import People


def test_the_address_follows_the_room_and_back_leads_to_the_one_before(people: People):
    ann = people.joins("ann", "tea")
    expect(ann.page).to_have_url(re.compile("#tea$"))
    ann.enters("games")
    expect(ann.page).to_have_url(re.compile("#games$"))
    ann.box.press_sequentially("a dra")
    ann.page.go_back()
    ann.is_in("#tea")
    expect(ann.box).to_have_value("")
    ann.page.go_forward()
    ann.is_in("#games")
    expect(ann.box).to_have_value("a dra")


def test_a_conversation_has_an_address_that_does_not_name_anybody_else(people: People):
    ann = people.joins("ann", "porch")
    people.joins("bob", "porch")
    ann.chooses("bob", "Private message")
    ann.is_in("bob")
    expect(ann.page).to_have_url(re.compile("#@bob$"))
    ann.page.go_back()
    ann.is_in("#porch")
    ann.page.go_forward()
    ann.is_in("bob")


def test_back_to_a_room_that_was_left_says_so_and_stays(people: People):
    ann = people.joins("ann", "tea")
    ann.enters("games")
    ann.rules("Leave #games")
    ann.is_in("#tea")
    ann.page.go_back()
    ann.is_refused("You are no longer in #games.")
    ann.is_in("#tea")
    expect(ann.page).to_have_url(re.compile("#tea$"))


@pytest.mark.parametrize("room", ["tea", "parlour", "café"])
def test_an_address_that_is_typed_leads_to_the_room(people: People, room: str):
    """Ours already, or not yet."""
    ann = people.joins("ann", "tea")
    ann.enters("games")
    ann.page.evaluate("room => { location.hash = room; }", room)
    ann.is_in(f"#{room}")


def test_an_address_that_is_opened_while_a_session_lives_leads_to_the_room(people: People):
    ann = people.joins("ann", "tea")
    context = ann.page.context
    ann.page.close()
    people.url += "#games"
    again = people.another_tab("ann", context)
    again.is_in("#games")
    expect(again.room("#tea")).to_be_visible()


DAMAGED = ["#100%", "#%ff%fe", "#%E0%A4%A", "##", "#" + "x" * 5000, "#<b>", "#\N{TEACUP WITHOUT HANDLE}"]


@pytest.mark.parametrize("hash_", DAMAGED, ids=range(len(DAMAGED)))
def test_an_address_that_is_damaged_stops_nothing(people: People, server: Server, hash_: str):
    people.url += hash_
    ann = people.open("ann")
    expect(ann.page.get_by_role("textbox", name="Nick")).to_be_focused()
    ann.joins("tea")
    # While somebody is here, too.
    ann.page.evaluate("hash => { location.hash = ''; location.hash = hash; }", hash_)
    greeting = f"hello {DAMAGED.index(hash_)}."
    ann.says(greeting)
    ann.sees(greeting)


def test_who_chooses_a_room_or_types_anywhere_is_in_the_message_box(people: People):
    ann = people.joins("ann", "tea")
    ann.enters("games")
    expect(ann.box).to_be_focused()
    ann.goes_to("#tea")
    expect(ann.box).to_be_focused()
    ann.log.focus()
    ann.page.keyboard.type("from the log")
    expect(ann.box).to_have_value("from the log")
    ann.page.get_by_role("button", name="Search").focus()
    ann.page.keyboard.press("Space")
    expect(ann.page.get_by_role("searchbox")).to_be_focused()
    ann.page.keyboard.type("words")
    expect(ann.box).to_have_value("from the log")


def test_on_a_touch_screen_no_keyboard_comes_up(people: People):
    ann = people.open("ann", has_touch=True, is_mobile=True, viewport={"width": 360, "height": 640})
    ann.joins("tea")
    ann.enters("games")
    ann.goes_to("#tea")
    expect(ann.box).not_to_be_focused()
