"""Rows of the log: what they say, and what shares one."""

from __future__ import annotations

import re
from typing import Any

import pytest

ISOLATE = re.compile("\u2068([^\u2069]*)\u2069")
"""A part of a sentence that is written from right to left."""


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
        *("day", "notice", "message", "message", "message", "unread"),
        *("message", "message", "message", "day", "message"),
    ]
    assert rows[1]["text"] == "bob joined and left · carol joined"
    assert [(row["head"], row["own"], row["named"]) for row in rows if row["kind"] == "message"] == [
        (True, False, False),
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (True, False, True),
        (True, False, False),
        (True, False, False),
    ]


def texts(asked: Any, events: list[dict[str, Any]]) -> list[str]:
    """What the notices among the rows say, without the day."""
    rows = asked("row-model", "it.rowsOf(given, [], [], { nick: 'ann', marker: null, end: Infinity })", events)
    return [row["text"] for row in rows if row["kind"] == "notice"]


def went(seq: int, nick: str, reason: str = "") -> dict[str, Any]:
    return said(seq, nick, 0, "left", reason=reason)


def came(seq: int, nick: str) -> dict[str, Any]:
    return said(seq, nick, 0, "joined")


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ([came(1, "bob"), went(2, "bob"), came(3, "bob"), went(4, "bob", "tea")], "bob joined and left (tea)"),
        ([went(1, "bob"), came(2, "Bob")], "Bob left and came back"),
        ([came(1, "bob"), went(2, "bob"), came(3, "bob")], "bob joined"),
        ([went(1, "bob", "one"), came(2, "bob"), went(3, "bob", "two")], "bob left (two)"),
        (
            [went(1, "bob", "crash"), went(2, "eve", "crash"), went(3, "dan"), went(4, "fay", "crash")],
            "bob, eve and fay left (crash) · dan left",
        ),
        (
            [went(1, "bob", "crash"), went(2, "eve", "crash"), came(3, "bob"), came(4, "gus")],
            "bob left and came back · eve left (crash) · gus joined",
        ),
    ],
)
def test_who_comes_and_goes_is_told_in_one_row(asked: Any, events: list[dict[str, Any]], shown: str):
    assert texts(asked, events) == [shown]


def test_of_a_crowd_some_are_named_and_the_others_are_counted(asked: Any):
    (text,) = texts(asked, [went(seq, f"p{seq}", "the server stopped") for seq in range(1, 300)])

    assert text == ", ".join(f"p{seq}" for seq in range(1, 13)) + " and 287 others left (the server stopped)"


def test_what_happens_in_between_parts_them(asked: Any):
    assert texts(asked, [came(1, "bob"), said(2, "bob", 0), went(3, "bob")]) == ["bob joined", "bob left"]


def test_who_is_kicked_leaves_in_the_same_row(asked: Any):
    kicked = said(1, "ann", 0, "kicked", target="eve", reason="spam")

    assert texts(asked, [kicked, went(2, "eve", "removed by ann"), went(3, "dan")]) == [
        "ann kicked eve (spam)",
        "dan left",
    ]
    assert texts(asked, [kicked, went(2, "dan"), went(3, "eve", "removed by ann")]) == [
        "ann kicked eve (spam)",
        "dan left · eve left (removed by ann)",
    ]


@pytest.mark.parametrize(
    ("event", "isolated"),
    [
        (said(1, "שלמה", 0, "renamed", new="דוד"), ["שלמה", "דוד"]),
        (said(1, "bob", 0, "left", reason="שלום 12"), ["שלום 12"]),
        (said(1, "bob", 0, "topic", topic="مرحبا, bob"), ["مرحبا, bob"]),
        (said(1, "bob", 0, "muted", target="שלמה", until="2026-11-23T12:10:00.000Z"), ["שלמה"]),
        (said(1, "bob", 0, "joined"), []),
    ],
)
def test_what_runs_from_right_to_left_is_isolated_in_its_sentence(asked: Any, event: Any, isolated: list[str]):
    (text,) = texts(asked, [event])

    assert ISOLATE.findall(text) == isolated


def test_a_bot_is_marked_behind_its_nick(asked: Any):
    for nick, bot, shown, name in (
        ("build", True, "build (bot)", "build"),
        ("build (grafana)", True, "build (grafana)", "build"),
        ("bob", None, "bob", "bob"),
    ):
        event = said(1, nick, 0) | ({"bot": True} if bot else {})
        view = "import('./row-view.js')"
        rows = "it.rowsOf([given], [], [], { nick: 'ann', marker: null, end: 9 })"
        found = f"{view}.then(({{ build }}) => build({rows}[1], 'ann').querySelector('.nick'))"
        assert asked("row-model", f"{found}.then((at) => [at.textContent, at.dataset.nick])", event) == [shown, name]
