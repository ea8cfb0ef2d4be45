"""The page in Chromium, Firefox and WebKit: people join, chat, change rooms, search, reload and reconnect in each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.wire.clients import JsonClient
from tests.wire.server import Server

from .engines import ENTER, SHIFT, UP, Driver, Tab
from .firefox import firefox
from .webkit import webkit

CONNECTED = "document.getElementById('connection').textContent === 'Connected'"
OFFLINE = "document.getElementById('connection').textContent.startsWith('Offline')"
READY = "document.activeElement.id === 'message'"
NONE_PENDING = "!document.querySelector('.pending')"
UNREAD = "[...document.querySelectorAll('#rooms button')].map(one => one.getAttribute('aria-label'))"
NOTHING_SIDEWAYS = """document.documentElement.scrollWidth <= innerWidth
    && ![...document.querySelectorAll("*")].some(one =>
        one.scrollWidth > one.clientWidth && ["auto", "scroll"].includes(getComputedStyle(one).overflowX))"""
"""There is no bar to scroll anything sideways."""
WIDTHS = (320, 360, 480, 800, 1280, 1920)

STARTED = {"firefox": firefox, "webkit": webkit}


@contextmanager
def chromium(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Open a tab in the Chromium that all tests share."""
    from .chromium import Chromium

    context = request.getfixturevalue("chromium").new_context()
    try:
        yield Chromium(context.new_page())
    finally:
        context.close()


@pytest.fixture(params=["chromium", "firefox", "webkit"])
def tab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tab]:
    """A tab in each of the browsers; what it shows when a test fails is kept as ``failed.png``."""
    started = chromium(request) if request.param == "chromium" else STARTED[request.param](tmp_path)
    with started as driver:
        failed = request.session.testsfailed
        yield Tab(driver)
        if request.session.testsfailed > failed:
            (tmp_path / "failed.png").write_bytes(driver.screenshot())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, "--rate", "0") as running:
        yield running


def test_people_join_chat_change_rooms_search_reload_and_reconnect(tab: Tab, server: Server):
    goes_through_everything(tab, server)


def goes_through_everything(tab: Tab, server: Server) -> None:
    """Do what people do, while the server is killed and started again."""
    url = f"http://localhost:{server.port}/"
    with JsonClient(server.port, "bob", rooms=["den"]) as bob:
        joins(tab, url)
        chats(tab, bob)
        thinks_again(tab, bob)
        changes_rooms(tab, bob)
        searches(tab)
        fits_in_every_window(tab)
        assert tab.wrong() == []
        reloads(tab, url, bob)
    reconnects(tab, server)
    assert tab.wrong() == [] and "Traceback" not in server.log


def joins(tab: Tab, url: str) -> None:
    """Fill in the form, by keys alone but for one field."""
    tab.opens(url)
    tab.until("document.activeElement.id === 'nick'")
    tab.type("ann")
    tab.fills("#room", "den")
    tab.clicks("#join-form button", "Join")
    tab.until(f"{is_in('den')} && {CONNECTED}")
    tab.until("document.querySelectorAll('#members li').length === 2")
    tab.until(READY)


def chats(tab: Tab, bob: JsonClient) -> None:
    """Say and hear something, in two lines, with a link, and in other scripts."""
    tab.type(f"hello there{ENTER}")
    bob.until("said", room="den", nick="ann", text="hello there")
    tab.type("grüße,")
    tab.press(SHIFT, ENTER)
    tab.type(f"in two lines{ENTER}")
    bob.until("said", room="den", text="grüße,\nin two lines")
    bob.ask("say", room="den", text="see https://example.org/ 上海 שלום 👋")
    tab.until(row("上海 שלום 👋"))
    tab.until("document.querySelector('[role=log] a[href=\"https://example.org/\"]')")
    tab.until(NONE_PENDING)


def thinks_again(tab: Tab, bob: JsonClient) -> None:
    """Edit one's last message by the arrow key, and react by the menu of a message; and see code and emphasis."""
    says(tab, "grin")
    seq = bob.until("said", room="den", text="grin")[-1]["seq"]
    tab.until(f"{row('grin')} && {NONE_PENDING}")
    tab.press(UP)
    tab.until(f"document.getElementById('message').value === '/edit {seq} grin'")
    tab.type(f", mended{ENTER}")
    bob.until("edited", re=seq, text="grin, mended")
    tab.until(row("grin, mended"))
    bob.ask("say", room="den", text="`code` and *emphasis*")
    tab.until("document.querySelector('[role=log] .text code') && document.querySelector('[role=log] .text strong')")
    tab.until("document.querySelector('[role=log]').focus() ?? true")
    tab.press(UP)
    tab.until("document.activeElement.textContent.includes('emphasis')")
    tab.press(ENTER)
    tab.clicks("[role=menuitem]", "React")
    tab.until(READY)
    tab.type(f"tada:{ENTER}")
    bob.until("reacted", room="den", nick="ann", emoji="🎉")
    tab.until("document.querySelector('[role=log] .reactions')?.textContent.includes('🎉')")


def changes_rooms(tab: Tab, bob: JsonClient) -> None:
    """Join another room, hear of news in the first one, and go back: each time, the message box has the focus."""
    tab.clicks("#rooms button", "Join a room")
    tab.until("document.activeElement.matches('dialog[open] [name=room]')")
    tab.type(f"attic{ENTER}")
    tab.until(f"{is_in('attic')} && {READY}")
    bob.ask("say", room="den", text="a needle")
    # A window without a screen may not have the focus, and then what was said before is unread, too.
    tab.until(f"{UNREAD}.some(name => /^#den, [1-9] unread$/.test(name))")
    tab.clicks("#rooms button", "#den")
    tab.until(f"{is_in('den')} && {READY}")
    tab.until(row("a needle"))


def searches(tab: Tab) -> None:
    """Find what was said, and go to its place."""
    tab.clicks("header button", "Search")
    tab.until("document.activeElement.matches('dialog[open] [type=search]')")
    tab.type(f"needle{ENTER}")
    tab.clicks("dialog li button")
    tab.until("document.querySelector('.message.target').textContent.includes('a needle')")
    tab.until("!document.querySelector('dialog')")


def fits_in_every_window(tab: Tab) -> None:
    """Make the window narrow and wide: nothing goes beyond it, and nothing covers the message box."""
    for width in WIDTHS:
        tab.resize(width, 720)
        tab.until(f"innerWidth >= {width} && innerWidth < {width} + 200")
        tab.until(NOTHING_SIDEWAYS)
        tab.clicks("#message")


def reloads(tab: Tab, url: str, bob: JsonClient) -> None:
    """Load the page anew: the same person carries on in the same rooms."""
    tab.opens(url)
    tab.until(f"{is_in('den')} && {CONNECTED}")
    tab.until(row("a needle"))
    says(tab, "still here")
    seen = bob.until("said", room="den", nick="ann", text="still here")
    assert not [event for event in seen if event["type"] in ("joined", "left")]


def reconnects(tab: Tab, server: Server) -> None:
    """Say something while the server is gone: it arrives, once."""
    server.kill()
    tab.until(OFFLINE)
    says(tab, "said offline")
    server.start()
    tab.until(f"{CONNECTED} && {NONE_PENDING}")
    tab.until(row("said offline"))
    with JsonClient(server.port, "carol", rooms=["den"]) as carol:
        texts = [event.get("text") for event in carol.history("den").values()]
    assert texts.count("said offline") == 1


def says(tab: Tab, text: str) -> None:
    """Type *text* into the message box, and Enter."""
    tab.clicks("#message")
    tab.type(text + ENTER)


def row(text: str) -> str:
    """Write a condition: a message in the log has *text* in it."""
    messages = "[...document.querySelectorAll('[role=log] .message')]"
    return f"{messages}.some(one => one.textContent.includes({json.dumps(text)}))"


def is_in(room: str) -> str:
    """Write a condition: this room is on the screen."""
    return f"document.getElementById('room-name').textContent === '#{room}'"
