"""Webhooks: whatever posts to Slack posts here."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat.limits import Limits
from chatroom.chat.refusals import BadInput
from chatroom.doors.web.api.hooks import read_hook
from tests.doors.web.asking import answers
from tests.doors.web.scripts import FORM, Script, owner, token
from tests.house import House, failures

JSON = "application/json"
LIMITS = Limits()


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    return owner(house)


@pytest.fixture
def hook(house, ann):
    return _Hook(house, token(ann, "alerts", "ops"))


class _Hook:
    """Somebody who has the address of a webhook."""

    def __init__(self, house, secret):
        self.script, self.secret = Script(house, None), secret

    def posts(self, body, kind=JSON):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.script.asks("POST", f"/hooks/{self.secret}", data, content_type=kind)


def text_of(values, kind=JSON):
    body = values if isinstance(values, bytes) else json.dumps(values).encode()
    return read_hook(kind, body, LIMITS).text


def test_the_answer_is_what_senders_expect(house, hook):
    answered = hook.posts({"text": "disk full"})

    assert (answered.status, answered.body, answered.headers["content-type"]) == (200, b"ok", "text/plain")
    assert house.words("ops") == ["disk full"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"text":"hi"}', "application/json; charset=utf-8"),
        (b'{"text":"hi"}', ""),
        (b' {"text":"hi"}', "text/plain"),
        (urlencode({"payload": '{"text":"hi"}'}).encode(), FORM),
        (urlencode({"text": "hi"}).encode(), FORM),
        (b"hi", "text/plain"),
        (b"hi", FORM),
    ],
)
def test_senders_write_it_in_many_ways(body, kind):
    assert text_of(body, kind.partition(";")[0]) == "hi"


def test_a_label_cannot_pass_for_a_person(house, ann, hook):
    ann.types("/join ops")
    ann.forget()
    for name in ("Grafana", "ann", "x) <ann> hi (", "\u202eann", "", "  ", "<ann>\nbob", "n" * 100):
        hook.posts({"text": "hi", "username": name})

    nicks = [event.nick for _, event in house.stored("ops") if event.type == "said"]
    assert nicks == [
        *("alerts (Grafana)", "alerts (ann)", "alerts (x ann hi)", "alerts (ann)", "alerts", "alerts"),
        *("alerts (ann bob)", f"alerts ({'n' * 32})"),
    ]
    assert ann.heard_of("<alerts (Grafana)> hi") and ann.heard_of("<alerts (bot)> hi")


@pytest.mark.parametrize("name", ["\u200b", "\u2800 \u200b", "\u3164"])
def test_a_label_of_which_nothing_can_be_seen_is_none(house, ann, hook, name):
    ann.types("/join ops")
    hook.posts({"text": "hi", "username": name})

    assert ann.heard_of("<alerts (bot)> hi")


def test_who_ignores_a_bot_ignores_it_under_every_label(house, ann, hook):
    ann.types("/join ops", "/ignore alerts")
    ann.forget()
    hook.posts({"text": "hi", "username": "Grafana"})

    assert not ann.heard_of("hi")


def test_a_bot_is_found_under_every_label(house, ann, hook):
    hook.posts({"text": "disk full", "username": "Grafana"})
    ann.types("/join ops", "/search disk from:alerts")

    assert ann.heard_of("alerts (Grafana)> disk full")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"text": "a", "attachments": [{"text": "b"}, {"fallback": "c"}]}, "a\nb\nc"),
        (
            {"attachments": [{"pretext": "p", "title": "t", "title_link": "http://x", "text": "b", "fallback": "f"}]},
            "p\nt (http://x)\nb",
        ),
        (
            {"attachments": [{"fields": [{"title": "host", "value": "db1"}, {"title": "n", "value": 3}]}]},
            "host: db1\nn: 3",
        ),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "b"}}]}, "b"),
        ({"text": "a", "blocks": [{"type": "section", "text": {"text": "b"}}]}, "a"),
        ({"attachments": [{"blocks": [{"type": "context", "elements": [{"text": "c"}]}]}]}, "c"),
        (
            {"text": "<https://x.example/y|the page> and <https://z.example>"},
            "the page (https://x.example/y) and https://z.example",
        ),
        ({"text": "<!here> <@U1|ann> <!subteam^S1|ops> <#C1|lobby>"}, "@here @ann @ops @lobby"),
        ({"text": "a &lt;b&gt; &amp; c"}, "a <b> & c"),
        ({"text": "1 < 2 > 1"}, "1 < 2 > 1"),
        ({"text": "a\r\nb\x1b[31m"}, "a\nb"),
    ],
)
def test_what_was_made_for_slack_becomes_lines(values, text):
    assert text_of(values) == text


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"text": ""},
        {"text": "\u200b"},
        {"text": 1.5e400},
        {"attachments": "x"},
        {"attachments": [1, None]},
        {"text": ["a"]},
    ],
)
def test_what_says_nothing_is_refused(values):
    body = json.dumps(values).replace("Infinity", "null").encode()
    with pytest.raises(BadInput):
        read_hook(JSON, body, LIMITS)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 50_000])
@pytest.mark.parametrize("kind", [JSON, FORM])
def test_nonsense_is_refused_in_one_line(hook, body, kind):
    answered = hook.posts(body, kind)

    if answered.status != 200:
        assert answered.status == 400 and answered.text.count("\n") == 1
    assert answered.status == 400 or kind == FORM


@settings(max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["text", "title", "attachments", "blocks", "fields", "value", "username", "channel", "elements"]
                ),
                inner,
            )
        ),
    )
)
def test_any_object_is_read_or_refused(values):
    try:
        hook = read_hook(JSON, json.dumps(values).encode(), LIMITS)
    except BadInput:
        return
    assert hook.text and len(hook.text.encode()) <= LIMITS.line and hook.text.count("\n") < LIMITS.paste


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "é" * 10_000, "line\n" * 500, "\n".join("x" * 300 for _ in range(100))]
)
def test_what_is_too_long_is_cut(house, hook, text):
    assert hook.posts({"text": text}).status == 200
    [said] = house.words("ops")
    assert said.endswith("…") and len(said.encode()) <= LIMITS.line and said.count("\n") < LIMITS.paste


def test_what_comes_too_fast_is_delayed_and_never_refused(house, hook):
    wires = [
        hook.script.sends("POST", f"/hooks/{hook.secret}", b'{"text":"%d"}' % n, content_type=JSON) for n in range(200)
    ]
    house.advance(60)

    assert [answers(wire)[0].status for wire in wires] == [200] * 200
    assert house.words("ops") == [str(n) for n in range(200)]


def test_slow_mode_delays_too(house, hook):
    boss = house.join("boss")
    boss.types("/join ops", "/slow 30")
    wires = [
        hook.script.sends("POST", f"/hooks/{hook.secret}", b'{"text":"%d"}' % n, content_type=JSON) for n in range(3)
    ]
    assert [bool(wire.received) for wire in wires] == [True, False, False]
    house.advance(65)

    assert [answers(wire)[0].status for wire in wires] == [200] * 3


@pytest.mark.parametrize(("channel", "room"), [("#dev", "dev"), ("dev", "dev"), (None, "lobby"), ("", "lobby")])
def test_a_token_for_all_rooms_posts_where_the_sender_says(house, ann, channel, room):
    assert _Hook(house, token(ann, "alerts")).posts({"text": "hi", "channel": channel}).status == 200
    assert house.words(room) == ["hi"]


def test_a_token_for_one_room_posts_there_whatever_the_sender_says(house, hook):
    hook.posts({"text": "hi", "channel": "#dev"})

    assert house.words("ops") == ["hi"]


def test_a_wrong_address_is_refused_in_text(house, hook):
    hook.secret = "x" * 32
    answered = hook.posts({"text": "hi"})

    assert (answered.status, answered.text) == (401, "This token is wrong, or has been revoked.\n")


def test_a_token_for_reading_is_no_webhook(house, ann):
    answered = _Hook(house, token(ann, "watch", "ops", "read")).posts({"text": "hi"})

    assert answered.status == 403 and not house.words("ops")


def test_what_comes_behind_a_request_does_not_time_it_out(house, hook):
    """It is answered once slow mode allows that, however long it takes."""
    boss = house.join("boss")
    boss.types("/join ops", "/slow 60")
    hook.posts({"text": "one"})
    wire = hook.script.sends("POST", f"/hooks/{hook.secret}", b'{"text":"two"}', content_type=JSON)
    wire.carry(b"\r\n")
    house.advance(70)

    assert [one.status for one in answers(wire)] == [200] and house.words("ops") == ["one", "two"]
