"""Markup where anybody can write: each field, through nc and JSON, is shown as the text that it is."""

from __future__ import annotations

import re

import pytest

from tests.wire.clients import JsonClient, TextClient
from tests.wire.server import Server

from .page import Person, expect
from .people import People

MARKUP = (
    "'\"><script>document.title='stung'</script><img src=x onerror=document.title='stung'>"
    "<svg/onload=document.title='stung'><iframe srcdoc=\"<script>parent.document.title='stung'</script>\"></iframe>"
    "<b>&lt;i&gt;&amp;{{7*7}}${7*7}<!--"
)
"""Each part of which would tell, by the title or by an element, that it was taken for more than text."""
MADE = ":is(iframe, script, [onerror], [onload], [srcdoc], #topic *, :is(.text, .notice) :is(b, i, img, svg))"
"""Elements that only somebody who wrote markup can have made."""


def is_unharmed(person: Person) -> None:
    """Check that nothing in the text became an element, and that no script ran."""
    assert "stung" not in person.page.title()
    expect(person.page.locator(f"body {MADE}")).to_have_count(0)


def test_markup_through_nc_is_text_in_every_field(server: Server, people: People):
    ann = people.joins("ann", "pit")
    with TextClient(server.port, "eve") as eve:
        eve.type("/join pit")
        eve.until("-- You are in #pit.")
        ann.says("/op eve")
        eve.until("made eve an operator")
        eve.type(f"said {MARKUP}")
        ann.sees(f"said {MARKUP}")
        eve.type(f"/me does {MARKUP}")
        ann.sees(f"does {MARKUP}")
        eve.type(f"/topic about {MARKUP}")
        expect(ann.page.locator("#topic")).to_have_text(f"about {MARKUP}")
        eve.type(f"/away for {MARKUP}")
        eve.until("-- You are marked as away")
        ann.says("/whois eve")
        ann.is_told(f"for {MARKUP}")
        eve.type(f"/msg ann psst {MARKUP}")
        ann.goes_to("eve")
        ann.sees(f"psst {MARKUP}")
        ann.goes_to("#pit")
        with JsonClient(server.port, "fay", rooms=["pit"]):
            eve.type(f"/mute fay 10m muted {MARKUP}")
            ann.sees(f"muted {MARKUP}")
            eve.type(f"/kick fay kicked {MARKUP}")
            ann.sees(f"kicked {MARKUP}")
            eve.type(f"/ban fay banned {MARKUP}")
            ann.sees(f"banned {MARKUP}")
        eve.type(f"/quit gone {MARKUP}")
        ann.sees(f"gone {MARKUP}")
    is_unharmed(ann)


def test_markup_through_json_is_text_in_every_field(server: Server, people: People):
    ann = people.joins("ann", "den")
    with JsonClient(server.port, "eve", rooms=["den"], ref=MARKUP[:64]) as eve:
        eve.ask("say", room="den", text=f"said {MARKUP}\nand {MARKUP}", ref=MARKUP[:64])
        ann.sees(f"and {MARKUP}")
        eve.ask("me", room="den", text=f"does {MARKUP}")
        ann.sees(f"does {MARKUP}")
        eve.ask("away", text=f"for {MARKUP}")
        eve.until("notice")
        ann.says("/whois eve")
        ann.is_told(f"for {MARKUP}")
        eve.ask("msg", to="ann", text=f"psst {MARKUP}")
        ann.goes_to("eve")
        ann.sees(f"psst {MARKUP}")
        ann.goes_to("#den")
        eve.ask("quit", reason=f"gone {MARKUP}")
        ann.sees(f"gone {MARKUP}")
        # What was found is text, too, and so is what it was looked for with.
        ann.searches("psst")
        expect(ann.results.first).to_contain_text(f"psst {MARKUP}")
        ann.searches(MARKUP)
    is_unharmed(ann)


def test_names_with_brackets_and_quotes_are_names(server: Server, people: People):
    """Special characters of HTML, CSS and URLs that a nick or room may contain."""
    room = "it's-[a].{b}|`c`"
    ann = people.joins("ann")
    with JsonClient(server.port, "o'neill.[x]{y}|`z`^_", rooms=["lobby", room]) as eve:
        expect(ann.member("o'neill.[x]{y}|`z`^_")).to_be_visible()
        eve.ask("msg", to="ann", text="my name is right")
        ann.goes_to("o'neill.[x]{y}|`z`^_")
        ann.sees("my name is right")
        ann.enters(room)
        eve.ask("say", room=room, text="so is the room's")
        ann.sees("so is the room's")
    is_unharmed(ann)


def test_nicks_and_rooms_with_markup_are_refused_at_the_door(people: People):
    ann = people.open("<b>ann</b>")
    ann.fills_in("tea")
    expect(ann.page.get_by_role("alert")).to_be_visible()
    ann.nick = "ann"
    ann.fills_in("<img src=x onerror=alert(1)>")
    expect(ann.page.get_by_role("alert")).to_be_visible()
    is_unharmed(ann)


ADDRESSES = (
    "javascript:document.title='stung'",
    "JaVaScRiPt:document.title='stung'//https://example.org",
    "data:text/html,<script>parent.document.title='stung'</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "//example.org/x",
    "blob:https://example.org/1",
)


@pytest.mark.parametrize("address", ADDRESSES, ids=range(len(ADDRESSES)))
def test_what_is_no_web_address_is_no_link(server: Server, people: People, address: str):
    ann = people.joins("ann", f"links{ADDRESSES.index(address)}")
    ann.says(f"see {address} now")
    links = ann.sees(f"see {address} now").get_by_role("link")
    for href in links.evaluate_all("all => all.map(one => one.getAttribute('href'))"):
        assert re.match("https?://", href)
    is_unharmed(ann)


def test_an_address_with_quotes_and_markup_stays_in_its_link(people: People):
    ann = people.joins("ann", "quotes")
    ann.says("""see https://example.org/"onmouseover="document.title='stung' and https://example.org/<b>x</b>""")
    message = ann.sees("see https")
    for link in message.get_by_role("link").all():
        link.hover()
        assert link.evaluate("one => [...one.attributes].map(each => each.name)").count("onmouseover") == 0
    is_unharmed(ann)


def test_directions_and_invisible_characters_do_not_turn_a_line_around(server: Server, people: People):
    ann = people.joins("ann", "bidi")
    with TextClient(server.port, "eve") as eve:
        eve.type("/join bidi")
        eve.until("-- You are in #bidi.")
        eve.type("safe \u202egnp.exe\u2066 \x1b[31mred\x07")
        assert ann.sees("safe").inner_text().count("\u202e") == 0
        # What is written from right to left stays within its own line.
        eve.type("שלום עולם")
        text = ann.sees("שלום").locator(".text")
        assert text.evaluate("one => one.dir || getComputedStyle(one).unicodeBidi") in ("auto", "plaintext", "isolate")
