"""Room history: the latest events in memory, older ones from the journal, shared pages."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, succeed

from chatroom.chat.changes import Deleted
from chatroom.chat.event import Marks, Quote
from chatroom.chat.events import Batch, Joined, Said
from chatroom.chat.replies import HistoryPage
from chatroom.chat.rooms.history import KEPT, PAGE, PAGE_TEXT, REPLY_TEXT, TAIL, RoomHistory

SIZES = [10, 10, PAGE_TEXT, 10, PAGE_TEXT // 4, 10, PAGE_TEXT // 2, 10]
"""Characters in some lines, of which the newest five fit into a page."""


class Shelf:
    """A journal of one room that counts how often it is read."""

    def __init__(self, events: int, first: int = 1, text: str = "hello") -> None:
        self.events = [Said("tea", float(seq), "a", "ann", text) for seq in range(first, events + 1)]
        self.first = first
        self.reads = 0

    def after(self, room: str, seq: int, limit: int) -> Deferred[Batch]:
        self.reads += 1
        start = max(seq + 1, self.first)
        return succeed(Batch(room, start, self.events[start - self.first : start - self.first + limit]))

    def before(self, room: str, seq: int, limit: int) -> Deferred[Batch]:
        self.reads += 1
        start = max(seq - limit, self.first)
        return succeed(Batch(room, start, self.events[start - self.first : max(0, seq - self.first)]))

    def past(self, last: int) -> RoomHistory:
        """The room as it was when *last* was the last event shown."""
        return RoomHistory(self, "tea", last, self.events[: last - self.first + 1][-TAIL:])


def result(task: Coroutine[object, object, Batch]) -> Batch:
    results: list[Batch] = []
    Deferred.fromCoroutine(task).addCallback(results.append)
    return results[0]


def read_all(past: RoomHistory, seq: int) -> list[Batch]:
    pages = []
    while seq < past.last:
        pages.append(result(past.after(seq)))
        seq = pages[-1].last
    return pages


def test_what_is_sealed_is_not_read_from_anywhere():
    shelf = Shelf(1111)
    past = shelf.past(1111)
    past.seal(700)

    assert [event for page in read_all(past, 77) for event in page.events] == shelf.events[700:]
    assert past.position(77) == 700 and past.position(800) == 800 and past.position(2000) == 1111
    assert [seq for seq, _ in past.recent(500, 1111)] == list(range(912, 1112))


def test_reading_on_gives_everything_once_and_in_order():
    shelf = Shelf(1111)
    past = shelf.past(1111)
    pages = read_all(past, 77)
    assert [event for page in pages for event in page.events] == shelf.events[77:]
    assert [page.first for page in pages] == [78, 201, 401, 601, 801, 1001]


def test_a_crowd_reads_each_page_once():
    shelf = Shelf(2000)
    past = shelf.past(2000)
    read_all(past, 0)
    reads = shelf.reads
    for seq in (PAGE, 2 * PAGE, 3 * PAGE):
        assert read_all(past, seq)
    assert shelf.reads == reads


def test_a_page_is_the_same_object_for_everyone():
    past = Shelf(2000).past(2000)
    assert result(past.after(PAGE)) is result(past.after(PAGE))


def test_only_so_many_pages_are_kept():
    shelf = Shelf((KEPT + 5) * PAGE)
    past = shelf.past(len(shelf.events))
    read_all(past, 0)
    reads = shelf.reads
    assert result(past.after(0)).first == 1
    assert shelf.reads == reads + 1


def test_what_is_at_hand_is_not_read():
    shelf = Shelf(1000)
    past = shelf.past(1000)
    assert result(past.after(950)).events == shelf.events[950:]
    assert shelf.reads == 0


def test_what_the_journal_holds_but_was_not_shown_is_still_to_come():
    past = Shelf(1000).past(710)
    assert result(past.after(500)).last == 600
    assert result(past.after(600)).last == 710


def test_what_is_gone_shows_as_a_later_first():
    past = Shelf(1000, first=450).past(1000)
    assert result(past.after(10)).first == 450


def test_when_nothing_is_left_the_page_is_empty_and_reaches_to_the_end():
    shelf = Shelf(1000)
    past = shelf.past(1000)
    shelf.events, shelf.first = [], 1001
    page = result(past.after(10))
    assert (page.first, page.last, len(page)) == (1001, 1000, 0)


def test_a_page_of_long_lines_has_fewer():
    past = Shelf(1000, text="x" * 4096).past(1000)
    for seq in (0, 900):
        page = result(past.after(seq))
        assert 0 < sum(len(event.text) for event in page.events) <= PAGE_TEXT


def test_a_line_longer_than_a_page_is_a_page():
    past = Shelf(1000, text="x" * (PAGE_TEXT + 1)).past(1000)
    assert len(result(past.after(0))) == 1


async def no_work(lines: float) -> None:
    """Work that costs nothing."""


def page(past: RoomHistory, count: int, before: int | None = None, *, talk_only: bool = True) -> HistoryPage:
    return result(past.history(count, before, no_work, talk_only=talk_only))


def test_the_newest_lines_below_a_seq_are_shown_oldest_first() -> None:
    past = Shelf(10).past(8)
    assert [seq for seq, _ in page(past, 3).events] == [6, 7, 8], "what was not shown yet is not history"
    assert [seq for seq, _ in page(past, 3, 4).events] == [1, 2, 3]
    assert [seq for seq, _ in page(past, 3, 99).events] == [6, 7, 8]
    assert [page(past, count, 4).more for count in (2, 3)] == [True, False]


@pytest.mark.parametrize("before", [1, 0, -5])
def test_below_the_first_line_there_is_nothing(before) -> None:
    found = page(Shelf(10).past(10), 3, before)
    assert (found.events, found.more) == ((), False)


def test_a_reply_has_so_many_characters_and_one_line_at_least() -> None:
    past = Shelf(10, text="x" * (REPLY_TEXT // 2)).past(10)
    assert [seq for seq, _ in page(past, 5).events] == [9, 10] and page(past, 5).more
    longer = Shelf(10, text="x" * (REPLY_TEXT // 2 + 1)).past(10)
    assert [seq for seq, _ in page(longer, 5).events] == [10]
    assert [seq for seq, _ in page(Shelf(10, text="x" * REPLY_TEXT * 2).past(10), 5).events] == [10]


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([1, REPLY_TEXT // 3, REPLY_TEXT * 2])), max_size=12),
    st.integers(1, 5),
    st.booleans(),
)
def test_each_page_goes_on_where_the_last_one_began(
    lines: list[tuple[bool, int]], count: int, talk_only: bool
) -> None:
    shelf = Shelf(len(lines))
    for place, (talk, size) in enumerate(lines):
        said, came = Said("tea", 0.0, "a", "ann", "x" * size), Joined("tea", 0.0, "a", "ann")
        shelf.events[place] = said if talk else came
    past, before, shown = shelf.past(len(lines)), None, []
    while True:
        found = page(past, count, before, talk_only=talk_only)
        shown = [*[seq for seq, _ in found.events], *shown]
        if not found.more:
            break
        assert 1 <= found.first < (len(lines) + 1 if before is None else before)
        before = found.first
    assert shown == [seq for seq, (talk, _) in enumerate(lines, 1) if talk or not talk_only]


@pytest.mark.parametrize(("comings", "reads", "first"), [(2_500, 13, 1), (30_000, 100, 10_002)])
def test_what_was_said_before_thousands_came_and_went_is_looked_for(comings: int, reads: int, first: int) -> None:
    shelf = Shelf(1)
    shelf.events += [Joined("tea", 0.0, "a", "ann")] * comings
    past, costs = shelf.past(1 + comings), []

    async def work(lines: float) -> None:
        costs.append(lines)

    found = result(past.history(20, None, work, talk_only=True))
    assert (len(found.events), found.more, found.first) == (int(first == 1), first > 1, first)
    assert len(costs) == reads, "each page is paid for"
    assert [seq for seq, _ in page(past, 20, found.first).events] == ([1] if found.more else [])


def test_what_somebody_who_comes_in_is_shown_fits_into_a_page() -> None:
    past = Shelf(10, text="x" * (PAGE_TEXT // 2)).past(10)
    assert [seq for seq, _ in past.recent(5, 10)] == [9, 10]
    assert [seq for seq, _ in past.recent(5, 9)] == [8, 9] and past.recent(5, 0) == ()


@given(st.lists(st.tuples(st.sampled_from(["said", "joined", "looked"]), st.integers(0, 12), st.integers(1, 4))))
def test_the_end_is_the_same_whether_or_not_somebody_was_shown_it_before(steps) -> None:
    past, plain = Shelf(3).past(3), Shelf(3).past(3)
    for what, back, count in steps:
        if what == "looked":
            found, again = (past.recent(count, max(0, past.last - back)) for _ in range(2))
            plain.forget_below(0)
            assert found is again and found == plain.recent(count, max(0, past.last - back))
            continue
        seq = past.last + 1
        event = Said("tea", 0.0, "a", "ann", "hi") if what == "said" else Joined("tea", 0.0, "a", "ann")
        for one in (past, plain):
            one.extend(Batch("tea", seq, [event]))


def test_who_comes_in_after_others_is_shown_the_very_same_lines() -> None:
    past = Shelf(10).past(10)
    before = past.recent(5, 10)
    past.extend(Batch("tea", 11, [Joined("tea", 0.0, "a", "ann")]))
    assert past.recent(5, 11) is before
    past.extend(Batch("tea", 12, [Said("tea", 0.0, "a", "ann", "hi")]))
    assert past.recent(5, 11) is before and [seq for seq, _ in past.recent(5, 12)] == [7, 8, 9, 10, 12]


def test_only_talk_is_shown_where_only_that_is_asked_for() -> None:
    shelf = Shelf(6)
    for seq in (3, 5, 6):
        shelf.events[seq - 1] = Joined("tea", float(seq), "a", "ann")
    past = shelf.past(6)
    assert [seq for seq, _ in page(past, 2).events] == [2, 4] == [seq for seq, _ in past.recent(2, 6)]
    assert [seq for seq, _ in page(past, 2, talk_only=False).events] == [5, 6]


@given(st.integers(0, 12), st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_the_first_event_at_or_after_a_moment_is_found(moment: int, times: list[int]) -> None:
    shelf = Shelf(len(times))
    shelf.events = [Said("tea", float(at), "a", "ann", "hello") for at in sorted(times)]
    expected = sum(at < moment for at in times) + 1
    assert result(shelf.past(len(times)).seq_at(float(moment))) == expected


def test_a_moment_is_found_in_a_long_history_in_a_few_reads() -> None:
    shelf = Shelf(1000)
    shelf.events = [Said("tea", float(at), "a", "ann", "hello") for at in range(1000)]
    assert result(shelf.past(1000).seq_at(700.0)) == 701
    assert shelf.reads <= 10


def test_no_moment_is_before_what_is_sealed_or_after_what_was_shown() -> None:
    past = Shelf(10).past(8)
    past.seal(3)
    assert result(past.seq_at(0.0)) == 4 and result(past.seq_at(99.0)) == 9


def test_one_reads_on_where_one_was_within_what_is_shown() -> None:
    past = Shelf(10).past(8)
    assert [past.position(seq) for seq in (0, 5, 8, 9)] == [0, 5, 8, 8]
    past.seal(3)
    assert [past.position(seq) for seq in (0, 3, 4, 9)] == [3, 3, 4, 8]


def test_what_is_forgotten_is_at_hand_no_more() -> None:
    shelf = Shelf(10)
    past = shelf.past(10)
    past.forget_below(6)
    assert [seq for seq, _ in past.recent(9, 10)] == [6, 7, 8, 9, 10] and past.last_at == 10.0
    past.forget_below(11)
    assert past.recent(9, 10) == () and past.last_at == 0.0


def test_of_pages_only_those_below_are_forgotten() -> None:
    shelf = Shelf(1000)
    past = shelf.past(1000)
    read_all(past, 0)
    past.forget_below(PAGE + 1)
    before = shelf.reads
    result(past.after(PAGE))
    assert shelf.reads == before

    result(past.after(0))
    assert shelf.reads == before + 1


def test_a_reply_has_as_many_of_the_newest_lines_as_fit() -> None:
    shelf = Shelf(8)
    shelf.events = [replace(event, text="x" * size) for event, size in zip(shelf.events, SIZES, strict=True)]
    shown = shelf.past(8).recent(8, 8)
    assert [len(event.text) for _, event in shown] == SIZES[3:], "the next one would be too much"


def test_who_reads_on_where_nothing_is_kept_has_read_up_to_what_was_shown() -> None:
    shelf = Shelf(300)
    past = shelf.past(300)
    shelf.events, shelf.first = [], 0
    found = result(past.after(7))
    assert (found.first, found.last, len(found)) == (301, 300, 0)


SECRET = Said("tea", 1.0, "a", "ann", "secret")


def deletion(past: RoomHistory, seq: int) -> None:
    """Delete the message *seq*, as the next event that is shown."""
    past.extend(Batch("tea", past.last + 1, [Deleted("tea", 2.0, "o", "op", seq, "ann", by_author=False)]))


@pytest.mark.parametrize("seq", [250, 1100])
def test_what_is_deleted_is_in_no_page_that_was_kept(seq):
    shelf = Shelf(1111)
    past = shelf.past(1111)
    read_all(past, 0)
    # As the journal is by then.
    shelf.events[seq - 1] = replace(shelf.events[seq - 1], text="", marks=Marks(deleted="op"))
    deletion(past, seq)

    events = dict(numbered for page in read_all(past, 0) for numbered in page)
    assert events[seq].text == "" and events[seq + 1].text == "hello" and len(events) == 1112
    assert all(event.text == "" for number, event in past.recent(500, 1111) if number == seq)


def test_what_is_deleted_while_a_page_is_read_is_not_in_it():
    shelf = Shelf(1111)
    past = shelf.past(1111)
    waiting: list[Deferred[None]] = []
    at_once = shelf.after

    async def slowly(*asked) -> Batch:
        page = await at_once(*asked)
        waiting.append(Deferred())
        await waiting[-1]
        return page

    shelf.after = shelf.before = slowly
    pages: list[Batch] = []
    shown: list[HistoryPage] = []

    async def at_no_cost(_: float) -> None: ...

    Deferred.fromCoroutine(past.after(200)).addCallback(pages.append)
    Deferred.fromCoroutine(past.history(50, 300, at_no_cost, talk_only=True)).addCallback(shown.append)
    deletion(past, 299)
    for one in waiting:
        one.callback(None)

    assert dict(pages[0])[299].text == "" and dict(pages[0])[298].text == "hello"
    del shelf.after
    assert dict(result(past.after(200)))[299].text == "", "nor is it kept"


def test_who_had_not_heard_that_it_was_deleted_quotes_nothing():
    past = Shelf(10).past(10)
    answer = Batch("tea", 12, [replace(SECRET, marks=Marks(re=5, quote=Quote("ann", "hello")))])
    assert past.settled(answer) is answer
    deletion(past, 5)
    assert past.settled(answer).events[0].marks == Marks(re=5, quote=Quote("ann", ""))
    assert past.settled(Batch("tea", 12, [SECRET])).events == [SECRET]


@given(st.integers(0, 12), st.integers(0, 15), st.integers(-1, 15))
def test_what_is_in_memory_is_found_wherever_it_is(count, after, upto):
    past = RoomHistory(Shelf(0), "tea", 12, Shelf(12).events[12 - count :])
    found = past.talk_between(after, upto)
    whole = after + 1 >= 13 - count
    assert found == ([event for event in Shelf(12).events if after < event.at <= upto] if whole else None)


def test_a_batch_of_one_event_is_kept_until_the_next_and_until_what_it_says_is_changed():
    past = Shelf(5).past(5)
    assert past.newest(4) is None
    batch = Batch("tea", 6, [Joined("tea", 6.0, "b", "bob")])
    past.extend(batch)
    assert past.newest(5) is batch and past.newest(4) is None and past.newest(6) is None
    past.extend(Batch("tea", 7, [Said("tea", 7.0, "a", "ann", text) for text in ("hello", "you")]))
    assert past.newest(5) is None and past.newest(6) is None
    past.extend(Batch("tea", 9, [Said("tea", 9.0, "a", "ann", "psst")]))
    past.extend(Batch("tea", 10, [Deleted("tea", 10.0, "a", "ann", 9, "ann", True)]))
    assert past.newest(8) is None and past.newest(9) is None


def test_the_last_lines_are_the_same_object_until_there_is_another_one():
    past = Shelf(5).past(5)
    lines = past.recent(3, 5)
    assert [seq for seq, _ in lines] == [3, 4, 5]
    past.extend(Batch("tea", 6, [Joined("tea", 6.0, "b", "bob")]))
    assert past.recent(3, 5) is lines and past.recent(3, 6) is lines
    assert past.talk_between(5, 6) == []
    past.extend(Batch("tea", 7, [Said("tea", 7.0, "a", "ann", "hi"), Joined("tea", 7.0, "c", "cat")]))
    assert [seq for seq, _ in past.recent(3, 8)] == [4, 5, 7]
    assert [event.text for event in past.talk_between(4, 8)] == ["hello", "hi"]
    assert past.talk_between(5, 6) == []


def test_messages_stay_in_memory_while_many_come_and_go():
    past = Shelf(5).past(5)
    for seq in range(6, 6 + 2 * TAIL):
        past.extend(Batch("tea", seq, [Joined("tea", float(seq), "b", "bob")]))
    assert [event.at for event in past.talk_between(2, past.last)] == [3.0, 4.0, 5.0]
    assert [seq for seq, _ in past.recent(2, past.last)] == [4, 5]
    deletion(past, 4)
    assert [event.at for event in past.talk_between(2, past.last)] == [3.0, 5.0]
    assert [event.text for _, event in past.recent(2, past.last)] == ["", "hello"]
    past.forget_below(5)
    assert [event.at for event in past.talk_between(2, past.last)] == [5.0]


@pytest.mark.parametrize("size", [1, 50, TAIL, 2 * TAIL])
def test_no_more_messages_stay_in_memory_than_events(size):
    past = Shelf(5).past(5)
    while past.last < 5 + 2 * TAIL:
        events = [Said("tea", past.last + 1.0 + place, "a", "ann", "hi") for place in range(size)]
        past.extend(Batch("tea", past.last + 1, events))
    kept = past.last - TAIL
    assert [event.at for event in past.talk_between(kept, past.last)] == [kept + 1.0 + place for place in range(TAIL)]
    assert past.talk_between(kept - 1, past.last) is None
