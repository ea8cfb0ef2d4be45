"""What changes make of the events before them."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.event import Marks, Quote, Reaction
from chatroom.chat.events import Acted, Batch, Event, Joined, Said, Whispered
from chatroom.chat.outcomes import (
    MAX_EMOJI,
    MAX_REACTIONS,
    all_changed,
    changed,
    changes_in,
    lines_changed,
    settled,
    size_of,
    target_of,
    with_reaction,
    without_target,
)

SAID = Said("tea", 0.0, "a", "ann", "secret")
QUOTE = Quote("ann", "secret")
ANSWER = Said("tea", 1.0, "b", "bob", "yes", marks=Marks(re=1, quote=QUOTE))


def edited(text: str, re: int = 1) -> Edited:
    return Edited("tea", 2.0, "a", "ann", re, text)


def deleted(re: int = 1) -> Deleted:
    return Deleted("tea", 3.0, "o", "op", re, "ann", by_author=False)


def thumb(by: str = "b", emoji: str = "👍", re: int = 1, *, added: bool = True) -> Reacted:
    return Reacted("tea", 2.0, by, by, re, emoji, added, QUOTE)


@pytest.mark.parametrize(
    "said", [SAID, Acted("tea", 0.0, "a", "ann", "secret"), Whispered("@a:b", 0.0, "a", "ann", "secret", "bob")]
)
def test_a_message_says_what_it_was_edited_to_and_nothing_once_deleted(said):
    once = changed(1, said, edited("milk"))
    assert (once.text, once.marks) == ("milk", Marks(edited=True))
    gone = changed(1, changed(1, once, thumb()), deleted())
    assert (gone.text, gone.marks) == ("", Marks(deleted="op"))
    assert all(changed(1, gone, later) is gone for later in (edited("milk"), thumb(), deleted()))


def test_what_quotes_a_message_follows_it():
    answer = changed(2, ANSWER, edited("milk"))
    assert answer.marks == Marks(re=1, quote=Quote("ann", "milk")) and answer.text == "yes"
    assert changed(2, ANSWER, deleted()).marks == Marks(re=1, quote=Quote("ann", ""))
    assert changed(3, thumb(), edited("milk")) == Reacted("tea", 2.0, "b", "b", 1, "👍", True, Quote("ann", "milk"))
    assert changed(3, thumb(), deleted()) == Reacted("tea", 2.0, "b", "b", 1, "", True, Quote("ann", ""))
    assert changed(3, edited("milk"), edited("tea")) == edited("tea")
    assert changed(3, edited("milk"), deleted()) == edited("")


def test_an_answer_that_is_deleted_still_says_what_it_was_about():
    assert changed(2, ANSWER, deleted(2)).marks == Marks(re=1, quote=QUOTE, deleted="op")


@pytest.mark.parametrize(
    "other",
    [
        (1, Joined("tea", 0.0, "a", "ann")),
        (2, SAID),
        (3, edited("milk", re=2)),
        (2, Said("tea", 0.0, "b", "bob", "yes", marks=Marks(re=3))),
        (4, deleted()),
    ],
)
def test_everything_else_stays_as_it_is(other):
    for change in (edited("x"), deleted(), thumb()):
        assert changed(*other, change) is other[1]
    assert changed(*other, SAID) is other[1]


def test_a_person_reacts_once_with_each_emoji_and_can_take_it_back():
    said: Event = SAID
    for change in (thumb("b"), thumb("c"), thumb("b"), thumb("b", "🎉")):
        said = changed(1, said, change)
    assert said.marks == Marks(reactions=(Reaction("👍", ("b", "c"), ("b", "c")), Reaction("🎉", ("b",), ("b",))))
    for change in (thumb("b", added=False), thumb("b", "🎉", added=False), thumb("x", added=False)):
        said = changed(1, said, change)
    assert said.marks == Marks(reactions=(Reaction("👍", ("c",), ("c",)),))


def test_reactions_are_bounded():
    reactions: tuple[Reaction, ...] = ()
    for n in range(MAX_EMOJI + 5):
        reactions = with_reaction(reactions, "a", "ann", chr(0x1F600 + n), added=True)
    assert len(reactions) == MAX_EMOJI
    for n in range(MAX_REACTIONS + 5):
        reactions = with_reaction(reactions, f"p{n}", "x", chr(0x1F600), added=True)
    assert sum(len(one.by) for one in reactions) == MAX_REACTIONS


def test_a_batch_that_nothing_has_changed_stays_with_its_renderings():
    batch = Batch("tea", 1, [SAID, ANSWER])

    assert all_changed(batch, [deleted(7)]) is batch
    assert [one.text for one in all_changed(batch, [edited("milk"), deleted(2)]).events] == ["milk", ""]
    assert batch.events[0] is SAID


def test_many_changes_of_many_lines_take_no_time_for_each_pair():
    """200 lines in memory and a batch of 500 changes were a quarter of a million calls in one turn of the reactor."""
    lines = [(seq, replace(SAID, text=str(seq))) for seq in range(1, 201)]
    changes = [replace(edited(f"new {n}"), re=1 + n % 400) for n in range(500)]
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        found = lines_changed(lines, changes)
    finally:
        sys.setprofile(None)
    assert [event.text for _, event in found] == [
        f"new {399 + seq if seq <= 100 else seq - 1}" for seq in range(1, 201)
    ]
    assert calls < 20 * len(lines)


@given(
    st.lists(
        st.sampled_from([edited("milk"), edited("tea"), edited("no", 2), deleted(), deleted(2), thumb(), thumb(re=2)]),
        max_size=8,
    )
)
def test_changes_together_do_what_they_do_one_after_the_other(changes):
    lines = [(1, SAID), (2, ANSWER)]
    one_by_one = lines
    for change in changes:
        one_by_one = [(seq, changed(seq, event, change)) for seq, event in one_by_one]
    assert lines_changed(lines, changes) == one_by_one


def test_what_an_event_is_about():
    assert [target_of(one) for one in (SAID, ANSWER, edited("x"), deleted(4), thumb())] == [None, 1, 1, 4, 1]
    assert changes_in([SAID, ANSWER, edited("x")]) == [edited("x")]


def test_of_a_message_that_is_no_longer_stored_nothing_is_left():
    assert without_target(edited("milk")) == edited("")
    assert without_target(ANSWER).marks == Marks(re=1)
    assert without_target(thumb()).quote is None and without_target(SAID) is SAID


def test_who_had_not_heard_of_a_change_quotes_its_outcome():
    batch = Batch("tea", 5, [ANSWER, edited("milk"), thumb(), SAID])

    gone = settled(batch, [edited("tea"), deleted()]).events
    assert gone[0].marks == Marks(re=1, quote=Quote("ann", "")) and gone[1] == edited("") and gone[2].emoji == ""
    again = settled(batch, [edited("tea")]).events
    assert again[0].marks == Marks(re=1, quote=Quote("ann", "tea")) and again[1:] == [
        edited("milk"),
        Reacted("tea", 2.0, "b", "b", 1, "👍", True, Quote("ann", "milk")),
        SAID,
    ]
    assert settled(Batch("tea", 5, [deleted(), ANSWER]), []).events[1].marks == Marks(re=1, quote=Quote("ann", ""))
    assert settled(batch, [deleted(3)]).events[0] is ANSWER
    assert settled(Batch("tea", 5, [ANSWER, SAID]), [deleted(3)]).events == [ANSWER, SAID]


def test_the_size_of_marks_counts_what_is_shown_with_a_message():
    assert size_of(Marks(re=1, quote=QUOTE, reactions=(Reaction("👍", ("b", "c"), ("bob", "cat")),))) == 9 + 7
