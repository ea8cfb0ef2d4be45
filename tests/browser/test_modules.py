"""Page modules without DOM access: each tested separately, in the browser, under the page's own policy."""

from __future__ import annotations

from typing import Any

import pytest

import chatroom.chat.commands  # noqa: F401  (fills the table)
from chatroom.chat.command_table import secrets

from .people import People


@pytest.fixture
def asked(people: People) -> Any:
    """Evaluates JavaScript in which `it` is a module of the page and `given` the argument."""
    page = people.open("ann").page

    def ask(module: str, expression: str, given: Any = None) -> Any:
        return page.evaluate(
            f"async given => {{ const it = await import('./{module}.js'); return {expression}; }}", given
        )

    return ask


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.org/a.", ["https://example.org/a"]),
        ("(https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("HTTP://EXAMPLE.ORG mailto:ann@example.org!", ["http://example.org/", "mailto:ann@example.org"]),
        ('https://example.org/"onclick=x', ["https://example.org/"]),
        ("javascript:alert(1) data:text/html,x vbscript:x file:///etc ftp://a blob:x //example.org", []),
        ("https:// http://% xhttps://example.org", []),
    ],
)
def test_links_are_found_and_only_harmless_ones(asked: Any, text: str, links: list[str]):
    found = asked("linkify", "it.pieces(given)", text)

    assert [piece["href"] for piece in found if "href" in piece] == links
    assert "".join(piece["text"] for piece in found) == text


COUNTED = """(() => {
    let work = 0;
    for (const name of ["slice", "split"]) {
        const was = String.prototype[name];
        String.prototype[name] = function (...rest) { work += this.length; return was.apply(this, rest); };
    }
    const was = RegExp.prototype.test;
    RegExp.prototype.test = function (text) { work += text.length; return was.call(this, text); };
    const counts = given.map((text) => { work = 0; it.pieces(text); return work; });
    return counts;
})()"""
"""How many characters are looked at, in all, to take apart each text that is given."""


@pytest.mark.parametrize("ending", [")", ".", "(", "().", "é)", "http://b)"])
def test_a_text_of_twice_the_length_is_twice_the_work(asked: Any, ending: str):
    texts = ["http://a" + ending * (times * 2000 // len(ending)) for times in (1, 2)]

    once, twice = asked("linkify", COUNTED, texts)

    assert twice < 2.5 * once and twice < 40 * len(texts[1])


@pytest.mark.parametrize(
    ("nick", "text", "named"),
    [
        ("ann", "Ann, hello", True),
        ("ann", "@ann: hello", True),
        ("ann", "annual hannah ann_ ann2", False),
        ("a.b", "axb", False),
        ("[x]", "is [x] here", True),
        ("Zoë", "ZOË!", True),
        ("李", "你好李", False),
    ],
)
def test_one_is_mentioned_by_ones_whole_nick_in_any_case(asked: Any, nick: str, text: str, named: bool):
    assert asked("linkify", "it.mentions(...given)", [nick, text]) is named


def test_what_is_pasted_becomes_as_few_messages_as_the_server_takes(asked: Any):
    assert asked("input", "it.blocks(given)", "\n\n  one\r\ntwo  \n\n") == ["  one\ntwo  "]
    assert [block.count("\n") for block in asked("input", "it.blocks(given)", "\n".join(map(str, range(85))))] == [
        39,
        39,
        4,
    ]
    assert len(asked("input", "it.blocks(given)", "\n".join(["é" * 1000] * 5))) == 3


@pytest.mark.parametrize("text", ["x" * 4097, "é" * 2049, "\x01" * 2700])
def test_what_cannot_be_sent_is_refused_at_once(asked: Any, text: str):
    with pytest.raises(Exception, match="RangeError"):
        asked("input", "it.blocks(given)", text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/login ann hunter2", "/login ••••"),
        ("/REGISTER hunter2", "/REGISTER ••••"),
        (" /password old new", "/password ••••"),
        ("/join vault sesame", "/join ••••"),
        ("/lock sesame", "/lock ••••"),
        ("/account delete hunter2", "/account ••••"),
        ("/login", "/login"),
        ("/join tea", "/join tea"),
        ("my /login is bad", "my /login is bad"),
    ],
)
def test_a_secret_that_was_typed_is_not_shown(asked: Any, text: str, shown: str):
    assert asked("input", "(it.learn(given[0]), it.masked(given[1]))", [dict(secrets()), text]) == shown


@pytest.mark.parametrize(
    ("text", "shown"), [("/join tea", "/join ••••"), ("/help", "/help"), ("//join tea", "//join tea")]
)
def test_until_the_server_tells_anything_behind_a_command_may_be_a_secret(asked: Any, text: str, shown: str):
    assert asked("input", "(it.learn(null), it.masked(given))", text) == shown


def test_which_argument_is_a_secret_is_the_servers_to_say(asked: Any):
    texts = ["/open sesame", "/open door sesame", "/login hunter2"]

    assert asked("input", "(it.learn({ '/open': 2 }), given.map(it.confidential))", texts) == [False, True, False]


@pytest.mark.parametrize("blank", ["\n", " ", "\r", "\u2028", "\n\n x "])
def test_whether_a_long_paste_holds_a_secret_is_known_at_once(asked: Any, blank: str):
    """If the time grew with the square of the length, it would be minutes."""
    assert not asked("input", "it.confidential(given)", blank * (500_000 // len(blank)))


KNOWN = {
    "commands": {"/msg NICK TEXT": "say", "/me TEXT": "do", "/color [on|off]": "colour", "/join ROOM [KEY]": "enter"},
    "nicks": ["bob", "Boris", "carol"],
    "rooms": ["tea", "lobby"],
}


@pytest.mark.parametrize(
    ("before", "wanted", "offers"),
    [
        ("/m", False, ["/me ", "/msg "]),
        ("//m", False, []),
        ("/msg b", False, ["Boris ", "bob "]),
        ("/color o", False, ["off ", "on "]),
        ("/join t", False, ["tea "]),
        ("/join tea s", True, []),
        ("look in #l", False, ["#lobby "]),
        ("@car", False, ["carol: "]),
        ("hi @car", False, ["carol "]),
        ("car", False, []),
        ("car", True, ["carol: "]),
        ("hi car", True, ["carol "]),
    ],
)
def test_what_fits_the_word_before_the_cursor_is_offered(asked: Any, before: str, wanted: bool, offers: list[str]):
    found = asked("completion", "it.complete(...given)", [before, KNOWN, wanted])

    assert [offer["text"] for offer in found["offers"]] == offers


def test_how_a_command_is_used_is_told_while_it_is_typed(asked: Any):
    found = asked("completion", "it.complete(...given)", ["/msg bob hello there", KNOWN, False])

    assert found["usage"] == ["/msg NICK TEXT", "say"] and found["offers"] == []


def test_pages_of_history_and_what_happens_grow_together_without_hole_or_double(asked: Any):
    made = asked(
        "timeline",
        """(() => {
            const time = new it.Timeline();
            const page = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => ({ seq: first + at }));
            const seqs = events => events.map(one => one.seq).join();
            const seen = () => time.stretches.map(one => [one.first, one.last, seqs(one.events)]);
            const states = [];
            time.listen(10);
            time.append({ seq: 11, ref: "mine" });
            time.append({ seq: 14 });
            time.cover(3, 5, page(3, 5));
            states.push(seen());
            time.cover(5, 12, page(5, 12));
            states.push(seen());
            time.listen(20);
            states.push([time.stretches.length, time.at(4).first, time.at(17) ?? null, time.newest.first]);
            return [states, time.at(11).events.filter(one => one.ref).length];
        })()""",
    )

    assert made == [
        [
            [[3, 5, "3,4,5"], [11, 14, "11,14"]],
            [[3, 14, "3,4,5,6,7,8,9,10,11,14"]],
            [2, 3, None, 21],
        ],
        1,
    ]


def said(seq: int, nick: str, minute: int, kind: str = "said", **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "seq": seq,
        "nick": nick,
        "at": f"2026-11-23T12:{minute:02}:00.000Z",
        "text": f"line {seq}",
    } | more


def test_rows_are_by_day_and_sender_with_who_came_and_went_in_one_line(asked: Any):
    events = [
        said(1, "bob", 0, "joined"),
        said(2, "carol", 0, "joined"),
        said(3, "bob", 0, "left", reason=""),
        said(4, "carol", 1),
        said(5, "carol", 2),
        said(6, "carol", 9),
        said(7, "ann", 9, text="carol?"),
        said(8, "carol", 10, text="yes, Ann"),
        said(9, "carol", 11, "acted"),
        said(10, "x", 11, "of a newer server"),
        said(11, "carol", 0) | {"at": "2026-11-24T12:00:00.000Z"},
    ]
    rows = asked("row-model", "it.rowsOf(given, [], [], { nick: 'ann', marker: 6, end: Infinity })", events)

    assert [row["kind"] for row in rows] == [
        *("day", "notice", "notice", "message", "message", "message", "unread"),
        *("message", "message", "message", "day", "message"),
    ]
    assert rows[1]["text"] == "bob joined · carol joined" and rows[2]["text"] == "bob left"
    assert [(row["head"], row["own"], row["named"]) for row in rows if row["kind"] == "message"] == [
        (True, False, False),
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (True, False, True),
        (True, False, False),
        (True, False, False),
    ]


def test_what_is_asked_is_kept_in_order_and_secrets_are_not(asked: Any):
    kept = asked(
        "outbox",
        """(() => {
            const box = new it.Outbox();
            const mark = { room: "lobby", keys: 0 };
            box.put({ type: "line", text: "one" }, "one", mark);
            box.put({ type: "line", text: "/login x secret" }, "/login ••••", mark);
            box.put({ type: "login", password: "secret" }, "/login", mark);
            const two = box.put({ type: "line", text: "two" }, "two", mark);
            const other = new it.Outbox();
            other.restore(box.kept());
            other.answered(two.ref);
            return [box.kept().map(line => line.text), [...other.values()].map(line => line.text), box.size];
        })()""",
    )

    assert kept == [["one", "two"], ["one"], 4]


@pytest.mark.parametrize(
    ("begun", "state", "code", "verdict"),
    [
        ("it.begin(['tea'], '')", "greeting", "nick_taken", "final"),
        ("it.begin(['tea'], '')", "greeting", "not_now", "final"),
        ("it.begin(['tea'], '')", "replaying", "wrong_password", "none"),
        ("it.begin(['tea'], 'secret')", "replaying", "wrong_password", "login"),
        ("it.begin(['tea'], 'secret')", "replaying", "locked", "none"),
        ("it.begin(['tea'], 'secret')", "live", "wrong_password", "none"),
        ("it.resume('token', false)", "greeting", "not_now", "retry"),
        ("it.resume('token', false)", "greeting", "banned", "final"),
        ("it.resume('token', false)", "greeting", "cannot_resume", "anew"),
        ("it.resume('token', true)", "greeting", "cannot_resume", "over"),
    ],
)
def test_what_follows_when_one_is_not_let_in(asked: Any, begun: str, state: str, code: str, verdict: str):
    script = f"""(module => {{
        const it = new module.Handshake();
        {begun};
        return it.judge(given.code, given.state);
    }})(it)"""

    assert asked("handshake", script, {"code": code, "state": state}) == verdict


def test_after_a_session_is_lost_the_same_rooms_are_asked_for_and_the_account_is_remembered(asked: Any):
    hello, lapsed = asked(
        "handshake",
        """(() => {
            const handshake = new it.Handshake();
            const rooms = { names: () => ["tea", "lobby"], seen: () => ({ tea: 7 }) };
            const store = { nick: "ann", account: "ann", rooms };
            handshake.resume("token", false);
            const before = handshake.hello(store);
            handshake.beginAnew(store);
            return [[before, handshake.hello(store)], [handshake.completed(), handshake.completed()]];
        })()""",
    )

    assert hello == [
        {"type": "hello", "nick": "ann", "resume": "token", "seen": {"tea": 7}},
        {"type": "hello", "nick": "ann", "rooms": ["tea", "lobby"]},
    ]
    assert lapsed == ["ann", ""]


def test_the_window_over_a_long_log_moves_by_steps_and_stays_small(asked: Any):
    sizes, ends, fetched = asked(
        "log-window",
        """(async () => {
            const { Room } = await import("./rooms.js");
            const room = new Room("lobby");
            const events = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => ({ seq: first + at }));
            room.listen(0);
            for (const event of events(1, 1000)) room.timeline.append(event);
            room.seen = 1000;
            room.oldest = 1;
            const fetched = [];
            const session = { store: { state: "live" }, ask: async (values) => { fetched.push(values); return {}; } };
            const window = new it.LogWindow(session, room, () => {});
            const edges = () => {
                const { events, from, to } = window.slice();
                return [events[from].seq, events[to - 1].seq];
            };
            const seen = [edges()];
            window.following = false;
            while (window.extendUp()) seen.push(edges());
            while (window.extendDown()) seen.push(edges());
            const sizes = seen.map(([first, last]) => last - first + 1);
            room.oldest = null;
            window.center(room.timeline.newest, 500);
            const middle = edges();
            while (window.extendUp());
            return [sizes, [seen[0], middle, edges()], fetched.map((values) => values.before)];
        })()""",
    )

    assert sizes[0] == 80 and max(sizes) == 240 and sizes[-1] == 240
    assert ends == [[921, 1000], [420, 580], [1, 240]]
    assert fetched == [1], "what is further up is asked for once"
