"""TAGMSGs that are kept: how many, and what their ids say."""

from chatroom.dialects.irc.names import position_of
from chatroom.dialects.irc.tagged import Tagged
from chatroom.doors.irc.kept_tags import MOST, KeptTags


def tagged(room="tea"):
    return Tagged(room, 1.0, "ann-id", "ann", "token", {"+x": "1"})


def test_an_id_says_where_it_is():
    kept = KeptTags()
    one, two, three = kept.keep(tagged(), 7), kept.keep(tagged(), 7), kept.keep(tagged(), 8)
    assert [position_of("tea", each.id) for each in (one, two, three)] == [7.001, 7.002, 8.001]
    assert [each for _, each in kept.between("tea", 7.001, 8)] == [one, two]
    assert kept.between("milk", 0, 99) == []


def test_ids_that_are_none_are_nowhere():
    whole = KeptTags().keep(tagged(), 7).id
    assert [position_of("tea", whole[:-1] + end) for end in ("", "x", "²", "11")] == [None] * 4
    assert position_of("milk", whole) is None


def test_only_the_latest_are_kept():
    kept = KeptTags()
    for n in range(MOST + 1):
        kept.keep(tagged(), n)
    assert len(kept.between("tea", 0, 9e9)) == MOST and kept.between("tea", 0, 1) == []


def test_what_does_not_fit_between_two_events_is_not_kept():
    kept = KeptTags()
    assert [kept.keep(tagged(), 0).id for _ in range(1000)][-1] == "token"
    assert len(kept.between("tea", 0, 1)) == 999
