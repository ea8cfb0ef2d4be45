"""Messages that are edited, deleted, answered and reacted to, on the page."""

from __future__ import annotations

from .page import Person, expect
from .people import People


def chooses(one: Person, text: str, entry: str) -> None:
    """Choose *entry* in the menu of the message with *text*."""
    one.sees(text).hover()
    one.page.get_by_role("button", name="Message menu").click()
    one.page.get_by_role("menu", name="Message").get_by_role("menuitem", name=entry, exact=True).click()


def test_an_evening_of_two_with_second_thoughts(people: People):
    ann, bob = people.open("ann").joins("desk"), people.open("bob").joins("desk")
    ann.says("helo")
    bob.sees("helo")
    ann.waits_for_none()
    chooses(ann, "helo", "Edit")
    expect(ann.box).to_be_focused()
    ann.box.press("End")
    for _ in range(4):
        ann.box.press("Backspace")
    ann.box.press_sequentially("hello")
    ann.box.press("Enter")
    row = bob.sees("hello")
    expect(row).to_contain_text("edited")
    bob.sees_no("helo")

    chooses(bob, "hello", "React")
    bob.box.press_sequentially("+1:")
    bob.box.press("Enter")
    expect(ann.sees("hello").get_by_role("list", name="Reactions")).to_contain_text("👍 1")

    chooses(bob, "hello", "Answer")
    bob.box.press_sequentially("hi there")
    bob.box.press("Enter")
    expect(ann.sees("hi there")).to_contain_text("ann: hello")
    chooses(ann, "hi there", "Delete")
    ann.box.press("Enter")
    bob.sees_no("hi there")
    expect(bob.log).to_contain_text("Deleted by ann")
    expect(bob.log).to_contain_text("deleted a message of bob")
    bob.page.reload()
    expect(bob.log).to_contain_text("hello")
    bob.sees_no("hi there")
    expect(bob.log).to_contain_text("Deleted by ann")
