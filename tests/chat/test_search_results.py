"""Search results: rooms, authors, dates, and pages."""

from __future__ import annotations

import pytest
from twisted.internet.defer import fail

from chatroom.chat.commands.messages import Act, Whisper
from chatroom.chat.commands.moderation import Ban
from chatroom.chat.commands.room_settings import Private
from chatroom.chat.commands.rooms import Join, Leave, Search
from chatroom.chat.ports import Busy, RecordChange, TookTooLong
from chatroom.chat.refusals import BadInput, BadName, NotHere, NotNow, TooSlow
from chatroom.chat.replies import SearchResults
from chatroom.chat.rooms import search
from chatroom.chat.rooms.search import PAGE


@pytest.fixture
def ann(house):
    return house.join("ann", "dev", "tea")


def found(person, words):
    """The results of searching for *words*, newest first."""
    results = person.answer(Search(words), SearchResults)
    return [(event.room, event.text) for _, event in results.events]


def test_all_rooms_where_one_is_are_searched_newest_first(house, ann):
    ann.says("green tea", room="dev")
    house.advance(1)
    ann.says("black tea", room="tea")
    house.join("bob", "den").says("no tea")
    assert found(ann, "tea") == [("tea", "black tea"), ("dev", "green tea")]
    assert found(ann, "green tea") == [("dev", "green tea")]


def test_one_room_can_be_searched_without_being_in_it(house, ann):
    bob = house.join("bob", "den")
    bob.says("tea")
    ann.says("tea", room="dev")
    ann.asks(Whisper("bob", "tea"))
    assert found(ann, "tea in:#DEN") == [("den", "tea")], "and nothing else"


def test_rooms_that_may_not_be_read_are_refused_and_private_ones_are_not_there(house, ann):
    bob = house.join("bob", "den")
    bob.says("tea")
    bob.asks(Ban("ann"))
    assert ann.refusal(Search("tea in:den")) == NotHere.code
    carl = house.join("carl")
    bob.asks(Private())
    assert found(carl, "tea in:den") == [] == found(carl, "tea in:nowhere")
    assert house.hub.rooms.get("nowhere") is None and carl.refusal(Search("tea in:a/b")) == BadName.code


def test_conversations_that_are_not_open_now_are_searched(house):
    ann, bob = house.owner("ann"), house.join("bob")
    ann.asks(Whisper("bob", "secret tea"))
    house.hub.end(ann.session, "bye")
    house.hub.end(bob.session, "bye")

    assert [text for _, text in found(house.owner("ann"), "tea")] == ["secret tea"]


def test_conversations_are_searched_by_their_two(house, ann):
    bob, carl = house.join("bob"), house.join("carl")
    ann.asks(Whisper("bob", "secret tea"))
    for person in (ann, bob):
        assert [text for _, text in found(person, "tea")] == ["secret tea"]
    assert found(carl, "tea") == []


def test_whose_words_and_which_day(house, ann):
    bob = house.join("bob", "dev")
    ann.says("tea", room="dev")
    house.advance(3600)
    bob.asks(Act("drinks tea"))
    assert found(ann, "from:BOB") == [("dev", "drinks tea")] == found(ann, "tea after:03:30")
    assert found(ann, "tea before:03:30") == [("dev", "tea")] == found(ann, "tea from:ann")
    assert found(ann, "tea after:04:00") == [("dev", "drinks tea")], "from that moment on"
    assert found(ann, "tea before:04:00") == [("dev", "tea")], "not at it"


@pytest.mark.parametrize("words", ["", "...", "in:dev", "before:today", "page:2"])
def test_something_is_searched_for(ann, words):
    assert ann.refusal(Search(words)) == BadInput.code


@pytest.mark.parametrize("option", ["page:0", "page:501", "page:x", "page:-1", "page:000001", 'from:""', "after:soon"])
def test_an_option_must_be_one(ann, option):
    assert ann.refusal(Search(f"tea {option}")) == BadInput.code


def test_the_last_page_is_one(ann):
    assert ann.answer(Search("tea page:500"), SearchResults).page == 500


@pytest.mark.parametrize(("count", "more"), [(PAGE, False), (PAGE + 1, True)])
def test_there_is_more_if_there_is_more_than_a_page(ann, count, more):
    ann.says(*["tea"] * count)
    results = ann.answer(Search("  tea   page:1 "), SearchResults)
    assert (len(results.events), results.more, results.words, results.page) == (PAGE, more, "tea", 1)


def test_what_is_sealed_is_not_found(house, ann):
    ann.says("one tea", "two tea", room="dev")
    house.change_from_outside(RecordChange("dev", "seal", "upto", {"upto": 2}))
    assert found(ann, "tea") == found(ann, "tea in:dev") == [("dev", "two tea")]


def test_who_looks_into_a_room_lets_go_of_it(house, ann):
    bob = house.join("bob", "den")
    bob.says("tea")
    bob.asks(Leave())
    assert found(ann, "tea in:den") == [("den", "tea")] and house.hub.rooms.get("den") is None
    bob.asks(Join("dev"))


@pytest.mark.parametrize("indexing", [True, False])
def test_a_search_says_whether_old_messages_are_still_being_indexed(house, ann, indexing):
    house.journal.indexing = indexing
    assert ann.answer(Search("tea"), SearchResults).indexing is indexing


@pytest.mark.parametrize(
    ("error", "code", "cost"),
    [(TookTooLong("too much to look at"), TooSlow.code, search._LATE), (Busy(), NotNow.code, 0)],
)
def test_a_search_that_comes_to_nothing_is_refused_and_a_slow_one_is_paid_for(house, ann, error, code, cost):
    house.journal.search = lambda query: fail(error)
    level = ann.session.budget.level
    assert ann.refusal(Search("tea")) == code
    assert level - ann.session.budget.level == pytest.approx(cost)


def test_what_is_found_is_paid_for_by_its_length(house, ann):
    ann.says(*["tea " + "x" * 4000] * 4)
    level = ann.session.budget.level
    assert len(found(ann, "tea")) == 4
    assert level - ann.session.budget.level == pytest.approx(1 + 4 * 4004 / search._TEXT)
