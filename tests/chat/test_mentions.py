"""Mentions: nicks are found as whole words, in every script, and marked where they are."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.syntax.mentions import mark, mentioned_in_any, mentions

from .mention_cases import MENTIONED, NOT_MENTIONED


@pytest.mark.parametrize(("nick", "text"), MENTIONED)
def test_a_nick_in_a_sentence_is_a_mention(nick, text):
    assert mentions(nick, text)
    assert mentions(unicodedata.normalize("NFD", nick.upper()), unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(("nick", "text"), NOT_MENTIONED)
def test_a_part_of_a_word_is_no_mention(nick, text):
    assert not mentions(nick, text)
    assert mark(nick, text, lambda found: "!") == text


@pytest.mark.parametrize(
    ("nick", "text", "marked"),
    [
        ("bob", "Bob, bobby, bob", "<Bob>, bobby, <bob>"),
        ("José", "¡hola Jose\u0301, josé!", "¡hola <Jose\u0301>, <josé>!"),
        ("王小明", "王小明你在吗", "<王小明>你在吗"),
        ("パパ", "ﬁne ﾊﾟﾊﾟは", "ﬁne <ﾊﾟﾊﾟ>は"),
        ("민수", "\u1106\u1175\u11ab\u1109\u116e야", "<\u1106\u1175\u11ab\u1109\u116e>야"),
        ("ii", "İ ii", "İ <ii>"),
        ("дом", "дом-дом", "<дом>-<дом>"),
    ],
)
def test_a_mention_is_marked_where_it_is(nick, text, marked):
    assert mark(nick, text, lambda found: f"<{found}>") == marked


@given(st.text(min_size=1, max_size=4), st.lists(st.text(max_size=6), max_size=4))
def test_marking_changes_nothing_else(nick, around):
    text = f" {nick} ".join(around)
    assert mark(nick, text, lambda found: found) == text


def test_a_long_text_of_a_nick_is_searched_in_linear_time():
    """In quadratic time this takes minutes."""
    assert not mentions("a" * 24, "a" * 400_000)
    assert not mentions("a\u0301", "a" + "\u0301\u0323" * 100_000)


@given(st.sampled_from([*MENTIONED, *NOT_MENTIONED]), st.lists(st.sampled_from([*MENTIONED, *NOT_MENTIONED])))
def test_any_of_several_texts_is_found_as_each_is(case, others):
    nick, texts = case[0], [text for _, text in (case, *others)]
    assert mentioned_in_any(nick, texts) == any(mentions(nick, text) for text in texts)
