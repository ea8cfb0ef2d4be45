"""The codec: what goes over the link arrives as it was; what makes no sense is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat import events as kinds_of_events
from chatroom.chat.command_table import usages
from chatroom.chat.commands.messages import Say
from chatroom.chat.commands.moderation import Ban as BanSomeone
from chatroom.chat.event import Marks, Quote, Reaction
from chatroom.chat.events import Batch, Joined, Said
from chatroom.chat.limits import Limits
from chatroom.chat.replies import Ban, Bans, Excerpt, Help, Notice, Pong, Preferences, RoomEntered, Welcome
from chatroom.link import codec
from chatroom.link.codec import BadFrame, pack, pack_batch, unpack, unpack_batch

from ..dialects import strategies
from .anything import EVENTS, KINDS, REPLIES, batches, objects

SAID = Said("lobby", 1.5, "guest:a", "ann", "hello")
RICH = replace(
    SAID, marks=Marks(re=3, quote=Quote("bob", "hi"), edited=True, reactions=(Reaction("👍", ("x", "y"), ("X", "Y")),))
)


def over(value):
    return json.loads(json.dumps(value))


def same(one: Batch, other: Batch) -> bool:
    return (one.room, one.first, list(one.events), one.authors) == (
        other.room,
        other.first,
        list(other.events),
        other.authors,
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_everything_arrives_as_it_was(kind):
    @settings(max_examples=30)
    @given(objects(kind))
    def check(value):
        back = unpack(over(pack(value)))
        assert type(back) is kind
        assert back == value
        assert repr(back) == repr(value)  # True is no 1, and a tuple no list

    check()


def test_all_kinds_are_looked_at():
    assert set(kinds_of_events.EVENTS.values()) == set(EVENTS)
    assert {Pong, RoomEntered, Preferences} <= set(REPLIES)
    assert len(KINDS) > 120


@given(st.one_of(strategies.batches(), batches()))
def test_a_batch_arrives_as_it_was(batch):
    assert same(unpack_batch(over(pack_batch(batch))), batch)
    assert same(unpack(over(pack(batch))), batch)


@given(objects(Said))
def test_a_plain_line_goes_without_its_name_and_room(said):
    said = replace(said, marks=None)
    [row] = pack_batch(Batch(said.room, 1, [said]))[2]

    assert list(row) == [getattr(said, one.name) for one in fields(Said) if one.name not in ("room", "marks")]


def test_what_is_not_plain_goes_in_full():
    batch = Batch("lobby", 7, [RICH, replace(SAID, room="other"), Joined("lobby", 1.0, "guest:a", "ann")])

    assert [row[0] for row in pack_batch(batch)[2]] == ["said", "said", "joined"]
    assert same(unpack_batch(over(pack_batch(batch))), batch)


def test_defaults_at_the_end_are_left_out():
    assert pack(Say("hi")) == ["/say", "hi"]
    assert pack(Say("hi", typed=True)) == ["/say", "hi", None, True]
    assert pack(RICH)[:6] == ["said", "lobby", 1.5, "guest:a", "ann", "hello"]
    assert pack(Limits()) == ["Limits"]
    assert unpack(["Limits"]) == Limits()


def test_commands_and_replies_of_one_name_are_told_apart():
    banned = Bans("lobby", (Ban("bob", "", "ann", 1.0, None),), 0)

    assert unpack(pack(BanSomeone("bob"))) == BanSomeone("bob")
    assert unpack(pack(banned)) == banned
    assert unpack(pack(banned.bans[0])) == banned.bans[0]


def test_an_excerpt_arrives_as_a_tuple():
    entered = RoomEntered("lobby", "", ("ann",), 2, Excerpt([(1, SAID), (2, RICH)]))

    assert unpack(over(pack(entered))) == entered


def test_what_people_type_is_never_read_as_a_name():
    for text in ('["/quit"]', "/quit", "Batch", "said"):
        notice = Notice(text, names=(text, text))
        assert unpack(over(pack(notice))) == notice


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "no name"),
        ("said", "no name"),
        ({}, "no name"),
        ([], "no name"),
        ([["said"]], "no name"),
        ([1], "no name"),
        (["nothing"], "unknown name 'nothing'"),
        (["n" * 1000], f"unknown name '{'n' * 32}'"),
        (["Event", "lobby", 1.0, "a", "b"], "unknown name 'Event'"),
        (["/say"], "/say: wrong number of fields"),
        (["/say", "hi", None, True, 1], "/say: wrong number of fields"),
        (["/say", 1], "/say.text: str expected"),
        (["/say", None], "/say.text: str expected"),
        (["/say", "hi", 1], "/say.room: str expected"),
        (["/say", "hi", None, 1], "/say.typed: bool expected"),
        (["/rooms", True], "/rooms.page: int expected"),
        (["/rooms", 1.0], "/rooms.page: int expected"),
        (["time", "1"], "time.at: float expected"),
        (["time", True], "time.at: float expected"),
        (["notice", "hi", "", "ann"], "notice.names: list expected"),
        (["notice", "hi", "", [1]], "notice.names: str expected"),
        (["help", [["usage"]]], "help.commands: 2 values expected"),
        (["help", [["usage", 1]]], "help.commands: str expected"),
        (["welcome", "ann", "", 1, False, "s", {}], "welcome: wrong number of fields"),
        (["room", "tea", "", [], 1, [], "guest", []], "room.settings: dict expected"),
        (["room", "tea", "", [], 1, [], "guest", {"slow": 1}], "room.settings: str expected"),
        (["bans", "lobby", [["bob"]], 0], "bans.bans: Ban: wrong number of fields"),
        (["bans", "lobby", [{}], 0], "bans.bans: Ban: wrong number of fields"),
        (["history", "lobby", [[1, ["pong"]]], False], "history.events: event expected"),
        (["history", "lobby", [[1, ["no"]]], False], "history.events: unknown name 'no'"),
        (["Batch"], "no batch"),
        (["Batch", "lobby", True, []], "no batch"),
        (["Batch", "lobby", 1, {}], "no batch"),
        (["Batch", "lobby", 1, [["pong"]]], "event expected"),
        (["Batch", "lobby", 1, [[]]], "no name"),
        (["Batch", "lobby", 1, [[1.0, "a", "b", "c"]]], "no name"),
        (["Batch", "lobby", 1, [["said", "lobby", 1.0, "a", "b"]]], "said: wrong number of fields"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(value, why):
    with pytest.raises(BadFrame) as refusal:
        unpack(value)

    assert str(refusal.value) == why


@pytest.mark.parametrize("value", [None, [], {"room": 1}, "abc", ["lobby", 1], ["lobby", 1, [], 0]])
def test_what_is_no_batch_is_refused(value):
    with pytest.raises(BadFrame):
        unpack_batch(value)


@pytest.mark.parametrize("place", range(len(fields(Said)) - 2))
def test_a_plain_line_with_a_wrong_type_is_refused(place):
    room, first, [row] = over(pack_batch(Batch("lobby", 1, [SAID])))

    for wrong in ([], {}, True):
        with pytest.raises(BadFrame):
            unpack_batch([room, first, [[*row[:place], wrong, *row[place + 1 :]]]])


names = st.sampled_from(
    [pack(one)[0] for one in (SAID, RICH, Say(""), Pong(), Notice(""), Limits())] + ["bans", "Batch"]
)
jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | names,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@given(st.builds(lambda name, rest: [name, *rest], names, st.lists(jsons, max_size=8)) | jsons)
def test_anything_is_refused_or_read_as_what_it_says(value):
    try:
        made = unpack(value)
    except BadFrame:
        return
    if isinstance(made, Batch):
        assert same(unpack(pack(made)), made)
    else:
        assert type(made) in KINDS
        assert unpack(pack(made)) == made


def test_a_deep_value_is_refused_before_it_is_descended_into():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]

    for value in (deep, ["notice", deep], ["Batch", "lobby", 1, deep], ["Batch", "lobby", 1, [deep]]):
        with pytest.raises(BadFrame):
            unpack(value)


@dataclass(frozen=True)
class Strange:
    of: set[str]


@dataclass(frozen=True)
class Mixed:
    what: int | str


@pytest.mark.parametrize("kind", [Strange, Mixed])
def test_a_class_that_cannot_be_carried_is_noticed_at_once(kind):
    with pytest.raises(TypeError, match="the link can't carry"):
        codec._Shape("strange", kind)


@pytest.mark.parametrize("value", [None, "text", [], {}, object(), Strange(set())])
def test_only_what_is_known_is_packed(value):
    with pytest.raises(TypeError, match="the link carries no"):
        pack(value)


def test_no_two_classes_share_a_name():
    with pytest.raises(TypeError, match="two said"):
        codec._register("said", Strange)


def test_mappings_and_pairs_arrive():
    entered = RoomEntered("tea", "", ("ann", "bob"), 2, settings={"slow": "20"})
    known = Help((("/say", "say it"), ("/me", "do it")), ("a", "b"), 1)

    assert [unpack(over(pack(one))) for one in (entered, known)] == [entered, known]


def test_what_everyone_is_shown_who_comes_in_is_read_once():
    recent = Excerpt([(1, SAID), (2, SAID)])
    one, other = (unpack(pack(RoomEntered("tea", "", ("ann",), seq, recent))) for seq in (2, 3))
    assert type(one.recent) is Excerpt and one.recent == recent
    assert other.recent is one.recent

    later = unpack(pack(RoomEntered("tea", "", ("ann",), 3, Excerpt([(2, SAID)]))))
    assert later.recent == ((2, SAID),)


def test_the_commands_of_a_welcome_are_the_doors_own():
    packed = pack(Welcome("ann", "token", 60, False, "chatroom", {"/new": "a command"}, {}, (), ()))
    assert packed == ["welcome", "ann", "token", 60, False, "chatroom"]
    assert unpack(packed).commands == usages()
