"""Who rules a room rules it from the page: by menu, by keyboard and by command."""

from __future__ import annotations

import re

from tests.wire.clients import TextClient
from tests.wire.server import Server

from .page import expect
from .people import People


def inside(server: Server, nick: str, room: str) -> TextClient:
    person = TextClient(server.port, nick)
    person.type(f"/join {room}")
    person.until(f"-- You are in #{room}.")
    return person


def test_the_menu_offers_what_one_may_do(people: People):
    ann, bob = people.joins("ann", "court"), people.joins("bob", "court")
    ruling = ("Kick", "Ban", "Mute", "Make operator")
    everyones = ("Private message", "Mention", "Who is this?", "Ignore")
    menu = ann.menu("bob")
    for name in (*everyones, *ruling):
        expect(menu.get_by_role("menuitem", name=name)).to_be_visible()
    menu = bob.menu("ann")
    for name in everyones:
        expect(menu.get_by_role("menuitem", name=name)).to_be_visible()
    for name in ruling:
        expect(menu.get_by_role("menuitem", name=name)).to_have_count(0)


def test_an_operator_rules_by_the_menu(server: Server, people: People):
    ann = people.joins("ann", "court")
    with inside(server, "eve", "court") as eve:
        ann.chooses("eve", "Mute")
        eve.until("-- ann muted eve")
        eve.type("la la la")
        eve.until("!! ")
        ann.chooses("eve", "Unmute")
        eve.until("-- ann unmuted eve")
        ann.chooses("eve", "Make operator")
        eve.until("-- ann made eve an operator")
        expect(ann.member("eve")).to_contain_text("operator")
        ann.chooses("eve", "Kick")
        eve.until("-- You were kicked from #court by ann")
        ann.sees("ann kicked eve")
        expect(ann.member("eve")).to_have_count(0)
        eve.type("/join court")
        eve.until("-- You are in #court.")
        ann.chooses("eve", "Ban")
        eve.until("-- You were banned from #court by ann")
        eve.type("/join court")
        eve.until("!! You are banned from #court")


def test_an_operator_rules_by_the_keyboard(server: Server, people: People):
    ann = people.joins("ann", "court")
    with inside(server, "eve", "court") as eve:
        ann.member("eve").get_by_role("button").first.focus()
        ann.page.keyboard.press("Enter")
        expect(ann.page.get_by_role("menuitem").first).to_be_focused()
        ann.page.keyboard.press("ArrowDown")
        expect(ann.page.get_by_role("menuitem").nth(1)).to_be_focused()
        ann.page.keyboard.press("Escape")
        expect(ann.page.get_by_role("menu")).to_be_hidden()
        expect(ann.member("eve").get_by_role("button").first).to_be_focused()
        ann.page.keyboard.press("Enter")
        ann.page.get_by_role("menuitem", name="Kick").focus()
        ann.page.keyboard.press("Enter")
        eve.until("-- You were kicked from #court by ann")


def test_a_locked_room_wants_its_key(people: People):
    ann, bob = people.joins("ann", "vault"), people.joins("bob", "tea")
    ann.says("/lock sesame")
    ann.sees(re.compile("locked"))
    bob.rooms.get_by_role("button", name="Join a room").click()
    dialog = bob.page.get_by_role("dialog", name="Join a room")
    dialog.get_by_role("textbox", name="Room").fill("vault")
    dialog.get_by_role("button", name="Join", exact=True).click()
    expect(bob.page.get_by_text("#vault is locked").first).to_be_visible()
    bob.page.keyboard.press("Escape")
    bob.enters("vault", key="sesame")
    bob.says("open!")
    ann.sees("open!")


def test_who_is_kicked_sees_why_and_is_elsewhere(people: People):
    ann, bob = people.joins("ann", "court"), people.joins("bob", "tea")
    bob.enters("court")
    expect(ann.member("bob")).to_be_visible()
    ann.says("/kick bob too loud")
    expect(bob.page.get_by_text("You were kicked from #court by ann (too loud).").first).to_be_visible()
    expect(bob.room("#court")).to_have_count(0)
    bob.is_in("#tea")


def test_who_is_ignored_is_not_heard(server: Server, people: People):
    ann, bob = people.joins("ann", "tea"), people.joins("bob", "tea")
    with inside(server, "eve", "tea") as eve:
        eve.type("la la la")
        ann.sees("la la la")
        ann.chooses("eve", "Ignore")
        eve.type("do you hear me?")
        bob.sees("do you hear me?")
        bob.says("she does not")
        ann.sees("she does not")
        ann.sees_no("do you hear me?")
        ann.chooses("eve", "Stop ignoring")
        eve.type("and now?")
        ann.sees("and now?")
