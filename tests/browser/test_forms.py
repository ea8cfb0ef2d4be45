"""Forms: what they ask for, and that they stay open until it has been done."""

from __future__ import annotations

import re

import pytest

from tests.doors.test_marks import PUBLIC_KEY
from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .page import Locator, Person, expect
from .people import People
from .test_settings import AWAY, settings

USAGE = re.compile(r"\b(NICK|DURATION|REASON|TEXT|SECONDS|KEY)\b|account:|\[|\|")
"""What only the usage of a typed command says."""


def submits(dialog: Locator, **fields: str) -> None:
    """Fill in fields by the beginnings of their names, and send them."""
    for name, value in fields.items():
        dialog.get_by_label(re.compile(f"^{name}")).fill(value)
    dialog.locator("button.primary").click()


def test_forms_speak_of_what_they_ask_for_and_not_of_commands(people: People):
    ann, bob = people.joins("ann", "parlour"), people.joins("bob", "parlour")
    ann.sees("bob")
    openers = [
        *((lambda item=item: ann.chooses("bob", item)) for item in ("Kick…", "Mute…", "Ban…")),
        *(
            (lambda item=item: ann.rules(item))
            for item in ("Set the topic…", "Invite someone…", "Slow mode…", "Lock…", "Lift a ban…", "Lift a mute…")
        ),
        *(
            (lambda name=name: settings(ann).get_by_role("button", name=name).click())
            for name in ("Change nick", "Set yourself away")
        ),
    ]
    for opens in openers:
        opens()
        dialog = ann.page.get_by_role("dialog")
        expect(dialog.get_by_role("textbox").or_(dialog.get_by_role("spinbutton")).first).to_be_focused()
        assert not USAGE.search(dialog.inner_text()), dialog.inner_text()
        ann.closes()
    bob.sees_no("left")


@pytest.mark.parametrize(
    ("item", "wrong", "reason", "right", "done"),
    [
        ("Mute…", {"Duration": "whenever"}, "That is not a duration.", {"Duration": "1h"}, "ann muted bob for 1 hour"),
        ("Ban…", {"Duration": "whenever"}, "That is not a duration.", {"Duration": ""}, "ann banned bob"),
        ("Slow mode…", {"Seconds": "9999"}, "At most 3600 seconds.", {"Seconds": "9"}, "one line per person every 9"),
    ],
)
def test_what_is_refused_keeps_its_form_open_with_the_reason(
    people: People, item: str, wrong: dict[str, str], reason: str, right: dict[str, str], done: str
):
    ann = people.joins("ann", f"parlour-{item[:3].lower()}")
    people.joins("bob", f"parlour-{item[:3].lower()}")
    if item in ("Mute…", "Ban…"):
        ann.chooses("bob", item)
    else:
        ann.rules(item)
    dialog = ann.page.get_by_role("dialog")
    submits(dialog, **wrong)
    expect(dialog.get_by_role("alert")).to_contain_text(reason)
    for name, value in wrong.items():
        expect(dialog.get_by_label(re.compile(f"^{name}"))).to_have_value(value)
    submits(dialog, **right)
    expect(dialog).to_be_hidden()
    ann.sees(re.compile(done))
    expect(ann.log.locator(".refusal")).to_have_count(0)


def test_a_reason_that_begins_with_a_number_is_no_duration(people: People):
    ann, bob = people.joins("ann", "study2"), people.joins("bob", "study2")
    ann.chooses("bob", "Ban…")
    submits(ann.page.get_by_role("dialog"), Reason="3d warning, and 2h late")
    ann.sees("ann banned bob (3d warning, and 2h late)")
    expect(bob.page.get_by_text("You were banned from #study2").first).to_be_visible()


def test_a_password_that_is_too_short_keeps_the_form_open(people: People):
    zoe = people.joins("zoe2", "bank2")
    settings(zoe).get_by_role("button", name="Register this nick").click()
    dialog = zoe.page.get_by_role("dialog", name="Register this nick")
    submits(dialog, New="short", Repeat="short")
    expect(dialog.get_by_role("alert")).to_contain_text("characters")
    submits(dialog, New="tulips in the rain", Repeat="tulips in the sun")
    expect(dialog.get_by_role("alert")).to_have_text("The passwords don't match.")
    submits(dialog, New="tulips in the rain", Repeat="tulips in the rain")
    expect(dialog).to_be_hidden()
    zoe.is_told("Logged in as zoe2.")
    settings(zoe).get_by_role("button", name="Change password").click()
    dialog = zoe.page.get_by_role("dialog", name="Change the password")
    submits(dialog, Current="not that", New="roses in the rain", Repeat="roses in the rain")
    expect(dialog.get_by_role("alert")).to_contain_text("password")
    submits(dialog, Current="tulips in the rain")
    expect(dialog).to_be_hidden()
    settings(zoe).get_by_role("button", name="Log out").click()
    zoe.is_told("You are a guest again")
    settings(zoe).get_by_role("button", name="Log in").click()
    dialog = zoe.page.get_by_role("dialog", name="Log in")
    submits(dialog, Password="no idea")
    expect(dialog.get_by_role("alert")).to_contain_text("password")
    submits(dialog, Password="roses in the rain")
    expect(dialog).to_be_hidden()


ASKING = """async ([command, wants]) => {
    const { askPassword } = await import("./command-forms.js");
    const asked = [];
    const ask = async (command) => { asked.push(command); return { type: "notice", text: "" }; };
    askPassword({ store: { nick: "ann" }, ask }, command, { wants });
    const labels = [];
    for (const input of document.querySelectorAll("dialog [type=password]")) {
        labels.push(input.labels[0].textContent);
        input.value = input.name === "again" ? "new one" : `${input.name} one`;
    }
    document.querySelector("dialog button.primary").click();
    await new Promise((done) => setTimeout(done));
    return [labels, asked];
}"""
"""Fills in a form of passwords with other ones, each named after its field; tells the fields and what was asked."""


@pytest.mark.parametrize(
    ("command", "wants", "labels", "asked"),
    [
        ("password", None, ["Current password", "New password", "Repeat it"], {"old": "old one", "new": "new one"}),
        ("password", ["new"], ["New password", "Repeat it"], {"new": "new one"}),
        ("password", ["old"], ["Current password"], {"old": "old one"}),
        ("account", ["password"], ["Password"], {"password": "password one", "action": "delete"}),
        ("login", None, ["Password"], {"password": "password one", "nick": "ann"}),
    ],
)
def test_a_form_asks_for_the_passwords_that_are_wanted_and_sends_them(
    people: People, command: str, wants: list[str] | None, labels: list[str], asked: dict[str, str]
):
    page = people.open("ann").page

    assert page.evaluate(ASKING, [command, wants]) == [labels, [{"type": command, **asked}]]


def test_a_form_concerns_the_room_in_which_it_was_opened(people: People):
    ann = people.joins("ann", "vestry")
    ann.enters("belfry")
    ann.rules("Set the topic…")
    ann.page.go_back()
    ann.is_in("#vestry")
    submits(ann.page.get_by_role("dialog"), Topic="bells")
    expect(ann.page.get_by_role("dialog")).to_be_hidden()
    expect(ann.page.locator("#topic")).to_have_text("")
    ann.goes_to("#belfry")
    expect(ann.page.locator("#topic")).to_have_text("bells")


def test_a_nick_that_is_taken_is_asked_for_again(people: People):
    ann, bob = people.joins("ann", "hall2"), people.joins("bob", "hall2")
    settings(bob).get_by_role("button", name="Change nick").click()
    dialog = bob.page.get_by_role("dialog", name="Change nick")
    expect(dialog.get_by_label("Nick")).to_have_value("bob")
    submits(dialog, Nick="Ann")
    expect(dialog.get_by_role("alert")).to_contain_text("The nick Ann is taken.")
    submits(dialog, Nick="rob")
    expect(dialog).to_be_hidden()
    ann.sees(re.compile("bob is now known as rob"))
    bob.is_told("You are now known as rob.")


def test_without_a_connection_nothing_of_a_form_is_kept_for_later(people: People):
    people.connections_break = True
    ann = people.joins("ann", "cellar2")
    ann.rules("Set the topic…")
    ann.page.context.set_offline(True)
    ann.is_offline()
    dialog = ann.page.get_by_role("dialog")
    submits(dialog, Topic="wine")
    expect(dialog.get_by_role("alert")).to_have_text("Not connected. Please try again.")
    ann.page.context.set_offline(False)
    ann.is_connected()
    submits(dialog)
    expect(dialog).to_be_hidden()
    expect(ann.page.locator("#topic")).to_have_text("wine")


SLOW = """
const send = WebSocket.prototype.send;
window.held = [];
WebSocket.prototype.send = function (text) {
    if (window.holding) window.held.push(() => send.call(this, text));
    else send.call(this, text);
};
"""
"""A connection that can be held up, as the server's rate does it."""


def test_who_leaves_sees_that_something_is_still_to_be_sent(people: People):
    ann = people.joins("ann", "gate", script=SLOW, viewport={"width": 360, "height": 640})
    bob = people.joins("bob", "gate")
    ann.page.evaluate("window.holding = true")
    ann.says("one last word")
    settings(ann).get_by_role("button", name="Leave the chat").click()
    expect(ann.connection).to_have_text(re.compile("^Leaving"))
    expect(ann.connection).to_be_in_viewport()
    ann.page.evaluate("held.forEach(one => one())")
    expect(ann.page.get_by_role("button", name="Join", exact=True)).to_be_visible()
    bob.sees("one last word")
    bob.sees("ann left")


def test_who_does_not_want_to_wait_leaves_at_once(people: People):
    ann: Person = people.joins("ann", "gate", script=SLOW)
    ann.page.evaluate("window.holding = true")
    for _ in range(2):
        settings(ann).get_by_role("button", name="Leave the chat").click()
    expect(ann.page.get_by_role("button", name="Join", exact=True)).to_be_visible()


def test_a_second_notification_of_a_room_is_heard_too(server: Server, people: People):
    script = AWAY.replace("window.told.push(", "window.given = options; window.told.push(")
    ann = people.joins("ann", "lounge", script=script)
    settings(ann).get_by_role("checkbox", name="Desktop notifications").check()
    ann.closes()
    ann.page.evaluate("turnsTo(true)")
    with JsonClient(server.port, "שלמה", rooms=["lounge"]) as hebrew:
        hebrew.ask("say", room="lounge", text="ann: " + "🐎" * 300)
        ann.page.wait_for_function("() => told.length")
        given, told = ann.page.evaluate("[given, told[0]]")
    assert given["tag"] == "lounge" and given["renotify"]
    assert given["body"].endswith("🐎") and told.startswith("\u2068שלמה\u2069 in #lounge")


def test_an_ssh_key_is_pasted_in_the_settings(people: People):
    zoe = people.joins("zoe3", "bank")
    zoe.says("/register tulips in the rain")
    zoe.is_told("Logged in as zoe3.")
    settings(zoe).get_by_role("button", name="Add an SSH key").click()
    dialog = zoe.page.get_by_role("dialog", name="Add an SSH key")
    submits(dialog, Public="ssh-ed25519 nonsense")
    expect(dialog.get_by_role("alert")).to_contain_text("That public key is damaged")
    submits(dialog, Public=PUBLIC_KEY)
    expect(dialog).to_be_hidden()
    zoe.is_told("Added: ssh-ed25519 SHA256:")
