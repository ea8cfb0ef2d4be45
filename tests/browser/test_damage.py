"""One bad piece of data stops nothing else: in storage, from the server, in the queue; nor does a missing API."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.wire.server import Server

from .latency import LATE, kept, sent
from .page import Person, expect
from .people import People

DAMAGED = [
    "",
    "{",
    "null",
    "5",
    '"text"',
    "[]",
    "[null]",
    '{"token":5}',
    '{"token":"x","nick":null}',
    "{}x",
    "\ud800",
    "x" * 100_000,
]
"""What storage may have instead of what the page left there."""
FULL = """
Storage.prototype.setItem = () => { throw new DOMException("It is full.", "QuotaExceededError"); };
"""
REFUSING = """
for (const name of ["getItem", "setItem", "removeItem"])
    Storage.prototype[name] = () => { throw new DOMException("No.", "SecurityError"); };
"""
MISSING = """
delete URL.canParse;
delete HTMLFormElement.prototype.requestSubmit;
delete window.BroadcastChannel;
delete window.structuredClone;
delete window.Notification;
delete window.AudioContext;
delete window.navigation;
delete Intl.Segmenter;
for (const name of ["toSorted", "toReversed", "toSpliced", "with", "findLast", "findLastIndex"])
    delete Array.prototype[name];
for (const name of ["isWellFormed", "toWellFormed"]) delete String.prototype[name];
for (const name of ["groupBy"]) { delete Object[name]; delete Map[name]; }
for (const name of ["union", "intersection", "difference"]) delete Set.prototype[name];
delete Promise.withResolvers;
delete Promise.try;
delete Array.fromAsync;
"""
"""What the oldest browsers that are supported don't have, or browsers older than that."""


def works(person: Person, text: str) -> None:
    """See that *person* can chat."""
    person.is_connected()
    person.says(text)
    person.sees(text)


@pytest.mark.parametrize("damaged", DAMAGED, ids=range(len(DAMAGED)))
def test_whatever_is_in_storage_the_page_comes_up(people: People, damaged: str):
    ann = people.open("ann")
    ann.page.evaluate(
        """damaged => {
            for (const area of [localStorage, sessionStorage])
                for (const name of ["session", "settings", "secrets", "nick", "draft.x.lobby"])
                    area.setItem(`chatroom.${name}`, damaged);
        }""",
        damaged,
    )
    ann.page.reload()
    works(ann.joins("ward"), f"still here {DAMAGED.index(damaged)}.")


@pytest.mark.parametrize("script", [FULL, REFUSING], ids=["full", "refusing"])
def test_storage_that_refuses_stops_nothing(people: People, script: str):
    ann = people.joins("ann", "ward", script=script)
    works(ann, f"without storage {len(script)}")
    ann.types("a draft")
    ann.enters("cellar")
    ann.goes_to("#ward")
    expect(ann.box).to_have_value("a draft")


def test_parts_of_a_saved_session_that_are_damaged_are_left_out(people: People):
    ann = people.joins("ann", "ward")
    ann.says("before")
    ann.sees("before")
    ann.page.evaluate(
        """() => {
            addEventListener("visibilitychange", () => {
                const saved = JSON.parse(sessionStorage["chatroom.session"]);
                const damage = one => ({ ...one, title: "x", settings: [], marker: "x" });
                saved.rooms = [null, 5, { id: 7 }, ...saved.rooms.map(damage)];
                saved.outbox = [null, { values: null }, { ref: 5, values: { type: "line" } }];
                sessionStorage["chatroom.session"] = JSON.stringify(saved);
            });
        }"""
    )
    ann.page.reload()
    ann.is_in("#ward")
    works(ann, "after")


@pytest.fixture
def asked(people: People) -> Any:
    """What evaluates JavaScript in which `it` is one module of the page, and `given` what is given."""
    page = people.open("ann").page
    return lambda module, expression, given=None: page.evaluate(
        f"async given => {{ const it = await import('./{module}.js'); return {expression}; }}", given
    )


SAID = {"type": "said", "room": "tea", "seq": 1, "at": "2026-11-23T12:00:00.000Z", "nick": "bob", "text": "hello"}


@pytest.mark.parametrize(
    ("line", "readable"),
    [
        (json.dumps(SAID), ["said"]),
        (json.dumps(SAID | {"type": "of a newer server"}), ["of a newer server"]),
        ('{"type":"pong"}\n{"type":"notice","text":"x"}', ["pong", "notice"]),
        ('{"type":"pong"}\n{{{\n{"type":"pong"}', ["pong", "pong"]),
        (json.dumps(SAID | {"text": 5}), []),
        (json.dumps(SAID | {"at": "never"}), []),
        (json.dumps(SAID | {"seq": "1"}), []),
        (json.dumps(SAID | {"nick": None}), []),
        ('{"type":"room","room":"tea"}', []),
        ('{"type":"history","room":"tea","events":[5],"more":false,"first":1,"ref":"a"}', ["refused"]),
        ("null", []),
        ("[]", []),
        ("5", []),
        ('{"type":{}}', []),
        ('{"__proto__":5,"type":"pong"}', ["pong"]),
    ],
)
def test_what_the_server_sends_is_read_or_passed_over(asked: Any, line: str, readable: list[str]):
    assert asked("untrusted", "it.objectsIn(given).map(one => one.type)", line) == readable


def test_what_is_no_text_from_the_server_is_passed_over(asked: Any):
    assert asked("untrusted", "[new Blob(), new ArrayBuffer(2), null, undefined].flatMap(it.objectsIn)") == []


@pytest.mark.parametrize(
    ("broken", "shown"),
    [
        ({"kind": "message"}, "This message cannot be shown."),
        ({"kind": "message", "seq": 2, "own": True, "event": {"nick": "bob", "type": "said", "text": "two"}}, "two"),
    ],
    ids=["cannot be built", "cannot be marked as a hit"],
)
def test_every_row_is_shown_by_itself(people: People, broken: dict[str, Any], shown: str):
    ann = people.open("ann")
    rows = ann.page.evaluate(
        """async (broken) => {
            const { RowList } = await import("./row-list.js");
            const box = document.createElement("div");
            const failures = [];
            addEventListener("error", (event) => { failures.push(event.message); event.preventDefault(); });
            const event = { at: "2026-11-23T12:00:00Z" };
            const notice = (key, text) => ({ kind: "notice", key, signature: "", text, event });
            const rows = [notice("1", "one"), { key: "2", signature: "", ...broken }, notice("3", "three")];
            const places = () => { throw new TypeError("No."); };
            new RowList(box).update(rows, "ann", { seq: 2, mark: { places } });
            await new Promise((done) => setTimeout(done));
            const text = (row) => (row.querySelector(".text") ?? row.firstChild).textContent;
            return [[...box.children].map(text), failures];
        }""",
        broken,
    )
    assert rows[0] == ["one", shown, "three"] and len(rows[1]) == 1


def test_an_older_browser_shows_links_and_everything_else(people: People, server: Server):
    ann = people.joins("ann", "museum", script=MISSING)
    works(ann, "see https://example.org/a and https://[")
    expect(ann.sees("see https").get_by_role("link")).to_have_text(["https://example.org/a"])
    dialog = ann.asks_for_rooms()
    dialog.get_by_role("button", name="#museum").click()
    ann.is_in("#museum")
    ann.enters("annexe")
    ann.page.get_by_role("button", name="Settings").click()
    ann.page.get_by_role("checkbox", name="Sound").check()
    ann.closes()
    ann.searches("example")
    expect(ann.results).to_have_count(1)


# The queue.


@pytest.mark.parametrize("letter", ["\u0001", "\u0000", "\u001f"])
def test_a_message_that_is_too_long_once_encoded_is_refused_here(people: People, letter: str):
    ann = people.joins("ann", "quay", script=LATE)
    for text, reason in ((letter * 2720, "no visible characters"), (f"{letter * 2720}.", "too long")):
        ann.types(text)
        ann.box.press("Enter")
        ann.is_refused(reason)
        expect(ann.box).to_have_value(text)
    assert not sent(ann)
    works(ann, f"on we go {ord(letter)}.")


def test_a_paste_whose_lines_are_long_once_encoded_is_sent_in_parts(asked: Any):
    text = "\n".join(["\u0001" * 500 + "."] * 8)

    blocks = asked("input", "it.blocks(given).map(block => [block.length, JSON.stringify(block).length])", text)

    assert sum(length for length, _ in blocks) + len(blocks) - 1 == len(text)
    assert max(size for _, size in blocks) < 16_384 - 500


def test_a_line_in_the_queue_that_ends_every_connection_is_let_go_with_a_word(people: People):
    people.connections_break = True
    ann = people.joins("ann", "quay")
    ann.page.evaluate(
        """() => addEventListener("visibilitychange", () => {
            const saved = JSON.parse(sessionStorage["chatroom.session"]);
            const line = (ref, text) => ({ ref, values: { type: "line", text, room: "quay" }, room: "quay", text });
            saved.outbox = [line("a", "before it"), line("b", "x".repeat(20000)), line("c", "behind it")];
            sessionStorage["chatroom.session"] = JSON.stringify(saved);
        })"""
    )
    ann.page.reload()
    ann.is_refused("The server could not take this, so it was not sent:")
    ann.sees("before it")
    ann.sees("behind it")
    ann.is_connected()
    assert "xxxx" not in kept(ann)


ENDING = """async ([times, answers]) => {
    const delays = [];
    const Real = { WebSocket: window.WebSocket, setTimeout: window.setTimeout };
    window.setTimeout = (act, delay) => { delays.push(delay); return 1; };
    Math.random = () => 0.5;
    let socket;
    window.WebSocket = class {
        static OPEN = 1;
        readyState = 1;
        sent = [];
        constructor() { socket = this; }
        send(data) { this.sent.push(JSON.parse(data)); }
        close() {}
    };
    const { Session } = await import("./session.js");
    const { Store } = await import("./store.js");
    const session = new Session(new Store());
    session.join("ann", "tea", "");
    for (let time = 0; time < times; time++) {
        socket.onopen();
        const tell = (object) => socket.onmessage({ data: JSON.stringify(object) });
        tell({ type: "welcome", nick: "ann", resume: "x", server: "x", commands: {} });
        tell({ type: "room", room: "tea", seq: 0, people: [], topic: "", role: "guest", settings: {} });
        tell({ type: "live" });
        const asked = socket.sent.find((one) => one.type === "who");
        if (answers) tell({ type: "who", room: "tea", people: [], page: 1, more: 0, ref: asked.ref });
        socket.onclose({ code: 1009 });
        session.connect();
    }
    Object.assign(window, Real);
    // The other times are those after which the session is saved.
    return delays.filter((delay) => delay >= 500);
}"""
"""A server that ends every connection right after it was made; it may have answered something before."""


@pytest.mark.parametrize(
    ("answers", "delays"), [(False, [500, 1000, 2000, 4000, 8000, 16_000, 30_000]), (True, [500] * 7)]
)
def test_a_connection_is_tried_less_often_until_something_is_answered(
    people: People, answers: bool, delays: list[int]
):
    assert people.open("ann").page.evaluate(ENDING, [7, answers]) == delays


def test_hello_fits_however_many_conversations_there_are(asked: Any):
    sizes = asked(
        "handshake",
        """(() => {
            const handshake = new it.Handshake();
            handshake.resume("t".repeat(500), false);
            const seen = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`@${"x".repeat(100)}${n}`, n]));
            const hello = handshake.hello({ nick: "ann", rooms: { seen: () => seen } });
            return [JSON.stringify(hello).length, Object.keys(hello.seen).length];
        })()""",
    )
    assert sizes[0] < 16_384 and sizes[1] > 50


# Two tabs.


def test_two_tabs_keep_their_own_drafts(people: People):
    ann = people.joins("ann", "bureau")
    zoe = people.another_tab("zoe", ann.page.context)
    zoe.joins("bureau")
    expect(zoe.box).to_have_value("")
    ann.types("from ann")
    zoe.types("from zoe")
    for person, draft in ((ann, "from ann"), (zoe, "from zoe")):
        person.page.reload()
        person.is_in("#bureau")
        expect(person.box).to_have_value(draft)


def test_drafts_of_one_person_in_two_rooms_survive_together(people: People):
    ann = people.joins("ann", "bureau")
    ann.types("at the desk")
    ann.enters("shelf")
    ann.types("on the shelf")
    ann.page.reload()
    ann.is_in("#shelf")
    expect(ann.box).to_have_value("on the shelf")
    ann.goes_to("#bureau")
    expect(ann.box).to_have_value("at the desk")
    ann.says("/nick anna")
    ann.is_told("You are now known as anna.")


def test_who_comes_next_to_a_browser_finds_no_drafts(people: People):
    ann = people.joins("ann", "bureau")
    ann.types("for nobody's eyes")
    assert "eyes" in kept(ann)
    ann.page.get_by_role("button", name="Settings").click()
    ann.page.get_by_role("button", name="Leave the chat").click()
    expect(ann.page.get_by_role("button", name="Join", exact=True)).to_be_visible()
    assert "eyes" not in kept(ann)
    ann.joins("bureau")
    expect(ann.box).to_have_value("")


# Search.


@pytest.mark.parametrize("words", ['"half a phrase', 'crumbs "', 'from:ann "crumbs', "crumbs page:1"])
def test_a_search_whose_quotation_mark_is_missing_finds_something(people: People, words: str):
    ann = people.joins("ann", "pantry")
    ann.says("crumbs of half a phrase")
    ann.log.get_by_text("crumbs of half a phrase").first.wait_for()
    expect(ann.searches(words).first).to_contain_text(re.compile("crumbs"))
