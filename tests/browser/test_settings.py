"""Settings: colours, notifications, sound and the account."""

from __future__ import annotations

import re

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .page import Locator, Person, expect
from .people import People

AWAY = """
window.told = [];
window.Notification = class {
    static permission = "default";
    static async requestPermission() { return Notification.permission = "granted"; }
    constructor(title, options = {}) { window.told.push(`${title}: ${options.body ?? ""}`); }
    close() {}
    addEventListener() {}
};
window.looksElsewhere = false;
Object.defineProperty(document, "hidden", {get: () => window.looksElsewhere});
Object.defineProperty(document, "visibilityState", {get: () => window.looksElsewhere ? "hidden" : "visible"});
document.hasFocus = () => !window.looksElsewhere;
window.turnsTo = elsewhere => {
    window.looksElsewhere = elsewhere;
    document.dispatchEvent(new Event("visibilitychange"));
    window.dispatchEvent(new Event(elsewhere ? "blur" : "focus"));
};
"""
"""A desktop, and a person who can look elsewhere: a Chromium without a screen has neither."""


def settings(person: Person) -> Locator:
    """Open the dialog."""
    person.page.get_by_role("button", name="Settings").click()
    return person.page.get_by_role("dialog", name="Settings")


def test_a_theme_is_chosen_and_kept(people: People):
    ann = people.joins("ann", "tea", color_scheme="light")
    colour = "() => getComputedStyle(document.documentElement).backgroundColor"
    light = ann.page.evaluate(colour)
    settings(ann).get_by_label("Theme").select_option("Dark")
    expect(ann.page.locator("html")).not_to_have_css("background-color", light)
    dark = ann.page.evaluate(colour)
    ann.page.keyboard.press("Escape")
    ann.page.reload()
    ann.is_in("#tea")
    assert ann.page.evaluate(colour) == dark
    settings(ann).get_by_label("Theme").select_option("System")
    expect(ann.page.locator("html")).to_have_css("background-color", light)


def test_who_looks_elsewhere_is_notified_of_mentions_if_they_want(server: Server, people: People):
    ann = people.joins("ann", "tea", script=AWAY)
    boxes = settings(ann)
    boxes.get_by_role("checkbox", name="Desktop notifications").check()
    boxes.get_by_role("checkbox", name="Sound").check()
    ann.page.keyboard.press("Escape")
    with JsonClient(server.port, "bob", rooms=["tea"]) as bob:
        bob.ask("say", room="tea", text="ann: you look here")
        ann.sees("you look here")
        ann.page.evaluate("turnsTo(true)")
        bob.ask("say", room="tea", text="nothing for anybody")
        bob.ask("say", room="tea", text="ann: and now?")
        bob.ask("msg", to="ann", text="psst")
        ann.page.wait_for_function("() => told.length >= 2")
        told = ann.page.evaluate("told")
        assert len(told) == 2 and "and now?" in told[0] and "psst" in told[1], told
        expect(ann.page).to_have_title(re.compile(r"\d"))
        ann.page.evaluate("turnsTo(false)")
        ann.sees("and now?")


def test_an_account_is_made_logged_out_of_and_logged_in_to(people: People):
    password = "tulips in the rain"
    zoe = people.joins("zoe", "bank")
    settings(zoe).get_by_role("button", name="Register this nick").click()
    zoe.answers("Register this nick", New=password, Repeat=password)
    zoe.is_told("Logged in as zoe.")
    settings(zoe).get_by_role("button", name="Log out").click()
    zoe.is_told("You are a guest again")
    settings(zoe).get_by_role("button", name="Log in").click()
    zoe.answers("Log in", Password=password)
    expect(zoe.log.locator(".reply", has_text="Logged in as zoe.")).to_have_count(2)
    # Nothing of it is kept where other pages, or whoever sits here next, might find it.
    assert password not in zoe.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    settings(zoe).get_by_role("button", name="Leave the chat").click()
    zoe.fills_in("bank", password="no tulips at all")
    expect(zoe.page.get_by_role("alert")).not_to_be_empty()
    zoe.joins("bank", password)
    zoe.says("/account")
    zoe.is_told("zoe")
