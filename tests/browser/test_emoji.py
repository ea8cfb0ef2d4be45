"""Emoji are completed by their names."""

from __future__ import annotations

from .page import expect
from .people import People


def test_an_emoji_is_completed_by_the_keyboard_and_a_smiley_is_not(people: People):
    ann = people.joins("ann", "playground")
    keys = ann.page.keyboard
    keys.type("well :smil")
    options = ann.page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_have_text("😄 :smile:")
    keys.press("Escape")
    expect(options).to_have_count(0)
    keys.type("e")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(ann.box).to_have_value("well 😄 ")
    keys.type("at 12:30 :D :-) http://a")
    expect(options).to_have_count(0)
    keys.press("Enter")
    ann.sees("well 😄 at 12:30 :D :-)")
