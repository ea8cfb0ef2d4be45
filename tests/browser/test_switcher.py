"""Ctrl-K goes to rooms and people; Ctrl-Shift-F searches."""

from __future__ import annotations

from typing import Any

import pytest

from .page import expect
from .people import People


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["#lobby", "#ops-night", "@Zoë", "#nightshift", "@שלמה"]),
        ("ON", ["#ops-night"]),
        ("night", ["#nightshift", "#ops-night"]),
        ("zoe", ["@Zoë"]),
        ("של", ["@שלמה"]),
        ("by", ["#lobby"]),
        ("yb", []),
    ],
)
def test_names_are_found_by_some_of_their_letters(asked: Any, typed: str, found: list[str]):
    names = ["#lobby", "#ops-night", "@Zoë", "#nightshift", "@שלמה"]
    places = "it.fitting(given[0].map((name) => ({ name })), given[1]).map((place) => place.name)"

    assert asked("fuzzy", places, [names, typed]) == found


def test_ctrl_k_goes_to_rooms_and_people_by_the_keyboard_alone(people: People):
    ann = people.joins("ann", "bridge")
    people.joins("bob", "bridge")
    ann.enters("engine-room")
    keys = ann.page.keyboard
    keys.press("Control+k")
    places = ann.page.get_by_role("listbox", name="Rooms and people")
    field = ann.page.get_by_role("combobox", name="Room or person")
    expect(field).to_be_focused()
    expect(places.get_by_role("option")).to_have_text(["#bridge", "@bob"])
    keys.press("ArrowUp")
    expect(places.get_by_role("option", selected=True)).to_have_text("@bob")
    keys.press("ArrowDown")
    keys.press("Enter")
    ann.is_in("#bridge")
    expect(ann.box).to_be_focused()
    keys.press("Control+k")
    keys.type("bb")
    keys.press("Enter")
    ann.is_in("bob")
    keys.press("Control+k")
    keys.type("nowhere")
    expect(ann.page.get_by_role("status").filter(has_text="No room or person of that name.")).to_be_visible()
    keys.press("Enter")
    keys.press("Escape")
    expect(field).to_have_count(0)
    expect(ann.box).to_be_focused()
    keys.press("Control+Shift+f")
    expect(ann.page.get_by_role("searchbox", name="Search")).to_be_focused()
