"""Names: which nicks and room names are valid, and when two of them are the same."""

from __future__ import annotations

import unicodedata
from itertools import islice

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chatroom.chat.refusals import BadName, Refusal, TooLong
from chatroom.chat.syntax.names import RESERVED, _compared, _shown, alternatives, free_alternative, key, nick, room
from tests.processor_time import ProcessorTime

LONGEST = 32


def made(text):
    try:
        return nick(text, LONGEST)
    except Refusal:
        assume(False)


marks = st.sampled_from("-_.'|^`[]{}0123789")
scripts = ["aAnNzZßẞéÉİıIıŉﬁﬀⅣＡÅK", "ΣςσαΆΐ", "ЖжЙй", "אבּג", "कखगा३", "ー々日李かカﾊ", "한글ㄱ日"]
names = st.sampled_from(scripts).flatmap(
    lambda script: st.text(st.sampled_from(script) | marks, min_size=1, max_size=34)
)
"""Names of one script each: most of them are valid."""
likely = names.filter(lambda text: text[0].isalpha())


@given(st.text(st.characters(codec="utf-8"), max_size=140) | names)
def test_any_text_is_a_nick_or_refused_in_one_line(text):
    try:
        shown, compared = nick(text, LONGEST)
    except Refusal as refusal:
        assert "\n" not in str(refusal) and len(str(refusal)) < 160
    else:
        assert shown and compared


@given(likely)
@example("ẞ")
@example("Ⅳ")
@example("ŉ")
@example("ﬁn")
@example("ΑΣ")
def test_a_nick_is_refused_or_stays_what_it_is(text):
    shown, compared = made(text)

    assert nick(shown, LONGEST) == (shown, compared)
    assert key(text) == key(shown) == key(compared) == compared


@given(likely)
@example("Straße")
@example("ΑΣ")
def test_the_case_of_a_nick_makes_no_difference(text):
    shown, compared = made(text)

    assert key(shown.casefold()) == compared
    ascii_swapped = "".join(one.swapcase() if one.isascii() else one for one in shown)
    assert key(ascii_swapped) == compared


@given(likely)
def test_a_nick_shows_nothing_that_could_be_something_else(text):
    shown, _ = made(text)

    assert 0 < len(shown) <= LONGEST and shown.isprintable() and " " not in shown
    assert not set(shown) & set('<>@#&!/\\:;,?*"()+=~$%')
    assert unicodedata.normalize("NFKC", shown) == shown
    assert unicodedata.category(shown[0])[0] in "LN" or shown[0] == "_"


@given(likely)
def test_a_rooms_name_is_its_own_key(text):
    try:
        name = room(text, LONGEST)
    except Refusal:
        return
    assert room(name, LONGEST) == room("#" + name, LONGEST) == name
    assert name == unicodedata.normalize("NFKC", name.casefold())


@given(st.text(max_size=300))
def test_looking_up_any_text_is_harmless(text):
    assert isinstance(key(text), str)


LATIN = ["ann", "Ann-Marie", "o'brien", "_x", "x_", "bot[1]", "a.b", "a|b", "3po", "Zoë", "Ærøskøbing", "n" * 32]
EASTERN = ["李小龍", "なかむら", "ナカムラA", "李A", "가A", "ㄅA", "김철수"]
OTHERS = ["Александр", "Ελένη", "محمد", "שלום", "नमस्ते"]


@pytest.mark.parametrize("text", LATIN + EASTERN + OTHERS)
def test_names_of_people_everywhere_can_be_had(text):
    assert nick(text, LONGEST)[0] == text


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "cannot be empty"),
        ("   ", "cannot be empty"),
        ("a b", "cannot contain spaces"),
        ("a\u200bb", "cannot be seen"),
        ("a\u202eb", "cannot be seen"),
        ("a\x00b", "cannot be seen"),
        ("a\ufe0fb", "cannot be seen"),
        ("\u3164", "cannot be seen"),
        ("a@b", "cannot contain '@'"),
        ("#ann", "cannot contain '#'"),
        ("☃", "cannot contain '☃'"),
        ("-ann", "must begin with a letter"),
        (".", "must begin with a letter"),
        ("\u0301a", "must begin with a letter"),
        ("аnn", "mixes Cyrillic and Latin"),
        ("αnn", "mixes Greek and Latin"),
        ("日а", "mixes Cjk and Cyrillic"),
        ("かか김", "mixes Hangul and Hiragana"),
        ("a" + "\u0301\u0302\u0303\u0304\u0305", "too many combining marks"),
    ],
)
def test_what_cannot_be_told_apart_or_typed_cannot_be_had(text, because):
    with pytest.raises(BadName, match=because):
        nick(text, LONGEST)


@pytest.mark.parametrize("text", [*sorted(RESERVED), "Server", "ADMIN", "ＲＯＯＴ"])
def test_the_servers_own_voice_cannot_be_had(text):
    with pytest.raises(BadName, match="reserved"):
        nick(text, LONGEST)


@pytest.mark.parametrize("text", ["a" * 33, "ß" * 17, "ﷺ" * 5, "a" * 1_000_000])
def test_a_nick_has_its_length_however_it_is_written(text):
    with pytest.raises(TooLong):
        nick(text, LONGEST)


def test_wide_and_narrow_letters_are_the_same():
    assert nick("ＡＮＮ", LONGEST) == ("ANN", "ann")
    assert key("Straße") == key("STRASSE")


def test_a_nick_that_is_its_own_key_is_kept_once():
    shown, compared = nick("ann_2", LONGEST)
    assert compared is shown

    typed = "".join(["ann", "_2"])
    assert key(typed) is typed


@pytest.mark.parametrize(("text", "name"), [("#Dev", "dev"), (" dev ", "dev"), ("ДОМ", "дом"), ("c-3", "c-3")])
def test_a_room_can_be_written_with_or_without_its_sign(text, name):
    assert room(text, LONGEST) == name


def test_alternatives_count_up_and_keep_to_the_length():
    assert list(islice(alternatives("ann", 32), 3)) == ["ann2", "ann3", "ann4"]
    assert next(alternatives("ann7", 32)) == "ann2"
    assert next(alternatives("777", 32)) == "7772"
    assert list(islice(alternatives("n" * 32, 32), 10))[-1] == "n" * 30 + "11"


@pytest.mark.parametrize("shown", ["ann", "n" * 32, "7", "ß" * 16])
def test_there_is_an_end_to_the_alternatives(shown):
    """Each candidate is checked while everyone waits: 120 taken names once kept the server busy forever."""
    assert 20 <= len(set(alternatives(shown, 32))) <= 30


@given(likely, st.integers(0, 12))
@example("ß" * 16, 3)
@example("ß" * 16, 0)
def test_the_alternative_is_free_and_can_be_had(text, rivals):
    shown, compared = made(text)
    taken = {compared} | {key(one) for one in islice(alternatives(shown, LONGEST), rivals)}

    free = free_alternative(shown, taken, LONGEST)

    assert key(free) not in taken and nick(free, LONGEST)[1] == key(free)


HUGE = ["a" * 129, "e" + "\u0301" * 15_000, "\ufdfa" * 128, " " * 200 + "ann", "ann" + " " * 200]


@pytest.mark.parametrize("text", HUGE, ids=["letters", "marks", "ligatures", "before", "behind"])
def test_what_is_longer_than_any_nick_is_nobodys(text):
    """Ligatures become eighteen letters each, and marks take time that grows with the square of their number."""
    with ProcessorTime() as taken:
        assert key(text) == ""
        with pytest.raises(TooLong):
            nick(text, LONGEST)
        with pytest.raises(TooLong):
            room(text.strip() * 60, LONGEST)
        assert len(next(alternatives(text, LONGEST))) <= LONGEST

    assert taken.seconds < 0.01


def test_a_nick_whose_marks_are_typed_apart_may_be_four_times_as_long():
    apart = unicodedata.normalize("NFD", "ệ" * LONGEST)
    assert len(apart) == 3 * LONGEST and nick(apart, LONGEST)[0] == "ệ" * LONGEST and key(apart) == "ệ" * LONGEST


@given(st.text("abzABZ019", min_size=1, max_size=32))
def test_plain_letters_and_digits_are_what_precis_makes_of_them(text):
    shown, compared = str(_shown.enforce(text)), str(_compared.enforce(text))
    assert key(text) == compared and room(text, 32) == compared
    if compared not in RESERVED:
        assert nick(text, 32) == (shown, compared)
