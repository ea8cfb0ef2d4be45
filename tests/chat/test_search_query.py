"""Search queries: words, phrases and options, and how many of each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.refusals import TooLong
from chatroom.chat.syntax.search_query import LONGEST, WORD, WORDS, parse_query


def test_words_and_phrases_are_terms():
    asked = parse_query('tea "green tea" pot')
    assert asked.terms == (("tea",), ("green", "tea"), ("pot",)) and asked.options == {}


def test_a_phrase_that_is_not_closed_goes_to_the_end():
    assert parse_query('pot "green tea').terms == (("pot",), ("green", "tea"))


def test_a_word_with_marks_in_it_is_a_phrase_and_marks_alone_are_nothing():
    assert parse_query("don't snake_case ... --").terms == (("don", "t"), ("snake", "case"))


def test_options_are_taken_out_and_the_last_of_a_kind_counts():
    asked = parse_query('from:ann tea in:"dev" from:bob before:2026-01-02 after:today page:2')
    assert asked.terms == (("tea",),)
    assert asked.options == {"from": "bob", "in": "dev", "before": "2026-01-02", "after": "today", "page": "2"}


def test_an_option_in_quotes_may_have_blanks():
    assert parse_query('before:"2026-01-02 14:30"').options == {"before": "2026-01-02 14:30"}


def test_what_is_no_option_is_words():
    assert parse_query("room:dev from:").terms == (("room", "dev"), ("from",))


def test_as_many_words_as_the_bound_and_no_more():
    assert len(parse_query("w " * WORDS).terms) == WORDS
    with pytest.raises(TooLong):
        parse_query("w " * (WORDS + 1))
    with pytest.raises(TooLong):
        parse_query("w " * WORDS + '"one"')


def test_words_as_long_as_the_bound_and_no_longer():
    assert parse_query("w" * WORD).terms == (("w" * WORD,),)
    assert parse_query("from:" + "w" * WORD).options == {"from": "w" * WORD}
    for text in ("w" * (WORD + 1), "from:" + "w" * (WORD + 1), f'"a {"w" * (WORD + 1)}"'):
        with pytest.raises(TooLong):
            parse_query(text)


def test_a_search_as_long_as_the_bound_and_no_longer():
    assert parse_query("w" + " " * (LONGEST - 1)).terms == (("w",),)
    with pytest.raises(TooLong):
        parse_query("w" + " " * LONGEST)


@given(st.lists(st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True), max_size=WORDS))
def test_plain_words_come_out_as_they_went_in(words):
    assert parse_query("  ".join(words)).terms == tuple((word,) for word in words)
