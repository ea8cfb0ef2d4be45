"""What the house may expect of any journal, tried with each of them on the real reactor."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import pytest_twisted

from chatroom.chat.events import Acted, Joined, Left, Renamed, Said, TopicChanged, Whispered
from chatroom.chat.ports import JournalError, RoomRecord
from chatroom.journal.memory import MemoryJournal
from chatroom.journal.sqlite import SqliteJournal

from .stand_ins import Recorder, said


@dataclass
class Case:
    """A journal that is open, who listens to it, and how to make its commits fail."""

    journal: MemoryJournal | SqliteJournal
    told: Recorder
    fill_disk: Callable[[], object]
    free_disk: Callable[[], object]

    async def write(self, *events) -> None:
        for event in events:
            self.journal.append(event)
        await self.journal.flush()


def in_memory(_) -> Case:
    from twisted.internet import reactor

    journal = MemoryJournal(reactor.callLater)

    def set_broken(error):
        journal.broken = error

    return Case(
        journal,
        Recorder(),
        lambda: set_broken(JournalError("the disk is full")),
        lambda: set_broken(None),
    )


def on_disk(folder) -> Case:
    from twisted.internet import reactor

    def sql(statement: str) -> None:
        other = sqlite3.connect(folder / "journal.sqlite3")
        other.execute(statement)
        other.close()

    return Case(
        SqliteJournal(folder, reactor.callLater, reactor.callFromThread),
        Recorder(),
        lambda: sql("CREATE TRIGGER full AFTER INSERT ON event BEGIN SELECT RAISE(ABORT, 'full'); END"),
        lambda: sql("DROP TRIGGER full"),
    )


@pytest_twisted.async_yield_fixture(params=[in_memory, on_disk], ids=["memory", "sqlite"])
async def case(request, tmp_path):
    case = request.param(tmp_path)
    assert case.journal.open(case.told) == 0
    yield case
    await case.journal.close()


@pytest_twisted.ensureDeferred
async def test_events_are_numbered_from_one_in_each_room(case):
    await case.write(said("a", "1"), said("b", "2"), said("a", "3"))
    await case.write(said("a", "4"))

    assert [(seq, event.text) for seq, event in case.told.seen("a")] == [(1, "1"), (2, "3"), (3, "4")]
    assert [(seq, event.text) for seq, event in case.told.seen("b")] == [(1, "2")]


@pytest_twisted.ensureDeferred
async def test_one_turn_is_one_commit_with_each_room_once_in_the_order_of_its_first_event(case):
    events = [said(room, str(n)) for n, room in enumerate("bacab")]
    await case.write(*events)

    (commit,) = case.told.commits
    assert [batch.room for batch in commit] == ["b", "a", "c"]
    assert [event for batch in commit for event in batch.events] == [events[n] for n in (0, 4, 1, 3, 2)]
    assert commit[0].events[0] is events[0]


@pytest_twisted.ensureDeferred
async def test_the_listener_is_not_told_before_append_has_returned(case):
    case.journal.append(said("a", "1"))
    assert not case.told.commits
    await case.journal.flush()
    assert case.told.texts("a") == ["1"]


@pytest_twisted.ensureDeferred
async def test_what_the_listener_appends_while_it_is_told_goes_into_the_next_commit(case):
    case.told.then = lambda: case.journal.append(said("a", "2"))
    await case.write(said("a", "1"))
    await case.journal.flush()

    assert [[batch.first for batch in commit] for commit in case.told.commits] == [[1], [2]]
    assert case.told.texts("a") == ["1", "2"]


@pytest_twisted.ensureDeferred
async def test_every_kind_of_event_is_read_as_it_was_written(case):
    events = [
        Said("a", 1732365296.789012, "g1", "ann", text="hello\t\x00 ☃ 'quoted' --", ref="c1"),
        Acted("a", 0.1, "g1", "ann", text="waves"),
        Whispered("a", 2.0, "g1", "ann", text="psst", to="bob"),
        Joined("a", 3.0, "g1", "ann"),
        Renamed("a", 4.0, "g1", "ann", new="eve"),
        TopicChanged("a", 5.0, "g1", "eve", topic=""),
        Left("a", 6.0, "g1", "eve", reason=""),
        Left("a", 6.0, "g1", "eve", reason="gone home", ref=""),
    ]
    await case.write(*events)
    assert list((await case.journal.after("a", 0, 100)).events) == events


@pytest_twisted.ensureDeferred
async def test_a_commit_may_be_larger_than_one_statement_takes(case):
    events = [said("a", str(n)) for n in range(5000)]
    await case.write(*events)
    batch = await case.journal.after("a", 0, 10_000)
    assert (batch.first, list(batch.events)) == (1, events)


@pytest_twisted.ensureDeferred
async def test_reading_forward_begins_after_the_seq_and_ends_at_the_limit(case):
    await case.write(*(said("a", str(n)) for n in range(1, 10)), said("b", "other"))

    batch = await case.journal.after("a", 3, 4)
    assert (batch.room, batch.first, batch.last) == ("a", 4, 7)
    assert [event.text for event in batch.events] == ["4", "5", "6", "7"]
    assert (await case.journal.after("a", 7, 100)).last == 9


@pytest_twisted.ensureDeferred
async def test_reading_backward_ends_below_the_seq_oldest_first(case):
    await case.write(*(said("a", str(n)) for n in range(1, 10)))

    batch = await case.journal.before("a", 6, 3)
    assert [(seq, event.text) for seq, event in batch] == [(3, "3"), (4, "4"), (5, "5")]
    assert [seq for seq, _ in await case.journal.before("a", None, 2)] == [8, 9]
    assert [seq for seq, _ in await case.journal.before("a", 3, 100)] == [1, 2]
    assert [seq for seq, _ in await case.journal.before("a", 1000, 1)] == [9]


@pytest.mark.parametrize("beyond", [9, 10, 10**30])
@pytest_twisted.ensureDeferred
async def test_reading_where_nothing_is_gives_an_empty_batch(case, beyond):
    await case.write(*(said("a", str(n)) for n in range(9)))

    batch = await case.journal.after("a", beyond, 10)
    assert (batch.first, len(batch)) == (beyond + 1, 0)
    batch = await case.journal.before("a", 1, 10)
    assert (batch.first, len(batch)) == (1, 0)
    for batch in (await case.journal.after("nowhere", 0, 9), await case.journal.before("nowhere", None, 9)):
        assert (batch.room, batch.first, len(batch)) == ("nowhere", 1, 0)
    assert len(await case.journal.after("a", 0, 0)) == len(await case.journal.before("a", None, 0)) == 0


@pytest_twisted.ensureDeferred
async def test_a_room_has_its_last_seq_and_its_latest_topic(case):
    assert await case.journal.room("a") == RoomRecord(0, "")
    await case.write(
        TopicChanged("a", 1.0, "g1", "ann", topic="tea"),
        said("a", "hello"),
        TopicChanged("a", 1.0, "g1", "ann", topic="coffee"),
        TopicChanged("b", 1.0, "g1", "ann", topic="cake"),
    )
    assert await case.journal.room("a") == RoomRecord(3, "coffee")
    await case.write(TopicChanged("a", 1.0, "g1", "ann", topic=""))
    assert await case.journal.room("a") == RoomRecord(4, "")
    assert await case.journal.room("b") == RoomRecord(1, "cake")


@pytest_twisted.ensureDeferred
async def test_conversations_are_those_of_the_identity_the_oldest_first(case):
    for room in ("@bob:eve", "@ann:bob", "ann", "@ann:eve", "@bob:bob"):
        await case.write(said(room, "psst"), said(room, "you there?"))

    assert await case.journal.conversations("ann") == ["@ann:bob", "@ann:eve"]
    assert await case.journal.conversations("bob") == ["@bob:eve", "@ann:bob", "@bob:bob"]
    assert await case.journal.conversations("an") == []


@pytest_twisted.ensureDeferred
async def test_a_failed_commit_is_told_and_its_seqs_go_to_the_next(case):
    await case.write(said("a", "1"))
    case.fill_disk()
    lost = [said("a", "lost"), said("new", "lost"), Joined("a", 1.0, "g1", "ann")]
    await case.write(*lost)
    await case.write(said("a", "lost too"))

    (events, reason), (_, _) = case.told.failures
    assert events == lost
    assert "full" in reason
    assert "\n" not in reason
    assert case.told.texts("a") == ["1"]

    case.free_disk()
    await case.write(said("a", "2"), said("new", "1"))
    assert [seq for seq, _ in case.told.seen("a")] == [1, 2]
    assert [seq for seq, _ in case.told.seen("new")] == [1]
    assert [event.text for event in (await case.journal.after("a", 0, 9)).events] == ["1", "2"]


@pytest_twisted.ensureDeferred
async def test_flush_waits_for_what_was_appended_and_not_at_all_for_nothing(case):
    assert case.journal.flush().called
    case.journal.append(said("a", "1"))
    flushed = case.journal.flush()
    assert not flushed.called
    await flushed
    assert case.told.texts("a") == ["1"]


@pytest_twisted.ensureDeferred
async def test_close_commits_what_is_open(case):
    case.journal.append(said("a", "1"))
    await case.journal.close()
    assert case.told.texts("a") == ["1"]


@pytest_twisted.ensureDeferred
async def test_a_closed_journal_says_so_and_can_be_closed_again(case):
    both = case.journal.close(), case.journal.close()
    for closed in both:
        await closed

    for read in (
        case.journal.room("a"),
        case.journal.after("a", 0, 1),
        case.journal.before("a", None, 1),
        case.journal.conversations("ann"),
    ):
        with pytest.raises(JournalError, match="closed"):
            await read
    await case.write(said("a", "too late"))
    assert case.told.failures == [([said("a", "too late")], "the journal is closed")]


@pytest_twisted.ensureDeferred
async def test_a_closed_journal_can_be_opened_again(case):
    secret = case.journal.secret
    await case.write(said("a", "1"))
    await case.journal.close()
    case.journal.open(case.told)
    await case.write(said("a", "2"))

    assert [seq for seq, _ in await case.journal.after("a", 0, 9)] == [1, 2]
    assert case.journal.secret == secret
    assert len(secret) == 32


@pytest.mark.parametrize("kind", [in_memory, on_disk])
@pytest_twisted.ensureDeferred
async def test_closing_what_was_never_opened_does_nothing(kind, tmp_path):
    await kind(tmp_path).journal.close()
    assert not list(tmp_path.iterdir())
