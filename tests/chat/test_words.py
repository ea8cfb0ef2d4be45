"""Words: text of any script is split where its readers see words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.syntax.words import is_joined, is_symbol, normal, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don't snake_case, e-mail!", ["don", "t", "snake", "case", "e", "mail"]),
        ("v1.2.3", ["v1", "2", "3"]),
        ("José ﬁnds Jose\u0301's ½ STRASSE, Straße", ["jose", "finds", "jose", "s", "1", "2", "strasse", "strasse"]),
        ("我家在上海，ok？", ["我家在上海", "ok"]),
        ("東京タワーＡＢ", ["東京タワー", "ab"]),
        ("ﾊﾟﾊﾟ か\u3099", ["パパ", "が"]),
        ("서울에서 \u1100\u1175\u11b7", ["서울에서", "김"]),
        ("วันนี้ดีมาก 5", ["วันนี้ดีมาก", "5"]),
        ("हिन्दी में।", ["हिन्दी", "में"]),
        ("השָּׁלוֹם، وَأَحْمَد كـيف", ["השלום", "واحمد", "كيف"]),
        ("می\u200cخواهم ക്\u200dഷ co\u00adop", ["میخواهم", "ക്ഷ", "coop"]),
        ("👍🏽👨‍👩‍👧❤️‍🔥🇩🇪🇫🇷ok", ["👍", "👨\u200d👩\u200d👧", "❤\u200d🔥", "🇩🇪", "🇫🇷", "ok"]),
        ("1️⃣ → 🏴󠁧󠁢󠁳󠁣󠁴󠁿", ["1\u20e3", "→", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]),
        ("\u200d \ud800 … €", []),
    ],
)
def test_words_are_what_is_read_as_words(text, found):
    assert words(text) == found


def test_more_emoji_than_any_sequence_has_are_several_words():
    assert words("👩" + "\u200d👩" * 10) == ["\u200d".join("👩" * 10), "👩"]


@given(st.text())
def test_the_words_of_words_are_the_same(text):
    """So what was found in a query can be looked for in an index."""
    found = words(text)
    assert words(" ".join(found)) == found and all(word and " " not in word for word in found)


@given(st.text(max_size=80), st.sampled_from(["NFC", "NFKC"]))
def test_short_text_is_normalized_as_unicode_says(text, form):
    assert normal(text, form) == unicodedata.normalize(form, text)


def test_long_text_is_normalized_word_by_word():
    text = "Jose\u0301 か\u3099 " * 100
    assert normal(text, "NFC") == unicodedata.normalize("NFC", text)


def test_kinds_of_characters_are_told_apart():
    assert [is_joined(char) for char in "字あไ한aя1😀"] == [True] * 4 + [False] * 4
    assert [is_symbol(char) for char in "😀→☕a字+"] == [True] * 3 + [False] * 3
