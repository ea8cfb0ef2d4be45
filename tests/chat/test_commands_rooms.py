"""Commands about rooms: join and leave, members, the topic, and history."""

from __future__ import annotations

import pytest

from chatroom.chat.command_table import ROWS_PER_PAGE
from chatroom.chat.commands.messages import Act, Whisper
from chatroom.chat.commands.moderation import Kick
from chatroom.chat.commands.room_settings import Private
from chatroom.chat.commands.rooms import (
    History,
    Join,
    Leave,
    ListPeople,
    ListRooms,
    Search,
    SetTopic,
)
from chatroom.chat.events import Joined, Said, TopicChanged
from chatroom.chat.fair_queue import ROWS_A_LINE
from chatroom.chat.ports import RecordChange
from chatroom.chat.refusals import BadInput, BadName, NotAllowed, NotHere
from chatroom.chat.replies import HistoryPage, Notice, Refused, RoomEntered, Rooms, SearchResults, Topic, Who
from chatroom.chat.rooms.search import PAGE

from .bare import START, BareHouse


@pytest.fixture
def ann(house):
    return house.join("ann", "dev")


@pytest.fixture
def bob(house, ann):
    return house.join("bob", "dev")


def test_in_and_out(ann):
    assert ann.answer(Join("tea"), RoomEntered).room == "tea"
    assert ann.answer(Leave(), Notice) and not ann.is_in("tea")
    assert ann.answer(Leave("#DEV"), Notice) and not ann.is_in("dev")
    assert ann.refusal(Leave()) == ann.refusal(Leave("dev")) == NotHere.code


@pytest.mark.parametrize(("page", "shown", "more"), [(1, ROWS_PER_PAGE, 1), (2, 1, 0), (3, 0, 0)])
def test_rooms_are_listed_by_pages(page, shown, more):
    house = BareHouse(rooms_per_session=ROWS_PER_PAGE + 1)
    ann = house.join("ann", *(f"r{number:03}" for number in range(ROWS_PER_PAGE + 1)))
    level = ann.session.budget.level
    found = ann.answer(ListRooms(page), Rooms)
    assert (len(found.rooms), found.page, found.more) == (shown, page, more)
    assert level - ann.session.budget.level == pytest.approx(shown / ROWS_A_LINE)


def test_people_are_listed_with_their_role_there(house, ann, bob):
    found = bob.answer(ListPeople(), Who)
    assert found.room == "dev" and (found.page, found.more) == (1, 0)
    assert [(line.nick, line.role) for line in found.people] == [("ann", "operator"), ("bob", "guest")]


def test_people_of_other_rooms_are_listed_unless_those_are_private_or_empty(house, ann, bob):
    carl = house.join("carl")
    assert [line.nick for line in carl.answer(ListPeople("#DEV"), Who).people] == ["ann", "bob"]
    assert carl.refusal(ListPeople("den")) == NotHere.code and carl.refusal(ListPeople("a b")) == BadName.code
    ann.asks(Private())
    assert carl.refusal(ListPeople("dev")) == NotHere.code and bob.answer(ListPeople("dev"), Who)
    carl.asks(Leave())
    assert carl.refusal(ListPeople()) == NotHere.code


def test_people_are_listed_by_pages(house, ann):
    for number in range(ROWS_PER_PAGE):
        house.join(f"p{number}", "dev")
    assert [ann.answer(ListPeople(None, page), Who).more for page in (1, 2)] == [1, 0]
    assert len(ann.answer(ListPeople(None, 2), Who).people) == 1


def test_the_topic_is_told_or_set(ann, bob):
    assert ann.asks(SetTopic()) == [Topic("dev", "")]
    [changed] = ann.asks(SetTopic("tea"))
    assert isinstance(changed, TopicChanged) and bob.asks(SetTopic()) == [Topic("dev", "tea")]
    assert bob.refusal(SetTopic("mine")) == NotAllowed.code
    ann.asks(SetTopic("-"))
    assert ann.asks(SetTopic()) == [Topic("dev", "")]


def texts(page):
    return [event.text for _, event in page.events]


def test_the_last_lines_are_shown_oldest_first(ann):
    ann.says(*map(str, range(5)))
    found = ann.answer(History(3), HistoryPage)
    assert (found.room, texts(found), found.more) == ("dev", ["2", "3", "4"], True)
    found = ann.answer(History(5), HistoryPage)
    assert texts(found) == ["0", "1", "2", "3", "4"]


def test_all_that_happened_or_only_what_was_said(ann):
    ann.says("one")
    ann.asks(SetTopic("tea"))
    ann.asks(Act("waves"))
    assert [type(event).type for _, event in ann.answer(History(), HistoryPage).events] == ["said", "acted"]
    found = ann.answer(History(4, all=True), HistoryPage)
    assert [type(event) for _, event in found.events][:3] == [Joined, Said, TopicChanged] and not found.more
    assert ann.answer(History(3, all=True), HistoryPage).more


def test_what_was_said_is_found_behind_much_that_was_not(ann):
    ann.says("early")
    for number in range(250):
        ann.asks(SetTopic(str(number)))
    found = ann.answer(History(1), HistoryPage)
    assert texts(found) == ["early"] and History() == History(20)


def test_what_is_older_than_a_seq(ann):
    ann.says(*map(str, range(5)))
    found = ann.answer(History(2, before=4), HistoryPage)
    assert [seq for seq, _ in found.events] == [2, 3] and texts(found) == ["0", "1"]


def test_what_is_older_than_a_time(house, ann):
    ann.says("early")
    house.advance(3600)
    ann.says("on the hour")
    found = ann.answer(History(5, "04:00"), HistoryPage)
    assert START % 86_400 == 3 * 3600 and texts(found) == ["early"]
    assert texts(ann.answer(History(5, "04:00:01"), HistoryPage)) == ["early", "on the hour"]
    assert ann.answer(History(5, "yesterday"), HistoryPage).earlier_than == "yesterday"
    assert ann.refusal(History(5, "soon")) == BadInput.code


def test_so_many_lines_at_a_time_and_no_more(house, ann):
    most = house.limits.page
    assert ann.refusal(History(most + 1)) == BadInput.code and ann.answer(History(most), HistoryPage)


def test_what_is_sealed_is_no_history_wherever_it_is_read_from(house, ann):
    ann.says(*map(str, range(300)))
    house.change_from_outside(RecordChange("dev", "seal", "upto", {"upto": 50}))
    found = ann.answer(History(3, before=55), HistoryPage)
    assert [seq for seq, _ in found.events] == [52, 53, 54] and found.more
    found = ann.answer(History(9, before=55), HistoryPage)
    assert [seq for seq, _ in found.events] == [51, 52, 53, 54] and not found.more
    assert texts(found) == ["49", "50", "51", "52"]


def test_conversations_have_a_history_for_their_two(house, ann, bob):
    ann.asks(Whisper("bob", "psst"))
    [name] = [name for name in ann.person.seats if name.startswith("@")]
    assert texts(bob.answer(History(room=name), HistoryPage)) == ["psst"]
    assert house.join("carl").refusal(History(room=name))


def test_who_is_put_out_while_it_is_read_is_shown_nothing(house, ann, bob):
    for number in range(300):
        ann.says(str(number))
    house.journal.seconds = 1.0
    bob.begins(History(5, before=50))
    ann.begins(Kick("bob"))
    house.advance(3)
    assert not bob.is_in("dev") and bob.shown(HistoryPage) == [] and bob.shown(Refused)[-1].code == NotHere.code


def test_a_search_shows_a_page_and_the_next_goes_on_where_it_ended(house, ann):
    ann.says(*(f"tea {number}" for number in range(PAGE + 3)))
    first, second, third = (ann.answer(Search(f"tea page:{page}"), SearchResults) for page in (1, 2, 3))
    assert texts(first) == [f"tea {number}" for number in range(PAGE + 2, 2, -1)]
    assert texts(second) == ["tea 2", "tea 1", "tea 0"] and texts(third) == []
    assert [(found.page, found.more, found.words) for found in (first, second, third)] == [
        (1, True, "tea"),
        (2, False, "tea"),
        (3, False, "tea"),
    ]
