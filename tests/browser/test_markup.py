"""What `code`, *bold*, _italic_, quotes and fences are, and that all that was typed stays there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wire.server import Server

from .page import expect
from .people import People

STYLED = """it.blocks(given).map(({ style, spans }) => [style, spans.map((span) =>
    ({ "": "", sign: "^", strong: "B", em: "I", code: "C" })[span.style] + given.slice(span.start, span.end)
).filter((part) => part && part !== "^")])"""


def plain(*parts: str) -> list[Any]:
    return [["", list(parts)]]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("a *b* c", plain("a ", "^*", "Bb", "^*", " c")),
        ("_it is_, `x = *y*`!", plain("^_", "Iit is", "^_", ", ", "^`", "Cx = *y*", "^`", "!")),
        ("*שלום* _مرحبا_", plain("^*", "Bשלום", "^*", " ", "^_", "Iمرحبا", "^_")),
        ("> why?\n> _so_\nno", [["quote", ["^> ", "why?\n", "^> ", "^_", "Iso", "^_", "\n"]], ["", ["no"]]]),
        (
            "see\n```py\n*x*\n> y\n```\nok",
            [["", ["see\n"]], ["fence", ["^```py\n", "*x*\n> y", "^\n```\n"]], ["", ["ok"]]],
        ),
        ("```\n```", [["fence", ["^```\n", "^```"]]]),
        ("*a *b*", plain("*a ", "^*", "Bb", "^*")),
        ("*see https://a.example/b_c_d*", plain("^*", "Bsee https://a.example/b_c_d", "^*")),
    ],
)
def test_marks_around_words_are_found(asked: Any, text: str, blocks: list[Any]):
    assert asked("markup", STYLED, text) == blocks


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2*3*4",
            "snake_case_names",
            "a * b * c",
            "*a",
            "b*",
            "**",
            "****",
            "**bold**",
            "``",
            "``x``",
            "`a",
            "_ a _",
        ),
        *("*a\nb*", "```\nno end", "```", ">_<", ">:(", "https://a.example/*x*/_y_/`z`", "*é*é", "x*𝐚*"),
    ],
)
def test_everything_else_stays_as_it_was_typed(asked: Any, text: str):
    styles = "it.blocks(given).flatMap(({ style, spans }) => [style, ...spans.map((span) => span.style)]).join('')"

    assert asked("markup", styles, text) == ""


MARKS = ["*", "_", "`", "*a ", "*a* ", "_`*", "> ", "```\n", "```a\n", "> *\n", "`a` ", "*`a`"]
SLOWER = """given.map((marks) => {
    const took = [1, 4].map((times) => {
        const text = marks.repeat(times * 16384 / marks.length);
        const runs = Array.from({ length: 3 }, () => {
            const start = performance.now();
            const parts = it.blocks(text).flatMap(({ spans }) => spans);
            if (parts.map(({ start, end }) => text.slice(start, end)).join("") !== text) throw Error(marks);
            return performance.now() - start;
        });
        return Math.min(...runs);
    });
    return took[1] / Math.max(took[0], 5);
})"""


def test_64_kib_of_marks_take_time_as_they_grow_and_lose_nothing(asked: Any):
    """Four times the length is far from sixteen times the time; what takes less than 5 ms is not compared."""
    assert max(asked("markup", SLOWER, MARKS)) < 9


def test_marks_are_shown_and_what_is_copied_is_what_was_typed(server: Server, people: People):
    ann = people.joins("ann", "print")
    text = "*bold* and `co<b>de` _it_\n> *quoted*\n```\n  <i>fenced</i> *no*\n```"
    ann.says(text)
    row = ann.sees("fenced")
    ann.waits_for_none()
    assert row.locator(".text").evaluate("one => one.textContent") == text
    expect(row.locator("strong")).to_have_text(["bold", "quoted"])
    assert row.locator(".text").inner_text().split("\n")[0] == "bold and co<b>de it"
    expect(row.locator(".text :is(b, i)")).to_have_count(0)
    copied = ann.page.evaluate(
        """() => {
            const text = document.querySelector(".message .text");
            const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
            let first = null, last = null;
            for (let node = walker.nextNode(); node; node = walker.nextNode())
                if (!node.parentElement.hidden) last = (first ??= node, node);
            getSelection().setBaseAndExtent(first, 0, last, last.length);
            const clipboardData = new DataTransfer();
            document.dispatchEvent(new ClipboardEvent("copy", { clipboardData, bubbles: true, cancelable: true }));
            return clipboardData.getData("text/plain");
        }"""
    )
    assert copied == text
