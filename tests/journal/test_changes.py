"""Changes of messages: every journal gives their outcome, however it is read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.event import Marks, Quote, Reaction
from chatroom.chat.events import Acted, Event, Joined, Said, Whispered
from chatroom.chat.outcomes import target_of
from chatroom.chat.ports import Query, RetentionLimit
from chatroom.journal.offline import check

from .stand_ins import Desk, MemoryDesk, PostgresDesk


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def desk(request, tmp_path):
    if request.param == "memory":
        made = MemoryDesk()
    elif request.param == "sqlite":
        made = Desk(tmp_path / "data")
    else:
        made = PostgresDesk(request.getfixturevalue("postgres").database())
    with made as desk:
        yield desk
        if request.param == "sqlite":
            assert check(desk.folder) == []


def said(text: str, nick: str = "ann", re: int | None = None) -> Said:
    marks = None if re is None else Marks(re=re, quote=Quote("ann", "whatever it was"))
    return Said("tea", 1.0, f"id-{nick}", nick, text, marks=marks)


def edited(re: int, text: str) -> Edited:
    return Edited("tea", 2.0, "id-ann", "ann", re, text)


def deleted(re: int, nick: str = "op") -> Deleted:
    return Deleted("tea", 3.0, f"id-{nick}", nick, re, "ann", by_author=False, reason="a password")


def thumb(re: int, nick: str = "bob", *, added: bool = True) -> Reacted:
    return Reacted("tea", 4.0, f"id-{nick}", nick, re, "👍", added, Quote("ann", "whatever it was"))


def found(desk, *words: str, nick: str = "") -> list[int]:
    query = Query(tuple((word,) for word in words), ("tea",), nick=nick)
    return [seq for seq, _ in desk.now(desk.journal.search(query))]


def test_a_message_reads_as_it_was_edited_last_and_is_found_by_that(desk):
    desk.write(said("the secret word"), said("zwei"))
    assert found(desk, "secret") == [1]
    desk.write(edited(1, "the milk"))
    desk.write(edited(1, "the tea is grün"))

    once = Said("tea", 1.0, "id-ann", "ann", "the tea is grün", marks=Marks(edited=True))
    last = edited(1, "the tea is grün")
    assert desk.read("tea") == [(1, once), (2, said("zwei")), (3, last), (4, last)]
    assert found(desk, "secret") == found(desk, "milk") == [] and found(desk, "grün") == found(desk, "the") == [1]
    assert list(desk.now(desk.journal.before("tea", 3, 2))) == [(1, once), (2, said("zwei"))]


def test_what_is_edited_before_it_is_indexed_is_found_too(desk):
    desk.write(said("the secret word"), edited(1, "the milk"), said("drei"), deleted(3))

    assert found(desk, "secret") == found(desk, "drei") == [] and found(desk, "milk") == [1]
    assert found(desk, nick="ann") == [1]


def test_of_a_deleted_message_only_stays_who_deleted_it(desk):
    desk.write(said("the secret"), said("yes", "bob", re=1), thumb(1), edited(1, "the secret word"))
    found(desk, "secret")
    desk.write(deleted(1))

    gone = Said("tea", 1.0, "id-ann", "ann", "", marks=Marks(deleted="op"))
    answer = Said("tea", 1.0, "id-bob", "bob", "yes", marks=Marks(re=1, quote=Quote("ann", "")))
    reaction = Reacted("tea", 4.0, "id-bob", "bob", 1, "", True, Quote("ann", ""))
    assert [event for _, event in desk.read("tea")] == [gone, answer, reaction, edited(1, ""), deleted(1)]
    assert found(desk, "secret") == [] and found(desk, nick="ann") == [] and found(desk, nick="bob") == [2]


def test_what_is_deleted_stays_so(desk):
    desk.write(said("secret"), deleted(1, "op"), edited(1, "milk"), thumb(1), deleted(1, "ann"))

    events = [event for _, event in desk.read("tea")]
    assert events[0] == Said("tea", 1.0, "id-ann", "ann", "", marks=Marks(deleted="op"))
    assert events[2] == edited(1, "") and events[3].emoji == ""
    assert found(desk, "milk") == []


def test_quotes_and_reactions_are_read_with_the_message(desk):
    desk.write(said("hello everyone, how are you doing today?", "ann"), said("fine", "bob", re=1))
    desk.write(thumb(1), thumb(1, "cat"), thumb(1, added=False))

    first, answer, *reactions = [event for _, event in desk.read("tea")]
    assert first.marks == Marks(reactions=(Reaction("👍", ("id-cat",), ("cat",)),))
    assert answer.marks == Marks(re=1, quote=Quote("ann", "hello everyone, how are you doing today?"))
    assert [(one.nick, one.added, one.quote) for one in reactions] == [
        ("bob", True, answer.marks.quote),
        ("cat", True, answer.marks.quote),
        ("bob", False, answer.marks.quote),
    ]
    [(_, shown)] = desk.now(desk.journal.search(Query((("fine",),), ("tea",))))
    assert shown == answer


def test_private_messages_and_actions_are_changed_alike(desk):
    room = "@id-ann:id-bob"
    desk.write(Whispered(room, 1.0, "id-ann", "ann", "secret", "bob"), Acted(room, 1.0, "id-ann", "ann", "waves"))
    desk.write(
        Edited(room, 2.0, "id-ann", "ann", 2, "smiles"), Deleted(room, 2.0, "id-ann", "ann", 1, "ann", by_author=True)
    )

    first, second = [event for _, event in desk.read(room)][:2]
    assert (first.text, first.to, first.marks) == ("", "bob", Marks(deleted="ann"))
    assert (second.text, second.marks) == ("smiles", Marks(edited=True))
    query = Query((("smiles",),), (), party="id-bob")
    assert [seq for seq, _ in desk.now(desk.journal.search(query))] == [2]


def test_what_cannot_be_changed_stays_as_it_is(desk):
    joined = Joined("tea", 1.0, "id-ann", "ann")
    desk.write(joined, edited(1, "x"), deleted(1), thumb(1), edited(99, "x"), deleted(99))

    assert desk.read("tea")[0] == (1, joined)


def test_of_a_message_that_was_removed_nothing_is_quoted(desk):
    desk.write(said("secret"), said("yes", "bob", re=1), edited(1, "milk"), thumb(1), said("end"))
    removed = desk.journal.trim("tea", RetentionLimit(events=4))
    desk.rest(0.1)
    assert removed.result == 1
    desk.write(edited(1, "too late"), deleted(1))

    answer, change, reaction, *_ = [event for _, event in desk.read("tea")]
    assert answer.marks == Marks(re=1) and change.text == "" and reaction.quote is None


TEXTS = ["secret", "milk and tea", "grün", "東京", "a1"]
CHANGES = st.one_of(
    st.builds(said, st.sampled_from(TEXTS), st.sampled_from(["ann", "bob"]), st.none() | st.integers(1, 6)),
    st.builds(edited, st.integers(1, 6), st.sampled_from(TEXTS)),
    st.builds(deleted, st.integers(1, 6)),
    st.builds(thumb, st.integers(1, 6), st.sampled_from(["bob", "cat"]), added=st.booleans()),
)


@settings(max_examples=60, deadline=None)
@pytest.mark.slow
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=4), max_size=6))
def test_all_journals_give_the_same_outcome(tmp_path_factory, postgres, commits: list[list[Event]]):
    with (
        Desk(tmp_path_factory.mktemp("data")) as desk,
        PostgresDesk(postgres.database()) as database,
        MemoryDesk() as memory,
    ):
        messages: list[bool] = []
        for events in commits:
            for event in events:
                # The house lets nobody answer or change anything but a message.
                target = target_of(event)
                if target is None or (target <= len(messages) and messages[target - 1]):
                    for one in (desk, database, memory):
                        one.write(event)
                    messages.append(isinstance(event, Said))
            for text in TEXTS:
                hits = [sorted(found(one, *text.split())) for one in (desk, database, memory)]
                assert hits[0] == hits[1] == hits[2]
        assert desk.read("tea") == database.read("tea") == memory.read("tea")
        assert check(desk.folder) == []
