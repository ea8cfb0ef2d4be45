"""What can be a reaction."""

from __future__ import annotations

import pytest

from chatroom.chat.refusals import BadInput
from chatroom.chat.syntax.emoji import NAMES, emoji


@pytest.mark.parametrize(
    "text",
    ["👍", "👍🏽", "❤️", "❤", "👩‍💻", "🏳️‍🌈", "👨‍👩‍👧‍👦", "🇩🇪", "3️⃣", "#⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "‼️", "↔️", "©️", "⭐", *NAMES.values()],
)
def test_one_emoji_is_a_reaction(text):
    assert emoji(f" {text} ") == text


@pytest.mark.parametrize(("name", "meant"), [(":+1:", "👍"), (":Heart:", "❤️"), (":tada:", "🎉")])
def test_some_have_names(name, meant):
    assert emoji(name) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "hello",
        "👍👍",
        ":nope:",
        "::",
        ":",
        "1",
        "🇩",
        "é",
        "字",
        "👍\u200d",
        "\u200d",
        "+",
        "🏽👍" * 9,
        "x👍",
    ],
)
def test_nothing_else_is(text):
    with pytest.raises(BadInput, match="one emoji"):
        emoji(text)
