"""Markup where anybody can write: each field, through nc and JSON, is shown as the text that it is."""

from __future__ import annotations

import re

import pytest

from tests.wire.clients import JsonClient, TextClient
from tests.wire.server import Server

from .page import Person, expect
from .people import People

SCRIPTS = (
    "<script>document.title='stung'</script>",
    "<img src=x onerror=document.title='stung'>",
    "<svg/onload=document.title='stung'>",
    '"><iframe srcdoc="<script>parent.document.title=\'stung\'</script>">',
    "<b>bold</b>&lt;i&gt;&amp;<!--",
    "{{constructor.constructor('document.title=\"stung\"')()}}${document.title='stung'}",
)
"""Each of which would tell by the title that it was taken for more than text."""


MADE = ":is(iframe, script, [onerror], [onload], [srcdoc], #topic *, :is(.text, .notice) :is(b, i, img, svg))"
"""Elements that only somebody who wrote markup can have made."""


def is_unharmed(person: Person) -> None:
    """See that nothing of what was written is an element, and that no script of it ran."""
    assert "stung" not in person.page.title()
    expect(person.page.locator(f"body {MADE}")).to_have_count(0)


@pytest.mark.parametrize("script", SCRIPTS, ids=range(len(SCRIPTS)))
def test_markup_through_nc_is_text_in_every_field(server: Server, people: People, script: str):
    room = f"nc{SCRIPTS.index(script)}"
    ann = people.joins("ann", room)
    with TextClient(server.port, "eve") as eve:
        eve.type(f"/join {room}")
        eve.until(f"-- You are in #{room}.")
        ann.says("/op eve")
        eve.until("made eve an operator")
        eve.type(f"said {script}")
        ann.sees(f"said {script}")
        eve.type(f"/me does {script}")
        ann.sees(f"does {script}")
        eve.type(f"/topic about {script}")
        expect(ann.page.locator("#topic")).to_have_text(f"about {script}")
        eve.type(f"/away for {script}")
        eve.until("-- You are away")
        ann.says("/whois eve")
        ann.is_told(f"for {script}")
        eve.type(f"/msg ann psst {script}")
        ann.goes_to("eve")
        ann.sees(f"psst {script}")
        ann.goes_to(f"#{room}")
        with JsonClient(server.port, "fay", rooms=[room]):
            eve.type(f"/mute fay 10m muted {script}")
            ann.sees(f"muted {script}")
            eve.type(f"/kick fay kicked {script}")
            ann.sees(f"kicked {script}")
            eve.type(f"/ban fay banned {script}")
            ann.sees(f"banned {script}")
        eve.type(f"/quit gone {script}")
        ann.sees(f"gone {script}")
    is_unharmed(ann)


@pytest.mark.parametrize("script", SCRIPTS, ids=range(len(SCRIPTS)))
def test_markup_through_json_is_text_in_every_field(server: Server, people: People, script: str):
    room = f"json{SCRIPTS.index(script)}"
    ann = people.joins("ann", room)
    with JsonClient(server.port, "eve", rooms=[room], ref=script[:64]) as eve:
        eve.ask("say", room=room, text=f"said {script}\nand {script}", ref=script[:64])
        ann.sees(f"and {script}")
        eve.ask("me", room=room, text=f"does {script}")
        ann.sees(f"does {script}")
        eve.ask("away", text=f"for {script}")
        eve.until("notice")
        ann.says("/whois eve")
        ann.is_told(f"for {script}")
        eve.ask("msg", to="ann", text=f"psst {script}")
        ann.goes_to("eve")
        ann.sees(f"psst {script}")
        ann.goes_to(f"#{room}")
        eve.ask("quit", reason=f"gone {script}")
        ann.sees(f"gone {script}")
        # What was found is text, too, and so is what it was looked for with.
        ann.searches("psst")
        expect(ann.results.first).to_contain_text(f"psst {script}")
        ann.searches(script)
    is_unharmed(ann)


def test_names_with_brackets_and_quotes_are_names(server: Server, people: People):
    """What a nick or a room may have of the characters that mean something in HTML, CSS and addresses."""
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
