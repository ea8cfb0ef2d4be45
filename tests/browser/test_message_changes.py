"""Messages that are edited, deleted, answered and reacted to, on the page."""

from __future__ import annotations

import re

from .page import Person, expect
from .people import People


def chooses(one: Person, text: str, entry: str) -> None:
    """Choose *entry* in the menu of the message with *text*."""
    one.opens_menu_of(text)
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


def test_the_arrow_keys_bring_back_ones_messages_to_edit_and_what_was_sent(people: People):
    ann = people.open("ann").joins("recall")
    for text in ("one", "/time", "two"):
        ann.says(text)
    ann.sees("two")
    ann.waits_for_none()
    keys = ann.box
    keys.press("ArrowUp")
    expect(ann.box).to_have_value(re.compile(r"/edit \d+ two"))
    keys.press("ArrowUp")
    expect(ann.box).to_have_value(re.compile(r"/edit \d+ one"))
    keys.press("ArrowUp")
    expect(ann.box).to_have_value(re.compile(r"/edit \d+ one"))
    keys.press("End")
    keys.press_sequentially(" more")
    keys.press("ArrowUp")
    expect(ann.box).to_have_value(re.compile(r"/edit \d+ one more"))
    keys.press("Enter")
    expect(ann.sees("one more")).to_contain_text("edited")
    keys.press("ArrowUp")
    keys.press("ArrowDown")
    expect(ann.box).to_have_value("")

    keys.press("Control+ArrowUp")
    expect(ann.box).to_have_value(re.compile("/edit .* one more"))
    for before in ("two", "/time", "one", "one"):
        keys.press("Control+ArrowUp")
        expect(ann.box).to_have_value(before)
    keys.press("Control+ArrowDown")
    expect(ann.box).to_have_value("/time")


def test_a_message_of_several_lines_is_edited_in_the_box(people: People):
    ann, bob = people.open("ann").joins("lines"), people.open("bob").joins("lines")
    ann.box.fill("one\ntwo")
    ann.box.press("Enter")
    bob.sees("two")
    ann.waits_for_none()
    ann.box.press("ArrowUp")
    ann.box.press("Control+End")
    ann.box.press("Shift+Enter")
    ann.box.press_sequentially("three")
    ann.box.press("Enter")
    expect(bob.sees("three")).to_contain_text("edited")
    bob.box.fill("/answer 3 one\nand another")
    bob.box.press("Enter")
    expect(ann.sees("and another")).to_contain_text("ann: one…")


def test_numbers_and_corrections_are_switched_on_in_the_settings(people: People):
    ann = people.open("ann").joins("numbered")
    ann.says("helo")
    row = ann.sees("helo")
    ann.waits_for_none()
    number = row.get_attribute("data-seq")
    shown = "row => getComputedStyle(row, '::after').content"
    assert row.evaluate(shown) == "none"
    ann.page.get_by_role("button", name="Settings").click()
    dialog = ann.page.get_by_role("dialog", name="Settings")
    dialog.get_by_role("checkbox", name="Number messages").check()
    dialog.get_by_role("checkbox", name="s/old/new/").check()
    ann.page.keyboard.press("Escape")
    expect(ann.page.locator("html")).to_have_attribute("data-numbers", "true")
    assert row.evaluate(shown) == f'"{number}"'
    ann.says("s/helo/hello/")
    expect(ann.sees("hello")).to_contain_text("edited")
    ann.says("/history -n")
    expect(ann.log.locator(".reply").last).to_contain_text(
        re.compile(rf"{number} \d\d:\d\d <.?ann.?> .?hello.? \(edited\)")
    )
    ann.says("/numbers off")
    expect(ann.page.locator("html")).to_have_attribute("data-numbers", "false")


def test_what_is_being_written_waits_while_another_message_is_changed(people: People):
    ann, bob = people.open("ann").joins("drafts"), people.open("bob").joins("drafts")
    for text in ("helo", "wrong"):
        ann.says(text)
    bob.sees("wrong")
    ann.waits_for_none()
    ann.box.press_sequentially("5 minutes please")
    chooses(ann, "wrong", "Delete")
    expect(ann.box).to_have_value(re.compile(r"^/delete \d+ $"))
    ann.box.press("Enter")
    bob.sees_no("wrong")
    expect(ann.box).to_have_value("5 minutes please")
    chooses(ann, "helo", "Edit")
    expect(ann.box).to_have_value(re.compile(r"^/edit \d+ helo$"))
    ann.box.press("ControlOrMeta+a")
    ann.box.press("Backspace")
    expect(ann.box).to_have_value("5 minutes please")
    chooses(ann, "helo", "Edit")
    ann.page.reload()
    # Nothing of it is lost.
    expect(ann.box).to_have_value(re.compile(r"^5 minutes please\n/edit \d+ helo$"))
