"""Who may change which message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.event import Marks, Reaction
from chatroom.chat.events import Joined, Said
from chatroom.chat.outcomes import MAX_EMOJI, MAX_REACTIONS
from chatroom.chat.refusals import BadInput, NotAllowed, TooMany
from chatroom.chat.rules.message_changes import Message, check_delete, check_edit, message, reaction_of
from chatroom.chat.rules.roles import Role

SAID = Said("tea", 100.0, "a", "ann", "hello")
DAY = 86_400.0


@pytest.mark.parametrize(
    ("seq", "event", "why"),
    [
        (0, None, "There is no message 0 here."),
        (-3, None, "There is no message -3 here."),
        (10, None, "There is no message 10 here."),
        (2, SAID, "Message 2 is too old: it is no longer stored."),
        (5, None, "Message 5 is too old: it is no longer stored."),
        (5, Joined("tea", 0.0, "a", "ann"), "5 is not a message that somebody wrote."),
        (5, replace(SAID, text="", marks=Marks(deleted="ann")), "Message 5 has been deleted."),
    ],
)
def test_each_target_that_cannot_be_changed_has_its_refusal(seq, event, why):
    with pytest.raises(BadInput) as refused:
        message(seq, newest=9, oldest=3, event=event)
    assert str(refused.value) == why


def test_what_is_there_can_be_changed():
    assert message(3, 9, 3, SAID) is SAID and message(9, 9, 3, SAID) is SAID


@pytest.mark.parametrize(
    ("own", "now", "within", "why"),
    [
        ({"b"}, 100.0, DAY, "only your own"),
        ({"a"}, 101.0 + DAY, DAY, "only for 1 day"),
        ({"a"}, 100.0, 0.0, "can't be edited"),
    ],
)
def test_an_edit_is_for_the_author_and_for_a_day(own, now, within, why):
    with pytest.raises(NotAllowed, match=why):
        check_edit(SAID, own, now, within)


def test_the_author_may_edit_and_delete():
    check_edit(SAID, {"a", "b"}, 100.0 + DAY, DAY)
    check_delete(SAID, {"a"}, Role.GUEST)


@pytest.mark.parametrize("role", Role)
def test_others_may_delete_as_operators_and_admins(role):
    if role >= Role.OPERATOR:
        check_delete(SAID, {"b"}, role)
    else:
        with pytest.raises(NotAllowed, match="only your own"):
            check_delete(SAID, {"b"}, role)


def of(target: Message, by: str, emoji: str) -> str | None:
    return reaction_of(target, emoji, lambda who, nick: who == by)


def test_a_reaction_is_added_and_taken_back_and_bounded():
    assert of(SAID, "b", "👍") is None
    one = replace(SAID, marks=Marks(reactions=(Reaction("👍", ("b",), ("bob",)),)))
    assert of(one, "b", "👍") == "bob" and of(one, "c", "👍") is None and of(one, "b", "🎉") is None

    many = tuple(Reaction(chr(0x1F600 + n), ("b",), ("bob",)) for n in range(MAX_EMOJI))
    full = replace(SAID, marks=Marks(reactions=many))
    assert of(full, "c", many[0].emoji) is None
    with pytest.raises(TooMany, match="different"):
        of(full, "c", "👍")

    crowd = tuple(f"p{n}" for n in range(MAX_REACTIONS))
    loved = replace(SAID, marks=Marks(reactions=(Reaction("👍", crowd, crowd),)))
    assert of(loved, "p3", "👍") == "p3"
    with pytest.raises(TooMany, match="at most"):
        of(loved, "c", "👍")
