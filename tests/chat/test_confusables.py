"""Confusables: look-alike names are found, others are not."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from string import ascii_lowercase

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax import names
from chatroom.chat.syntax.confusables import ConfusableIndex, skeleton, skeletons
from tests.house import House

LONGEST = 32


def looks(text):
    """Confusables: nicks that look alike, however they are written."""
    return skeletons(text, names.key(text))


letters = [
    "aAiIlLoOmMnNrR01Zß|`'ıɑſ",
    "ΣςσαΆΐοΟνΡρ",
    "ЖжаАоОрРйЙзЗбБ",
    "אבּגוס",
    "कखगा३०",
    "ー々日口ロ力カか",
    "한글ㄱ日一",
]
nicks = st.sampled_from(letters).flatmap(lambda script: st.text(st.sampled_from(script), min_size=1, max_size=20))
any_nicks = nicks | st.text(st.characters(categories=["L", "N", "M"]), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann", "ann"),
        ("Chɑnserv", "ChanServ"),
        ("аdmin1", "admin1"),
        ("раураӀ", "paypal"),
        ("paypaI", "paypal"),
        ("paypa1", "PayPal"),
        ("paypa|", "paypal"),
        ("b0b", "bob"),
        ("B0B", "bob"),
        ("com", "corn"),
        ("Mary", "rnary"),
        ("ａｎｎ", "ann"),
        ("o`brien", "o'brien"),
        ("bob1", "bobl"),
        ("ıan", "Ian"),
        ("Lan", "Ian"),
        ("neıl", "NEIL"),
        ("ΡΟΡ", "pop"),
        ("ВОВА", "boba"),
        ("カ口", "力ロ"),
        ("Straße", "STRASSE"),
        ("été", "e\u0301te\u0301"),
    ],
)
def test_names_that_look_alike_share_a_skeleton(one, other):
    assert looks(one) & looks(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "anne"),
        ("ann2", "ann3"),
        ("ann1", "ann2"),
        ("ann1", "anni"),
        ("bob", "rob"),
        ("Neil", "Nell"),
        ("Ali", "all"),
        ("Lia", "Ila"),
        ("mia", "nia"),
        ("Zoe", "Zoë"),
        ("a-b", "a_b"),
        ("李小龍", "李小虎"),
        ("Вова", "Вава"),
        ("なかむら", "なかもら"),
        ("김철수", "김철호"),
        ("محمد", "أحمد"),
    ],
)
def test_other_names_can_stand_side_by_side(one, other):
    assert not looks(one) & looks(other)


def test_letters_and_digits_differ_but_for_those_that_look_alike():
    assert len({skeleton(one) for one in ascii_lowercase}) == 26
    assert {one for one in "0123456789" if skeleton(one) in {skeleton(other) for other in ascii_lowercase}} == {
        "0",
        "1",
    }


@given(any_nicks)
@example("ıI1l|")
@example("ẞßβ")
@example("Бб6")
def test_a_skeleton_looks_like_itself(text):
    assert skeleton(skeleton(text)) == skeleton(text)


def test_there_is_no_character_whose_skeleton_does_not_look_like_itself():
    wrong = [
        one for one in map(chr, [*range(0xD800), *range(0xE000, 0x20000)]) if skeleton(skeleton(one)) != skeleton(one)
    ]

    assert not wrong


@given(any_nicks)
@example("Iıİi")
@example("Σίσυφος")
def test_a_nick_looks_like_itself_whatever_its_case(text):
    try:
        shown, key = names.nick(text, LONGEST)
    except Refusal:
        assume(False)
    assert skeleton(shown) and skeletons(shown, key) & skeletons(key, key)
    assert skeletons(shown, key) & looks(unicodedata.normalize("NFKC", shown.casefold()))


@given(st.text(max_size=60))
def test_any_text_has_a_skeleton(text):
    assert bool(skeleton(text)) == bool(text)


def test_what_looks_like_a_name_is_found_and_the_name_itself_is_not():
    present: ConfusableIndex[str] = ConfusableIndex()
    present.put("Neil", "neil", "he")
    present.put("Nell", "nell", "she")

    assert present.find("neil", "neil") is None
    assert present.find("NEIL", "neil") == "she" and present.find("NEIL", "neil", "she") is None
    assert present.find("neıl", "neıl") == "he"
    assert present.find("bob", "bob") is None


def test_what_is_dropped_is_found_no_more():
    present: ConfusableIndex[str] = ConfusableIndex()
    present.put("Iain", "iain", "he")
    present.put("lain", "lain", "it")
    present.drop("Iain", "iain")
    present.drop("Iain", "iain")
    present.drop("nobody", "nobody")

    assert present.find("1ain", "1ain") == "it" and present.find("ıain", "ıain") is None


def test_the_table_is_loaded_with_the_first_name_and_not_before():
    script = (
        "import sys; from chatroom.chat.syntax import confusables; before = confusables._forms.cache_info().currsize\n"
        "confusables.skeleton('ann')\n"
        "print(before, confusables._forms.cache_info().currsize, 'confusable_homoglyphs.confusables' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.split() == ["0", "1", "False"]


def test_nobody_comes_in_under_a_name_that_looks_like_that_of_somebody_here():
    house = House()
    house.join("Ian")

    assert house.join("ıan").heard_of("looks too much like Ian")
    assert house.join("Lan").heard_of("looks too much like Ian")


def test_who_takes_a_nick_that_looks_like_their_former_one_keeps_both_looks():
    house = House()
    house.join("bob").types("/nick b0b")

    assert house.join("BOB").heard_of("looks too much like b0b")
    assert not house.join("rob").heard_of("looks too much")
