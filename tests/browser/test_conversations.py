"""A private conversation is with a person, whatever they are called, and whoever else takes their nick."""

from __future__ import annotations

import re

from tests.wire.clients import JsonClient, TextClient
from tests.wire.server import Server

from .page import expect
from .people import People


def test_a_stranger_who_takes_the_nick_does_not_get_what_is_written_to_who_had_it(server: Server, people: People):
    ann = people.joins("ann", "cove")
    with TextClient(server.port, "bobby") as bobby:
        bobby.type("/msg ann psst")
        ann.goes_to("bobby")
        bobby.type("exit")
        bobby.until("Goodbye")
    with TextClient(server.port, "bobby") as stranger:
        ann.says("our secret")
        ann.is_refused("")
        expect(ann.box).to_have_value("our secret")
        # Nor is the conversation theirs on the screen, if they change the nick.
        stranger.type("/nick robby")
        stranger.until("You are now known as robby.")
        ann.is_in("bobby")
        stranger.type("/msg ann hello")
        ann.goes_to("robby")
        ann.sees("hello")
        ann.sees_no("psst")
        ann.says("that is all")
        assert not any("our secret" in line for line in stranger.lines_until("[ann -> you] that is all"))


def test_conversations_are_gone_from_the_page_after_a_logout(server: Server, people: People):
    olga = people.joins("olga", "fjord")
    olga.says("/register tulips-in-the-rain")
    olga.is_told("Logged in as olga.")
    with TextClient(server.port, "bobby") as bobby:
        bobby.type("/msg olga psst")
        olga.goes_to("bobby")
        olga.sees("psst")
        olga.says("/logout")
        olga.is_in("#fjord")
        olga.sees_no("psst")
        expect(olga.room("bobby")).to_have_count(0)


def test_a_conversation_that_was_only_begun_is_with_who_had_the_nick_then(server: Server, people: People):
    ann = people.joins("ann", "bay")
    with JsonClient(server.port, "bobby", rooms=["bay"]) as bobby:
        ann.chooses("bobby", "Private message")
        ann.is_in("bobby")
        bobby.ask("quit")
        bobby.until("goodbye")
    with TextClient(server.port, "bobby") as stranger:
        ann.says("our secret")
        ann.is_refused("")
        expect(ann.box).to_have_value("our secret")
        # Who wants to write to the one who is called so now begins anew.
        stranger.type("/join bay")
        ann.goes_to("#bay")
        ann.chooses("bobby", "Private message")
        ann.is_in("bobby")
        ann.says("hello, stranger")
        assert not any("our secret" in line for line in stranger.lines_until("[ann -> you] hello, stranger"))


def test_a_conversation_goes_on_under_another_nick(server: Server, people: People):
    ann = people.joins("ann", "gulf")
    with TextClient(server.port, "bobby") as bobby:
        bobby.type("/join gulf")
        bobby.type("/msg ann psst")
        ann.goes_to("bobby")
        bobby.type("/nick robert")
        ann.is_in("robert")
        ann.says("still you?")
        bobby.until("[ann -> you] still you?")


def test_two_conversations_with_people_of_one_nick_are_two(server: Server, people: People):
    ann = people.joins("ann", "fjord")
    for text in ("from the first", "from the second"):
        with TextClient(server.port, "bobby") as bobby:
            bobby.type(f"/msg ann {text}")
            bobby.until("-> ann")
            bobby.type("exit")
            bobby.until("Goodbye")
    expect(ann.rooms.get_by_role("button", name="bobby")).to_have_count(2)


def test_notes_to_oneself_are_a_conversation_that_is_never_unread(people: People):
    ann = people.joins("ann", "desk")
    ann.chooses("ann", "Note to yourself")
    ann.is_in("ann (you)")
    ann.says("milk")
    ann.sees("milk")
    ann.goes_to("#desk")
    ann.says("/msg ann bread")
    ann.is_in("ann (you)")
    ann.sees("bread")
    ann.goes_to("#desk")
    expect(ann.room("ann (you)")).to_have_text("@ann (you)")
    ann.says("/nick anna")
    expect(ann.room("anna (you)")).to_be_visible()


def test_whoever_reads_further_up_stays_there_when_the_other_one_is_renamed(server: Server, people: People):
    ann = people.joins("ann", "pier", viewport={"width": 900, "height": 400})
    with JsonClient(server.port, "bobby", rooms=["pier"]) as bobby:
        bobby.ask("msg", to="ann", text="\n".join(f"line {number}" for number in range(39)))
        bobby.ask("msg", to="ann", text="\n".join(f"more {number}" for number in range(39)))
        ann.goes_to("bobby")
        ann.sees("more 38")
        ann.log.evaluate("box => { box.scrollTop = 0; }")
        bobby.ask("nick", nick="robby")
        ann.is_in("robby")
        assert ann.log.evaluate("box => box.scrollTop") < 50


def test_the_address_of_notes_leads_back_to_them(people: People):
    ann = people.joins("ann", "quay")
    ann.says("/msg ann milk")
    ann.goes_to("ann (you)")
    expect(ann.page).to_have_url(re.compile(r"#@ann$"))
