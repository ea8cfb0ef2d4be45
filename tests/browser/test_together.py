"""One room for everybody: two browsers, nc and the terminal client, and what each of them sees of the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wire.clients import JsonClient, Netcat
from tests.wire.processes import program
from tests.wire.server import Server
from tests.wire.terminals import Terminals

from .page import expect
from .people import People


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    with Terminals(tmp_path) as terminals:
        yield terminals


def test_two_browsers_nc_and_the_terminal_client_chat_in_one_room(
    people: People, server: Server, terminals: Terminals
):
    ann = people.joins("ann", "tea")
    bob = people.joins("bob", "tea")
    with Netcat(server.port, "carol") as carol:
        carol.ask("/join tea", "-- You are in #tea.")
        client = (program("chatroom"), f"localhost:{server.port}", "--nick", "dan", "--room", "tea")
        dan = terminals.open("dan", *client)
        dan.until("You are in #tea[.] 4 people")

        ann.says("hello from a browser")
        bob.sees("hello from a browser")
        carol.until("<ann> hello from a browser")
        dan.until("<ann> hello from a browser$")
        carol.type("hello from nc")
        dan.until("<carol> hello from nc$")
        dan.type("grüße from the terminal")
        bob.says("two\nlines")
        carol.until("<bob> two")
        carol.until("| lines")
        dan.until("<bob> two\n.*[|│] lines")
        for person in (ann, bob):
            person.sees("hello from nc")
            person.sees("grüße from the terminal")
            person.sees("two\nlines")
            for nick in ("ann", "bob", "carol", "dan"):
                expect(person.member(nick)).to_have_count(1)
        # All four said it in one order, and everybody was shown that one.
        assert ann.screen() == bob.screen()
        carol.type("exit")
        ann.sees("carol left")
        expect(ann.member("carol")).to_have_count(0)
        dan.press("C-d")
        ann.sees("dan left")


def test_a_page_of_a_list_of_people_is_not_everyone(people: People):
    ann = people.joins("ann", "tea")
    bob = people.joins("bob", "tea")

    ann.says("/who tea 2")
    ann.is_told("In #tea (0): nobody.")
    bob.says("both still here")
    ann.sees("both still here")

    for nick in ("ann", "bob"):
        expect(ann.member(nick)).to_have_count(1)


def test_a_browser_and_nc_talk_in_private(people: People, server: Server):
    ann = people.joins("ann", "nook")
    with Netcat(server.port, "bob") as bob:
        bob.type("/msg ann psst")
        expect(ann.room("bob, 1 unread")).to_be_visible()
        ann.sees_no("psst")
        ann.goes_to("bob")
        ann.sees("psst")
        expect(ann.room("bob")).to_have_attribute("aria-current", "true")
        ann.says("yes?")
        bob.until("[ann -> you] yes?")
        ann.sees("yes?")
        # From the room, by command, too.
        ann.goes_to("#nook")
        ann.says("/msg bob again")
        bob.until("[ann -> you] again")
        ann.goes_to("bob")
        ann.sees("again")


def test_the_menu_of_a_member_begins_a_private_conversation(people: People):
    ann, bob = people.joins("ann", "porch"), people.joins("bob", "porch")
    ann.chooses("bob", "Private message")
    ann.is_in("bob")
    ann.says("between us")
    bob.goes_to("ann")
    bob.sees("between us")


def test_topic_roles_and_absence_are_seen_by_all(people: People, server: Server):
    ann, bob = people.joins("ann", "garden"), people.joins("bob", "garden")
    expect(bob.member("ann")).to_contain_text("operator")
    expect(bob.member("bob")).not_to_contain_text("operator")
    ann.says("/topic Tulips & <b>roses</b>")
    for person in (ann, bob):
        expect(person.page.locator("#topic")).to_have_text("Tulips & <b>roses</b>")
    ann.says("/op bob")
    expect(ann.member("bob")).to_contain_text("operator")
    expect(bob.member("bob")).to_contain_text("operator")
    bob.says("/away watering")
    bob.is_told("You are marked as away")
    # Nobody is told of that; who looks at the room anew asks.
    ann.enters("shed")
    ann.goes_to("#garden")
    expect(ann.member("bob")).to_contain_text("away")
    bob.says("/away")
    bob.is_told("You are back")
    ann.goes_to("#shed")
    ann.goes_to("#garden")
    expect(ann.member("bob")).not_to_contain_text("away")
    bob.says("/nick rob")
    expect(ann.member("rob")).to_be_visible()
    expect(ann.member("bob")).to_have_count(0)


def test_what_is_said_elsewhere_is_counted_until_one_looks(people: People, server: Server):
    ann = people.joins("ann", "kitchen")
    ann.enters("attic")
    with JsonClient(server.port, "bob", rooms=["kitchen", "attic"]) as bob:
        for number in range(3):
            bob.ask("say", room="kitchen", text=f"cup {number}")
        expect(ann.room("#kitchen, 3 unread")).to_be_visible()
        expect(ann.page).to_have_title("• #attic – chatroom")
        bob.ask("say", room="attic", text="dust")
        ann.sees("dust")
        expect(ann.room("#attic")).to_have_attribute("aria-current", "true")
        ann.goes_to("#kitchen")
        expect(ann.room("#kitchen")).to_have_attribute("aria-current", "true")
        # The marker stands above the first of what was not read.
        marker = ann.log.locator(".unread")
        expect(marker).to_contain_text("New messages")
        order = ann.log.locator(".unread, .message").all_inner_texts()
        place = next(n for n, text in enumerate(order) if "New messages" in text)
        assert "cup 0" in order[place + 1] and not any("cup" in text for text in order[:place])


def test_somebody_who_says_ones_nick_is_noticed_in_the_title(people: People, server: Server):
    ann = people.joins("ann", "hall")
    ann.enters("loft")
    title = ann.page.title()
    with JsonClient(server.port, "bob", rooms=["hall", "loft"]) as bob:
        bob.ask("say", room="hall", text="where is Ann?")
        bob.ask("say", room="loft", text="annual accounts")
        bob.ask("say", room="loft", text="ann: here!")
        expect(ann.sees("ann: here!")).to_have_class(re.compile(r"\bmention\b"))
        expect(ann.sees("annual accounts")).not_to_have_class(re.compile(r"\bmention\b"))
        expect(ann.page).not_to_have_title(title)
        expect(ann.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("new"))
        ann.goes_to("#hall")
        expect(ann.sees("where is Ann?")).to_have_class(re.compile(r"\bmention\b"))
        expect(ann.page.locator("link[rel=icon]")).not_to_have_attribute("href", re.compile("new"))


def test_a_link_can_be_followed_and_tells_nobody_where_one_was(people: People, server: Server):
    ann = people.joins("ann", "study")
    ann.says("see https://example.org/a?b=c, or (http://localhost/x).")
    links = ann.sees("see https").get_by_role("link")
    expect(links).to_have_text(["https://example.org/a?b=c", "http://localhost/x"])
    for link in links.all():
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", re.compile("noopener.*noreferrer|noreferrer.*noopener|noreferrer"))


def test_a_command_is_completed_and_so_is_a_nick(people: People):
    ann, bob = people.joins("ann", "office"), people.joins("barbara", "office")
    expect(ann.member("barbara")).to_be_visible()
    commands = ann.page.get_by_role("listbox", name="Commands")
    ann.box.press_sequentially("/top")
    expect(commands.get_by_role("option")).to_have_count(1)
    expect(commands.get_by_role("option")).to_contain_text("/topic")
    ann.box.press("Tab")
    expect(ann.box).to_have_value("/topic ")
    ann.types("")
    ann.box.press_sequentially("bar")
    ann.box.press("Tab")
    expect(ann.box).to_have_value(re.compile("^barbara[:,]? $"))
    ann.box.press_sequentially("tea?")
    ann.box.press("Enter")
    expect(bob.sees("tea?")).to_have_class(re.compile(r"\bmention\b"))


def test_help_and_replies_are_shown_to_the_asker_only(people: People):
    ann, bob = people.joins("ann", "school"), people.joins("bob", "school")
    ann.says("/help topic")
    ann.is_told("/topic [TEXT]")
    ann.says("/help")
    ann.is_told(re.compile(r"^Messages:.*/me TEXT.*/help all lists \d+ more, for other roles\.$"))
    ann.says("/frobnicate")
    ann.is_refused("There is no command /frobnicate.")
    ann.says("/who")
    ann.is_told(re.compile("ann.*bob"))
    ann.says("that was it")
    bob.sees("that was it")
    expect(bob.log.locator(".reply, .refusal")).to_have_count(0)


def test_who_asks_for_a_nick_that_is_taken_is_told_and_may_choose_another(people: People):
    people.joins("ann", "door")
    second = people.open("Ann")
    second.fills_in("door")
    expect(second.page.get_by_role("alert")).to_contain_text("The nick Ann is taken.")
    second.nick = "anna"
    second.joins("door")
    second.says("hello")
    second.sees("hello")


def test_a_draft_stays_in_the_room_it_was_written_in(people: People):
    ann = people.joins("ann", "desk")
    ann.types("not yet")
    ann.enters("drawer")
    expect(ann.box).to_have_value("")
    ann.types("nor this")
    ann.goes_to("#desk")
    expect(ann.box).to_have_value("not yet")
    ann.says("said in the end")
    ann.goes_to("#drawer")
    expect(ann.box).to_have_value("nor this")
    ann.goes_to("#desk")
    expect(ann.box).to_have_value("")
    ann.sees("said in the end")
