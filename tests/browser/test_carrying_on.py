"""Recovery: the server, the network, the tab, the browser's storage or the clock fails during the chat."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wire.clients import JsonClient, TextClient
from tests.wire.server import Server

from .page import expect
from .people import People

DENIED = """
for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"])
    Object.defineProperty(window, name, {get() { throw new DOMException("Access is denied.", "SecurityError"); }});
"""
"""What a browser does whose owner lets pages keep nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, "--rate", "0") as running:
        yield running


@pytest.fixture
def people(people: People) -> People:
    people.connections_break = True
    return people


def test_a_restart_in_the_middle_of_typing_takes_nothing_away(server: Server, people: People):
    ann, bob = people.joins("ann"), people.joins("bob")
    ann.says("before")
    bob.sees("before")
    ann.box.press_sequentially("I am just ty")
    server.kill()
    ann.is_offline()
    expect(ann.box).to_have_value("I am just ty")
    ann.box.press_sequentially("ping this")
    ann.box.press("Enter")
    waiting = ann.sees("I am just typing this")
    expect(waiting).to_have_class(re.compile(r"\bpending\b"))
    expect(waiting).to_contain_text("sending…")
    ann.box.press_sequentially("and a dra")
    server.start()
    for person in (ann, bob):
        person.is_connected()
        person.sees("I am just typing this")
        person.sees("before")
    expect(ann.sees("I am just typing this")).not_to_have_class(re.compile(r"\bpending\b"))
    expect(ann.box).to_have_value("and a dra")
    expect(ann.box).to_be_focused()


def test_a_server_that_stops_in_order_is_waited_for(server: Server, people: People):
    ann = people.joins("ann")
    ann.says("before")
    ann.sees("before")
    assert server.stop() == 0
    ann.is_offline()
    server.start()
    ann.is_connected()
    ann.says("after")
    ann.sees("after")
    ann.sees("before")


def test_who_is_offline_writes_on_and_misses_nothing(server: Server, people: People):
    ann = people.joins("ann")
    with JsonClient(server.port, "bob") as bob:
        ann.page.context.set_offline(True)
        ann.is_offline()
        ann.says("from the tunnel")
        ann.says("it is dark")
        expect(ann.sees("it is dark")).to_have_class(re.compile(r"\bpending\b"))
        for number in range(30):
            bob.ask("say", text=f"you missed {number}.")
        bob.until("said", text="you missed 29.")
        ann.page.context.set_offline(False)
        ann.is_connected()
        bob.until("said", nick="ann", text="from the tunnel")
        bob.until("said", nick="ann", text="it is dark")
        for number in range(30):
            ann.sees(f"you missed {number}.")
        ann.waits_for_none()
        ann.sees("it is dark")
        texts = [text for _, text in ann.screen()]
        assert [text for text in texts if "missed" in text] == [f"you missed {number}." for number in range(30)]


def test_what_waits_to_be_sent_survives_that_the_tab_is_loaded_anew(server: Server, people: People):
    ann, bob = people.joins("ann"), people.joins("bob")
    server.kill()
    ann.is_offline()
    ann.says("do not lose me")
    expect(ann.sees("do not lose me")).to_have_class(re.compile(r"\bpending\b"))
    server.start()
    ann.page.reload()
    ann.is_in("#lobby")
    ann.waits_for_none()
    ann.sees("do not lose me")
    bob.sees("do not lose me")


def test_a_tab_that_is_loaded_anew_goes_on_where_it_was(server: Server, people: People):
    ann, bob = people.joins("ann"), people.joins("bob")
    ann.enters("attic")
    ann.says("up here")
    ann.sees("up here")
    ann.box.press_sequentially("a dra")
    ann.page.reload()
    ann.is_in("#attic")
    ann.is_connected()
    ann.sees("up here")
    expect(ann.box).to_have_value("a dra")
    expect(ann.room("#lobby")).to_be_visible()
    # Nobody saw anything of it.
    bob.says("still there?")
    ann.goes_to("#lobby")
    ann.sees("still there?")
    bob.sees_no(re.compile(r"\bleft\b"))
    bob.sees("ann and bob joined")


def test_a_closed_tab_is_somebody_who_may_come_back(server: Server, people: People):
    ann, bob = people.joins("ann"), people.joins("bob")
    context = ann.page.context
    ann.page.close()
    bob.says("while you were away")
    bob.sees("while you were away")
    again = people.another_tab("ann", context)
    again.is_in("#lobby")
    again.sees("while you were away")
    bob.sees_no(re.compile(r"\bleft\b"))


def test_who_leaves_the_chat_is_gone_at_once_and_is_asked_who_they_are(server: Server, people: People):
    ann, bob = people.joins("ann"), people.joins("bob")
    ann.page.get_by_role("button", name="Settings").click()
    ann.page.get_by_role("button", name="Leave the chat").click()
    bob.sees(re.compile("ann (joined and )?left"))
    expect(ann.page.get_by_role("button", name="Join", exact=True)).to_be_visible()
    ann.page.reload()
    expect(ann.page.get_by_role("button", name="Join", exact=True)).to_be_visible()


def test_two_tabs_of_one_window_do_not_fight(server: Server, people: People):
    ann = people.joins("ann")
    second = people.another_tab("zoe", ann.page.context)
    second.joins("lobby")
    ann.says("from the first")
    second.sees("from the first")
    second.says("from the second")
    ann.sees("from the second")
    expect(ann.member("zoe")).to_be_visible()
    ann.page.reload()
    ann.is_in("#lobby")
    second.page.reload()
    second.is_in("#lobby")
    ann.says("still ann")
    second.says("still zoe")
    expect(second.sees("still ann")).to_contain_text("ann")
    expect(ann.sees("still zoe")).to_contain_text("zoe")


def test_a_browser_that_keeps_nothing_chats_all_the_same(server: Server, people: People):
    ann = people.joins("ann", script=DENIED)
    with TextClient(server.port, "bob") as bob:
        ann.says("hello")
        bob.until("<ann> hello")
        ann.box.press_sequentially("a draft")
        server.kill()
        ann.is_offline()
        server.start()
        ann.is_connected()
        expect(ann.box).to_have_value("a draft")
        ann.box.press("Enter")
        ann.sees("a draft")
        ann.sees("hello")


def test_a_page_older_than_the_server_says_so_and_goes_on(server: Server, people: People):
    ann = people.joins("ann")
    banner = ann.page.locator("[role=status]", has_text="The server was upgraded.")
    expect(banner).to_be_hidden()
    server.kill()
    server.start(version="99.0")
    ann.is_connected()
    expect(banner).to_be_visible()
    ann.says("with the old page")
    ann.sees("with the old page")
    banner.get_by_role("button", name="Reload").click()
    ann.is_in("#lobby")
    ann.is_connected()
    ann.sees("with the old page")
    expect(banner).to_be_hidden()


def test_the_same_server_started_anew_is_no_upgrade(server: Server, people: People):
    ann = people.joins("ann")
    server.kill()
    server.start()
    ann.is_connected()
    ann.says("hello")
    ann.sees("hello")
    expect(ann.page.get_by_text("The server was upgraded.")).to_be_hidden()


@pytest.mark.parametrize("years", [-20, 20])
def test_a_clock_that_is_wrong_changes_nothing(server: Server, people: People, years: int):
    ann = people.open("ann")
    now = datetime.datetime.now(datetime.UTC)
    ann.page.clock.set_system_time(now + datetime.timedelta(days=365.25 * years))
    ann.page.reload()
    ann.joins()
    with JsonClient(server.port, "bob") as bob:
        bob.ask("say", text="what time is it?", ref="1")
        at = bob.until_ref("1")[-1]["at"]
        ann.says("no idea")
        # The time that it was said, as the server tells.
        expect(ann.sees("what time is it?").locator("time")).to_have_attribute("datetime", at)
        server.kill()
        ann.is_offline()
        ann.says("still here")
        server.start()
        ann.is_connected()
        ann.waits_for_none()
        assert [text for _, text in ann.screen() if text in ("what time is it?", "no idea", "still here")] == [
            "what time is it?",
            "no idea",
            "still here",
        ]


def test_a_server_that_is_replaced_is_connected_again_at_once_but_not_again_and_again(people: People):
    """Close code 1012 saves the wait once; a connection of no use has to wait as any other."""
    waits = people.open("ann").page.evaluate(
        """async () => {
            const { Link } = await import("./link.js");
            const sockets = [], waits = [];
            const Real = window.WebSocket;
            window.WebSocket = class { constructor() { sockets.push(this); } close() {} };
            const link = new Link({ lost() {}, waiting: (seconds) => waits.push(seconds) });
            link.hopeful = true;
            link.open();
            sockets[0].onclose({ code: 1012 });
            while (sockets.length < 2) await new Promise((done) => setTimeout(done));
            sockets[1].onclose({ code: 1012 });
            link.hopeful = false;
            link.close();
            window.WebSocket = Real;
            return waits;
        }"""
    )
    assert waits[0] == 0 and waits[1] >= 1 and len(waits) == 2
