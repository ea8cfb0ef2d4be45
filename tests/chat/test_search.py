"""Search: queries, and limits on heavy users."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock

from chatroom.chat.ports import Busy, TookTooLong
from chatroom.chat.refusals import TooLong
from chatroom.chat.syntax import search_query
from chatroom.journal.memory import MemoryJournal
from tests.house import START, House, JsonPerson


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("w " * 17, "!! A search has at most 16 words; this one has 17."),
        (f'"{"w " * 17}"', "!! A search has at most 16 words; this one has 17."),
        ("_".join("w" * 17), "!! A search has at most 16 words; this one has 17."),
        ("w" * 65, "!! A word of a search has at most 64 characters."),
        (f"tea from:{'w' * 65}", "!! A word of a search has at most 64 characters."),
        (f'tea in:"{"w " * 40}"', "!! A word of a search has at most 64 characters."),
        ("é" * 1001, "!! A search has at most 1000 characters."),
    ],
)
def test_a_search_is_bounded_where_it_comes_in(typed, refusal):
    journal = Held()
    house = House(journal=journal, clock=journal.clock)
    ann = house.join("ann")
    ann.types(f"/search {typed}")
    assert ann.lines[-1] == refusal
    assert journal.queries == []


def test_what_is_within_the_bounds_is_searched_for():
    house = House()
    ann = house.join("ann")
    text = " ".join(f"w{n}" + "x" * 40 for n in range(16))
    ann.types(text, f"/search {text} from:ann before:2099-01-01 after:yesterday page:1")
    assert ann.lines[-1].endswith(text) or ann.heard_of(text)


@given(st.text(st.sampled_from('ab":_ \u0301from:in:page:'), max_size=1100))
def test_whatever_is_typed_is_taken_apart_or_refused(typed):
    try:
        asked = search_query.parse_query(typed)
    except TooLong:
        return
    words = [word for term in asked.terms for word in term]
    assert len(words) <= search_query.WORDS
    assert all(len(word) <= search_query.WORD for word in (*words, *asked.options.values()))


class Held(MemoryJournal):
    """A journal that answers searches on command."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.rightNow = START
        super().__init__(self.clock.callLater, secret=b"s" * 32)
        self.held: Deferred | None = None
        self.queries: list = []

    def search(self, query):
        self.queries.append(query)
        if self.held is None:
            return super().search(query)
        return self.held.addCallback(lambda _: super(Held, self).search(query))


@pytest.fixture
def journal():
    return Held()


@pytest.fixture
def house(journal):
    return House(journal=journal, clock=journal.clock)


@pytest.mark.parametrize(
    ("error", "code"),
    [(TookTooLong("the search took too long"), "too_slow"), (Busy("too many"), "not_now")],
)
def test_a_search_that_is_given_up_or_comes_at_a_bad_moment_is_refused_in_one_line(house, journal, error, code):
    journal.held = fail(error)
    ann = house.join("ann", JsonPerson)
    [refused] = ann.asks("search", words="tea", ref="1")
    assert (refused["type"], refused["code"], refused["ref"]) == ("refused", code, "1")
    assert "\n" not in refused["text"]


@pytest.mark.parametrize("where", ["", " in:tea"])
def test_who_is_banned_from_a_room_while_they_search_reads_nothing_more_of_it(house, journal, where):
    ann, bob = house.join("ann"), house.join("bob")
    ann.types("/join tea", "a secret")
    bob.types("/join tea")
    journal.held = held = Deferred()
    bob.forget()
    bob.types(f"/search secret{where}")
    ann.types("/ban bob")
    held.callback(None)
    house.settle()
    assert not bob.heard_of("a secret")
    assert bob.lines[-1].startswith(("-- No results", "!! "))


def test_everything_is_searched_that_one_takes_part_in_and_searches_take_turns_by_place(house, journal):
    ann, bob = house.join("ann"), house.join("bob")
    ann.types("/msg bob psst tea", "tea for all")
    house.join("eve").types("/join attic", "tea in the attic")
    for person in (ann, bob):
        person.forget()
        person.types("/search tea")
        assert person.heard_of("psst tea") and person.heard_of("tea for all")
        assert not person.heard_of("attic")
    assert {query.asker for query in journal.queries} == {""}
