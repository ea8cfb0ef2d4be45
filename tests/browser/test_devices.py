"""One person at several browsers and tabs: what is said, read and left on one shows on the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wire.server import Server

from .page import Browser, Person, expect
from .people import People

PASSWORD = "correct horse"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that is killed here."""
    (tmp_path / "chatroom.toml").write_text("grace = 0\n")
    with Server(tmp_path, "--rate", "0", "--config", "chatroom.toml") as running:
        yield running


@pytest.fixture
def people(chromium: Browser, server: Server) -> Iterator[People]:
    people = People(chromium, f"http://localhost:{server.port}/")
    yield people
    people.close()
    people.check()


def registered(people: People, nick: str, room: str) -> Person:
    """Let *nick* come in and register."""
    person = people.joins(nick, room)
    person.says(f"/register {PASSWORD}")
    person.is_told(f"Logged in as {nick}")
    return person


def comes_again(people: People, nick: str, room: str = "lobby") -> Person:
    """Log *nick* in with one more browser."""
    person = people.open(nick)
    person.fills_in(room, PASSWORD)
    person.is_connected()
    return person


def test_two_browsers_are_one_person(people: People):
    dora, bob = registered(people, "dora", "tea"), people.joins("bob", "tea")
    phone = comes_again(people, "dora", "tea")
    expect(bob.member("dora")).to_have_count(1)
    dora.says("from the laptop")
    phone.sees("from the laptop")
    phone.says("from the phone")
    dora.sees("from the phone")
    assert dora.screen() == bob.screen()
    phone.says("/join cakes")
    expect(dora.room("#cakes")).to_be_visible()
    phone.says("/leave")
    expect(dora.room("#cakes")).to_have_count(0)


def test_reading_on_one_clears_the_badge_of_the_other(people: People):
    dora, bob = registered(people, "dora", "tea"), people.joins("bob", "tea")
    dora.says("/join cakes")
    dora.is_in("#cakes")
    phone = comes_again(people, "dora")
    phone.room("#cakes").click()
    bob.says("is there any left, dora?")
    for one in (dora, phone):
        expect(one.rooms.locator(".badge")).to_have_text("1")
    dora.page.bring_to_front()
    dora.rooms.locator("button.news").click()
    dora.sees("is there any left, dora?")
    expect(phone.rooms.locator(".badge")).to_have_count(0)


def test_a_new_browser_finds_rooms_counts_and_conversations(people: People, server: Server):
    dora, bob = registered(people, "dora", "tea"), people.joins("bob", "tea")
    bob.says("/msg dora psst")
    dora.rooms.get_by_role("button", name="bob").wait_for()
    dora.says("/join cakes")
    dora.is_in("#cakes")
    bob.room("#tea").click()
    dora.says("exit")
    dora.page.get_by_role("button", name="Leave", exact=True).click()
    dora.page.get_by_role("button", name="Join", exact=True).wait_for()
    for number in range(3):
        bob.says(f"line {number}, dora")
    bob.sees("line 2, dora")
    people.connections_break = True
    server.kill()
    server.start()
    bob.is_connected()

    new = comes_again(people, "dora")
    expect(new.rooms.get_by_role("button", name="#tea, 3 unread")).to_be_visible()
    new.rooms.get_by_role("button", name="bob").click()
    new.sees("psst")


def test_a_second_tab_goes_on_as_the_same_guest_or_as_somebody_else(people: People):
    ann, bob = people.joins("ann", "tea"), people.joins("bob", "tea")
    second = people.another_tab("ann", ann.page.context)
    second.page.get_by_role("button", name="Go on as ann").click()
    second.is_in("#tea")
    second.says("from the second tab")
    ann.sees("from the second tab")
    expect(bob.member("ann")).to_have_count(1)
    third = people.another_tab("eve", ann.page.context)
    third.joins("tea")
    expect(bob.member("eve")).to_have_count(1)
    second.says("exit")
    second.page.get_by_role("button", name="Leave", exact=True).click()
    second.page.get_by_text("You are still here by the web").wait_for()
    ann.says("still here")
    bob.sees("still here")


def test_sessions_are_listed_in_the_settings_and_ended_there(people: People):
    dora = registered(people, "dora", "tea")
    phone = comes_again(people, "dora", "tea")
    dora.page.get_by_role("button", name="Settings").click()
    listed = dora.page.get_by_role("dialog").locator(".sessions li")
    expect(listed).to_have_count(2)
    listed.get_by_role("button", name="End").click()
    expect(listed).to_have_count(1)
    phone.page.get_by_text("You ended this session from another one").wait_for()


def test_a_registered_nick_asks_for_its_password_at_once(people: People):
    registered(people, "dora", "tea").page.close()
    stranger = people.open("dora")
    stranger.fills_in("tea")
    stranger.page.get_by_role("button", name="Take another nick").click()
    stranger.page.get_by_role("dialog").get_by_role("textbox").fill("doris")
    stranger.page.keyboard.press("Enter")
    expect(stranger.page.locator("#me")).to_have_text("doris")


def test_while_the_owner_is_here_the_form_asks_for_the_password(people: People):
    registered(people, "dora", "tea")
    second = people.open("dora")
    second.fills_in("tea")
    second.page.get_by_text("That nick is registered.").wait_for()
    second.page.get_by_label("Password").fill(PASSWORD)
    second.page.get_by_role("button", name="Join", exact=True).click()
    second.is_in("#tea")
    expect(second.page.locator("#me")).to_have_text("dora")
