"""Moderation from the page: by menu, keyboard and command."""

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
    everyones = ["Mention", "Whois", "Private message", "Ignore"]
    expect(ann.menu("bob").get_by_role("menuitem")).to_have_text(
        [*everyones, "Kick…", "Mute…", "Unmute", "Ban…", "Make operator"]
    )
    expect(bob.menu("ann").get_by_role("menuitem")).to_have_text(everyones)


def test_an_operator_rules_by_the_menu(server: Server, people: People):
    ann = people.joins("ann", "tribunal")
    with inside(server, "eve", "tribunal") as eve:
        ann.chooses("eve", "Mute…")
        ann.answers("Mute eve", Duration="1h", Reason="singing")
        eve.until("-- ann muted eve for 1 hour (singing)")
        eve.type("la la la")
        eve.until("!! ")
        ann.chooses("eve", "Unmute")
        eve.until("-- ann unmuted eve")
        ann.chooses("eve", "Make operator")
        eve.until("-- ann made eve an operator")
        expect(ann.member("eve")).to_contain_text("operator")
        ann.chooses("eve", "Remove operator")
        eve.until("-- ann removed eve as an operator")
        expect(ann.member("eve")).not_to_contain_text("operator")
        ann.chooses("eve", "Kick…")
        ann.answers("Kick eve", Reason="dancing")
        eve.until("-- You were kicked from #tribunal by ann (dancing).")
        ann.sees("ann kicked eve (dancing)")
        expect(ann.member("eve")).to_have_count(0)
        eve.type("/join tribunal")
        eve.until("-- You are in #tribunal.")
        ann.chooses("eve", "Ban…")
        ann.answers("Ban eve")
        eve.until("-- You were banned from #tribunal by ann")
        eve.type("/join tribunal")
        eve.until("!! You are banned from #tribunal")
        ann.rules("List bans and mutes")
        ann.is_told(re.compile("eve, banned by ann .*forever"))
        ann.rules("Lift a ban…")
        ann.answers("Lift a ban", Nick="eve")
        ann.sees("ann unbanned eve")
        eve.type("/join tribunal")
        eve.until("-- You are in #tribunal.")


def test_an_operator_rules_by_the_keyboard(server: Server, people: People):
    ann = people.joins("ann", "chamber")
    keys = ann.page.keyboard
    with inside(server, "eve", "chamber") as eve:
        eves = ann.member("eve").get_by_role("button").first
        eves.focus()
        keys.press("Enter")
        items = ann.page.get_by_role("menuitem")
        expect(items.first).to_be_focused()
        keys.press("ArrowDown")
        expect(items.nth(1)).to_be_focused()
        keys.press("Escape")
        expect(items).to_have_count(0)
        expect(eves).to_be_focused()
        keys.press("Enter")
        kick = ann.page.get_by_role("menuitem", name="Kick…")
        while not kick.evaluate("one => one === document.activeElement"):
            keys.press("ArrowDown")
        keys.press("Enter")
        expect(ann.page.get_by_label("Reason")).to_be_focused()
        keys.type("by hand")
        keys.press("Enter")
        eve.until("-- You were kicked from #chamber by ann (by hand).")


def test_the_menu_of_a_room_changes_its_topic_and_locks_it(server: Server, people: People):
    ann, bob = people.joins("ann", "archive"), people.joins("bob", "archive")
    ann.rules("Set the topic…")
    ann.answers("Set the topic", Topic="old papers")
    expect(bob.page.locator("#topic")).to_have_text("old papers")
    ann.rules("Slow mode…")
    ann.answers("Slow mode", Seconds="30")
    bob.sees("ann turned on slow mode")
    ann.rules("Slow mode…")
    ann.answers("Slow mode", Seconds="")
    bob.sees("turned off slow mode")
    ann.rules("Lock…")
    ann.answers("Lock", Key="")
    bob.sees(re.compile("ann made .* invite-only"))
    with TextClient(server.port, "eve") as eve:
        eve.type("/join archive")
        eve.until("!! ")
        ann.rules("Invite someone…")
        ann.answers("Invite someone", Nick="eve")
        eve.until("-- ann invites you to #archive")
        ann.rules("Unlock")
        bob.sees("ann unlocked")


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


def test_who_is_kicked_sees_why_and_stays_to_read_it(people: People):
    ann, bob = people.joins("ann", "bench"), people.joins("bob", "tea")
    bob.enters("bench")
    expect(ann.member("bob")).to_be_visible()
    ann.says("/kick bob too loud")
    expect(bob.page.get_by_text("You were kicked from #bench by ann (too loud).").first).to_be_visible()
    expect(bob.room("#bench")).to_have_count(0)
    bob.is_in("#bench")
    bob.page.get_by_role("button", name="Join again").click()
    expect(bob.room("#bench")).to_be_visible()
    expect(bob.page.get_by_role("button", name="Join again")).to_be_hidden()


def test_who_is_ignored_is_not_heard(server: Server, people: People):
    ann, bob = people.joins("ann", "stage"), people.joins("bob", "stage")
    with inside(server, "eve", "stage") as eve:
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
