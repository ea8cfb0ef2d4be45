"""Page modules without DOM access: each tested separately, in the browser, under the page's own policy."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

import chatroom.chat.commands  # noqa: F401  (fills the table)
from chatroom.chat.command_table import secrets
from chatroom.chat.syntax import words
from tests.chat.mention_cases import MENTIONED, NOT_MENTIONED


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.org/a.", ["https://example.org/a"]),
        ("(https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("HTTP://EXAMPLE.ORG mailto:ann@example.org!", ["http://example.org/", "mailto:ann@example.org"]),
        ('https://example.org/"onclick=x', ["https://example.org/"]),
        ("javascript:alert(1) data:text/html,x vbscript:x file:///etc ftp://a blob:x //example.org", []),
        ("https:// http://% xhttps://example.org", []),
        # Punctuation of other scripts ends a link, with or without a space
        ("请看https://example.com/a，谢谢", ["https://example.com/a"]),
        ("见https://example.com/a。还有https://example.com/b！", ["https://example.com/a", "https://example.com/b"]),
        (
            "（https://example.com/a）和https://example.com/b（例子）",
            ["https://example.com/a", "https://example.com/b"],
        ),
        ("“https://example.com/a”是《https://example.com/b》", ["https://example.com/a", "https://example.com/b"]),
        ("「https://example.com/a」です、https://example.com/b…", ["https://example.com/a", "https://example.com/b"]),
        ("(https://example.com/a)谢谢 https://example.com/b,谢谢", ["https://example.com/a", "https://example.com/b"]),
        ("https://example.com/a——好 https://example.com/b～", ["https://example.com/a", "https://example.com/b"]),
        (
            "راجع https://example.com/a، شكرا https://example.com/b؟",
            ["https://example.com/a", "https://example.com/b"],
        ),
        ("ראו „https://example.com/a” https://example.com/b״", ["https://example.com/a", "https://example.com/b"]),
        ("देखो https://example.com/a। धन्यवाद", ["https://example.com/a"]),
        ("ดู https://example.com/a ครับ https://example.com/b๏", ["https://example.com/a", "https://example.com/b"]),
        ("មើល https://example.com/a។ សូម", ["https://example.com/a"]),
        ("🎉https://example.com/a\u200b🎉", ["https://example.com/a"]),
        # A sentence that goes on after a host
        ("打开https://example.com谢谢", ["https://example.com/"]),
        (
            "https://example.com에서 봤어, https://example.com/한국어",
            ["https://example.com/", "https://example.com/%ED%95%9C%EA%B5%AD%EC%96%B4"],
        ),
        # Addresses in other scripts are links
        ("http://例え.jp/あ http://www.例え.jp", ["http://xn--r8jz45g.jp/%E3%81%82", "http://www.xn--r8jz45g.jp/"]),
        ("https://bücher.example/ż", ["https://xn--bcher-kva.example/%C5%BC"]),
        ("https://ja.example.org/wiki/ジョン・レノン。", ["https://ja.example.org/wiki/" + quote("ジョン・レノン")]),
        # Brackets belong to a link that opens them
        ("[http://[::1]:80/] {https://example.org/{a}}", ["http://[::1]/", "https://example.org/%7Ba%7D"]),
        ("https://example.org/a_[b]_(c)) x", ["https://example.org/a_[b]_(c)"]),
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


MARKED = """given.map(([query, text]) => {
    const mark = it.searched(query);
    return it.pieces(text, mark).map((piece) => piece.mark ? `<${piece.text}>` : piece.text).join("");
})"""
FOUND = [
    ("C++20", "c++20, C 20: a cpp or C++ class of 2020", "<c++20>, <C 20>: a cpp or C++ class of 2020"),
    ("1.2.3", "v1.2.3, not 11.2.3 or 1.2.30", "v<1.2.3>, not 11.2.3 or 1.2.30"),
    ("v1 in:lobby from:ann", "v1, v 1, v12 in lobby", "<v1>, <v 1>, v12 in lobby"),
    ("tea", "Tea, teapot: TEA", "<Tea>, teapot: <TEA>"),
    ('"green tea" pot', "Green  tea, green, pot", "<Green  tea>, green, <pot>"),
    ("上海", "我家在上海东边，上 海", "我家在<上海>东边，上 海"),
    ("上", "海上", "海<上>"),
    ("서울", "서울에서", "<서울>에서"),
    ("อากาศ", "วันนี้อากาศดี", "วันนี้<อากาศ>ดี"),
    ("jose", "José Jose\u0301 josef", "<José> <Jose\u0301> josef"),
    ("パーティー", "ﾊﾟｰﾃｨｰに", "<ﾊﾟｰﾃｨｰ>に"),
    ("में", "हिन्दी में मे", "हिन्दी <में> मे"),
    ("हिन्", "हिन्दी", "हिन्दी"),
    ("شلام שלום", "שָׁלוֹם", "<שָׁלוֹם>"),
    ("👍", "ok 👍🏽👍", "ok <👍🏽><👍>"),
    ("οδυσσευς", "ΟΔΥΣΣΕΥΣ", "<ΟΔΥΣΣΕΥΣ>"),
    ("strasse", "Straße", "<Straße>"),
    ("a_b", "a-b ab", "<a-b> ab"),
    ("... from:ann", "tea", "tea"),
]


def test_what_was_searched_for_is_marked_and_nothing_else(asked: Any):
    marked = asked("linkify", MARKED, [(query, text) for query, text, _ in FOUND])

    assert marked == [expected for _, _, expected in FOUND]


def test_the_page_knows_the_same_scripts_as_the_server(asked: Any):
    inside = "it[given].replaceAll(/\\\\u\\{?([0-9a-f]+)\\}?/g, (_, code) => String.fromCodePoint(parseInt(code, 16)))"

    for name, blocks in (("SPACELESS", words.SPACELESS), ("HANGUL", words.HANGUL)):
        there = asked("scripts", inside, name)
        assert set(re.findall("(.)-(.)", there)) == set(re.findall("(.)-(.)", blocks))


def test_in_every_script_the_page_finds_the_same_mentions_as_the_server(asked: Any):
    given = [*MENTIONED, *NOT_MENTIONED]
    found = asked("linkify", "given.map(([nick, text]) => it.mentions(nick, text))", given)

    assert [case for case, named in zip(given, found, strict=True) if named] == MENTIONED


def test_a_mention_is_marked_as_it_was_written(asked: Any):
    mark = "it.pieces(given, it.mention('Jose\u0301')).filter((piece) => piece.mark).map((piece) => piece.text)"

    assert asked("linkify", mark, "¡JOSÉ, Jose\u0301 y josefa!") == ["JOSÉ", "Jose\u0301"]


@pytest.mark.parametrize(
    ("nick", "text", "named"),
    [
        ("ann", "Ann, hello", True),
        ("ann", "@ann: hello", True),
        ("ann", "annual hannah ann_ ann2", False),
        ("a.b", "axb", False),
        ("[x]", "is [x] here", True),
        ("Zoë", "ZOË!", True),
        ("李", "你好李", True),
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
        ("it.begin({ rooms: { names: () => [] } }, 'tea', '')", "greeting", "nick_taken", "final"),
        ("it.begin({ rooms: { names: () => [] } }, 'tea', '')", "greeting", "not_now", "final"),
        ("it.begin({ rooms: { names: () => [] } }, 'tea', '')", "replaying", "wrong_password", "none"),
        ("it.begin({ rooms: { names: () => [] } }, 'tea', 'secret')", "replaying", "wrong_password", "login"),
        ("it.begin({ rooms: { names: () => [] } }, 'tea', 'secret')", "replaying", "locked", "none"),
        ("it.begin({ rooms: { names: () => [] } }, 'tea', 'secret')", "live", "wrong_password", "none"),
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


SERVER = """
const { Room } = await import("./rooms.js");
const room = new Room("lobby");
const sizes = Array.from({ length: 1000 }, () => given);
const server = ({ before: asked, count }) => {
    const before = Math.min(asked, 1001);
    let first = Math.max(1, before - count);
    let size = 0;
    for (let seq = before - 1; seq >= first; seq--) {
        size += sizes[seq - 1];
        if (size > 32768 && seq < before - 1) first = seq + 1;
    }
    const events = Array.from({ length: before - first }, (_, at) => ({ seq: first + at }));
    return { type: "history", room: "lobby", events, more: first > 1, first };
};
room.listen(1000);
room.seen = 1000;
const asked = [];
const session = {
    store: { state: "live" },
    ask: async (values) => {
        asked.push(values.before);
        return server(values);
    },
};
const window = new it.LogWindow(session, room, () => {});
const settled = () => new Promise((resolve) => setTimeout(resolve));
const seqs = () => room.timeline.stretches.map(({ first, last, events }) => [first, last, events.length]);
"""
"""A room of a thousand messages of so many characters, and a server that sends as much as fits into a page."""


@pytest.mark.parametrize("size", [10, 500, 4096, 40_000])
def test_long_messages_come_in_several_pages_of_which_none_is_missing(asked: Any, size: int):
    stretches = asked(
        "log-window",
        f"""(async () => {{
            {SERVER}
            await window.read(1001, 200);
            window.following = false;
            for (let turn = 0; turn < 5000 && room.oldest !== 1; turn++) {{
                while (window.extendUp());
                await settled();
            }}
            return seqs();
        }})()""",
        size,
    )

    assert stretches == [[1, 1000, 1000]]


@pytest.mark.parametrize("size", [10, 4096, 40_000])
def test_what_is_around_an_old_long_message_joins_what_is_read_from_there_on(asked: Any, size: int):
    there, stretches = asked(
        "log-window",
        f"""(async () => {{
            {SERVER}
            await window.read(1001, 200);
            await window.read(500 + 80, 160, 500);
            const there = room.timeline.event(500)?.seq;
            window.center(room.timeline.at(500), 500);
            for (let turn = 0; turn < 5000 && seqs().length > 1; turn++) {{
                while (window.extendDown());
                await settled();
            }}
            return [there, seqs()];
        }})()""",
        size,
    )

    [(first, last, count)] = stretches
    assert there == 500 and first <= 500 and last == 1000 and count == 1000 - first + 1


OUTGOING = """
const { Room } = await import("./rooms.js");
const room = new Room("tea");
const sent = [];
const outgoing = new it.Outgoing({ current: room, state: "live" }, {}, {});
outgoing.send = (command, text) => sent.push([command, text]);
let problem = "";
try {
    outgoing.type(given);
} catch (error) {
    problem = error.message;
}
return [sent, problem];
"""
"""What becomes of a text that is typed in a room."""


@pytest.mark.parametrize("text", ["one\ntwo", "x\n" * 39 + "x", "y" * 2000 + "\n" + "y" * 2090])
def test_a_message_may_be_changed_to_as_much_as_one_has(asked: Any, text: str):
    sent, problem = asked("outgoing", f"await (async () => {{ {OUTGOING} }})()", f"/edit 1234 {text}")

    assert problem == ""
    assert sent == [[{"type": "edit", "seq": 1234, "text": text, "room": "tea"}, f"/edit 1234 {text}"]]


@pytest.mark.parametrize("command", ["edit", "answer"])
def test_what_is_too_long_for_a_message_becomes_no_further_ones(asked: Any, command: str):
    text = f"/{command} 7 " + "x\n" * 40 + "x"
    sent, problem = asked("outgoing", f"await (async () => {{ {OUTGOING} }})()", text)

    assert sent == [] and problem == "That is too long for one message."


def test_what_is_read_while_a_room_rests_is_told_afterwards_wherever_one_is_by_then(asked: Any):
    told = asked(
        "read-marks",
        """await (async () => {
            let reading;
            const told = [];
            const store = { state: "live", on: (_, call) => (reading = call), reading: () => false, current: null };
            it.sendReadMarks({ store, ask: ({ room, seq }) => told.push([room, seq]) });
            const room = { id: "tea", seen: 1, read: 0 };
            reading(room);
            room.seen = 2;
            reading(room);
            room.seen = 3;
            const before = [...told];
            await new Promise((resolve) => setTimeout(resolve, 1200));
            return [before, told];
        })()""",
    )

    assert told == [[["tea", 1]], [["tea", 1], ["tea", 2]]], "the third has not been read"


def test_who_was_renamed_while_nothing_could_be_asked_is_asked_about_later(asked: Any):
    asked_about = asked(
        "going",
        """await (async () => {
            const asked = [];
            const rooms = new Map();
            const session = { store: { state: "replaying", rooms }, ask: async ({ nick }) => (asked.push(nick), {}) };
            await it.rename(session, "robert");
            const before = [...asked];
            session.store.state = "live";
            for (const nick of it.renamed) it.rename(session, nick);
            return [before, asked, it.renamed.size];
        })()""",
    )

    assert asked_about == [[], ["robert"], 0]
