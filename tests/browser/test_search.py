"""Search on the page: the results, and their context in the log."""

from __future__ import annotations

import re

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .page import expect
from .people import People


def test_what_was_found_is_shown_in_its_place(server: Server, people: People):
    with JsonClient(server.port, "bob", rooms=["library"]) as bob:
        for number in range(1, 1001):
            bob.ask("say", room="library", text=f"a needle {number}" if number in (100, 900) else f"hay {number}")
        bob.until("said", text="hay 1000")
        ann = people.joins("ann", "library")
        ann.sees("hay 1000")
        found = ann.searches("needle")
        expect(found).to_have_count(2)
        expect(found.first).to_contain_text("a needle 900")
        found.last.get_by_role("button").click()
        target = ann.log.locator(".message.target")
        expect(target).to_contain_text("a needle 100")
        expect(target).to_be_in_viewport()
        ann.sees(re.compile(r"hay 99\b"))
        ann.sees(re.compile(r"hay 101\b"))
        # From there one reads on in both directions, and finds the end again.
        bob.ask("say", room="library", text="news")
        ann.page.get_by_role("button", name="Jump to newest").click()
        expect(ann.sees("news")).to_be_in_viewport()


def test_a_search_across_rooms_leads_to_the_other_room(server: Server, people: People):
    ann = people.joins("ann", "kitchen")
    ann.says("where is the whisk?")
    ann.sees("whisk")
    ann.enters("cellar")
    found = ann.searches("whisk")
    expect(found).to_have_count(1)
    found.get_by_role("button").click()
    ann.is_in("#kitchen")
    expect(ann.log.locator(".message.target")).to_contain_text("where is the whisk?")


def test_nothing_found_is_said_so(people: People):
    ann = people.joins("ann", "kitchen")
    ann.searches("unicorn")
    expect(ann.page.get_by_label("Search").get_by_text(re.compile("nothing|no ", re.IGNORECASE)).first).to_be_visible()
