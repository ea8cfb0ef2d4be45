"""Combining marks: piles are cut, and whatever a script needs stays."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.syntax.marks import bounded
from chatroom.chat.syntax.names import nick

ABOVE = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308"
BELOW = "\u0316\u0317\u0323\u0324\u0325\u032d\u0330\u0331"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a" + "\u0301" * 60 + "b", "a" + "\u0301" * 3 + "b"),
        ("a" + ABOVE * 8, "a" + ABOVE[:3]),
        ("a" + (ABOVE + BELOW) * 4, "a" + ABOVE[:3] + BELOW[:3]),
        ("ส" + "\u0e47" * 40, "ส" + "\u0e47" * 3),
        ("x" + "\u20dd\u0489" * 9, "x" + "\u20dd\u0489" * 3),
        ("a" + "\u0301\u200d" * 20, "a" + "\u0301\u200d" * 3 + "\u200d" * 17),
        ("\u0301" * 9, "\u0301" * 3),
        ("ཀ" + "".join(map(chr, range(0xF99, 0xFB0))), "ཀ" + "".join(map(chr, range(0xF99, 0xFA1)))),
    ],
    ids=["one", "above", "both", "thai", "around", "parted", "on-nothing", "tibetan"],
)
def test_a_pile_of_marks_is_cut(text, kept):
    assert bounded(text) == kept


WRITTEN = [
    "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם וְאֵ֥ת הָאָֽרֶץ",
    "וַיִּשָּׂ֨א אֶת־יְרוּשָׁלִַ֔ם",
    "Tiếng Việt: Nguyễn, ở đâu cũng được",
    "ก็ที่นี่นั้นเขียนน้ำปั๊ม",
    "ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ ཧྐྵྨླྺྻྂ བསྒྲུབས",
    "ကျွန်ုပ်တို့ ကြွှောင့်",
    "हिन्दी में, क्ष्म्य ॐ ग॒णाना᳚म्",
    "مُحَمَّدٌ رَسُولُ اللّٰهِ ٱلرَّحْمَٰنِ",
    "ខ្ញុំស្រឡាញ់ភាសាខ្មែរ",
    "ᾧ ᾄδω ḗ̄ ɔ̃́ː",
    "1️⃣ 👩🏽‍🚀 🏳️‍🌈 ❤️‍🔥",
]


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_what_people_write_stays_whole(text, form):
    written = unicodedata.normalize(form, text)

    assert bounded(written) == written


@pytest.mark.parametrize("name", ["ကြွှောင့်", "שִׁמּ֖וֹן", "Nguyễn"])
def test_a_nick_has_the_marks_of_its_script(name):
    assert nick(name, 32)[0] == unicodedata.normalize("NFC", name)


@given(st.text(st.sampled_from("aא" + ABOVE[:2] + BELOW[:2] + "\u0e47\u200d ")))
def test_what_has_been_cut_is_not_cut_again(text):
    once = bounded(text)

    assert bounded(once) == once


def test_a_megabyte_of_marks_takes_no_long_time():
    began = time.process_time()
    bounded("a" + "\u0301\u200d" * 300_000)
    assert time.process_time() - began < 3
