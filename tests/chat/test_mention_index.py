"""The mention index: it finds exactly the accounts that a text mentions."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat.people.mention_index import MentionIndex
from chatroom.chat.syntax.mentions import mentions

from .mention_cases import MENTIONED, NOT_MENTIONED


def index(*nicks: str) -> MentionIndex:
    """An index in which the account of each nick has the nick as its id."""
    made = MentionIndex()
    for nick in nicks:
        made.put(nick, nick)
    return made


ALL = index(*(nick for nick, _ in MENTIONED + NOT_MENTIONED))


@pytest.mark.parametrize(("nick", "text"), MENTIONED + NOT_MENTIONED)
def test_it_finds_what_is_a_mention_in_every_language_and_nothing_else(nick, text):
    for typed in (text, unicodedata.normalize("NFD", text), text.upper()):
        assert (nick in ALL.find(typed, 100)) is mentions(nick, typed)
        assert index(nick).find(typed) == ([nick] if mentions(nick, typed) else [])


SOME = "abAB1_.-[^ 王李小さパท민수야وفאב\u0301\u0300éÉßﬁ\uff9e\uff41"
"""Scripts with and without spaces, prefixes, marks, punctuation, and what folds to something longer."""
NICKS = st.lists(st.text(SOME, min_size=1, max_size=4), max_size=8)


@settings(max_examples=500, deadline=None)
@given(NICKS, st.lists(st.text(SOME, max_size=3), max_size=4), st.data())
def test_it_finds_the_same_as_asking_for_each_nick(nicks, others, data):
    parts = st.sampled_from([*nicks, *others, " "])
    text = "".join(data.draw(st.lists(parts, max_size=8)))
    found = index(*nicks).find(text, 100)
    assert sorted(found) == sorted(nick for nick in dict.fromkeys(nicks) if mentions(nick, text))


@settings(max_examples=200, deadline=None)
@given(NICKS, NICKS, st.lists(st.text(SOME, max_size=4), max_size=6))
def test_who_has_gone_is_not_found_and_the_others_are(stay, go, words):
    text = " ".join([*words, *stay, *go])
    found = index(*stay, *go)
    for nick in go:
        found.drop(nick)
        found.drop(nick)
    left = [nick for nick in dict.fromkeys(stay) if nick not in go]
    assert sorted(found.find(text, 100)) == sorted(nick for nick in left if mentions(nick, text))
    for nick in left:
        found.drop(nick)
    assert vars(found) == vars(MentionIndex())


def test_nicks_that_read_the_same_belong_to_whoever_they_belong_to():
    found = index("straße", "STRASSE")
    assert sorted(found.find("Strasse!")) == ["STRASSE", "straße"]
    found.put("straße", "another")
    assert sorted(found.find("Strasse!")) == ["STRASSE", "another"]
    found.drop("STRASSE")
    assert found.find("Strasse!") == ["another"]


def test_nothing_is_mentioned_by_nothing():
    assert index().find("ann") == index("").find("ann") == index("ann").find("") == []


def test_it_finds_so_many_at_most_and_each_once():
    found = index(*(f"a{n}" for n in range(50)))
    text = " ".join(f"a{n}" for n in range(50)) * 2
    assert len(set(found.find(text))) == len(found.find(text)) == 20
    assert len(found.find(text, 3)) == 3 and len(found.find(text, 100)) == 50


def calls(found: MentionIndex, text: str) -> int:
    """Count the calls of functions that finding what *text* mentions takes."""
    count = 0

    def note(*_) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    try:
        found.find(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("text", ["anything, any word at all: ann7, ann-7", "王7你好 ann7你好", "a-" * 20 + "ann7"])
def test_more_nicks_take_no_more_work(text):
    few, many = (
        index(*(nick for n in range(most) for nick in (f"ann{n}", f"ann-{n}", f"王{n}"))) for most in (100, 9999)
    )
    assert few.find(text) == many.find(text) != []
    assert calls(many, text) < 2 * calls(few, text)


def test_who_registers_nicks_to_make_it_slow_gains_nothing():
    """It stops after so many comparisons: what is mentioned at the end is not found."""
    found = index(*(("a." * 16)[:length] for length in range(2, 32)), "bob")
    assert found.find("a.a" * 4 + " bob", 100)[-1] == "bob"
    assert "bob" not in found.find("a.a." * 10_000 + " bob", 100)
