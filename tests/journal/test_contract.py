"""The contract of the journals, run with each of them on the real reactor."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest
import pytest_twisted
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat.events import (
    AUDIT,
    Acted,
    AuditEntry,
    Banned,
    Joined,
    Left,
    Renamed,
    Said,
    TopicChanged,
    Whispered,
)
from chatroom.chat.ports import (
    READING,
    AccountRecords,
    JournalError,
    Present,
    Query,
    RecordChange,
    RetentionLimit,
    RoomRecord,
    StandingRecord,
)
from chatroom.journal._presence import CRASHED
from chatroom.journal.memory import MemoryJournal
from chatroom.journal.postgres.journal import PostgresJournal
from chatroom.journal.sqlite import SqliteJournal

from .stand_ins import NOW, Desk, Recorder, said


@dataclass
class Case:
    """An open journal, its listener, and a way to make its commits fail."""

    journal: MemoryJournal | SqliteJournal | PostgresJournal
    told: Recorder
    fill_disk: Callable[[], object]
    free_disk: Callable[[], object]

    reopened: Callable[[], MemoryJournal | SqliteJournal | PostgresJournal]
    """Makes the journal of the next server; this one's is closed."""

    async def write(self, *events) -> None:
        for event in events:
            self.journal.append(event)
        await self.journal.flush()


def in_memory(_) -> Case:
    from twisted.internet import reactor

    journal = MemoryJournal(reactor.callLater, now=lambda: NOW)

    def set_broken(error):
        journal.broken = error

    return Case(
        journal,
        Recorder(),
        lambda: set_broken(JournalError("the disk is full")),
        lambda: set_broken(None),
        lambda: journal,
    )


def on_disk(folder) -> Case:
    from twisted.internet import reactor

    def sql(statement: str) -> None:
        other = sqlite3.connect(folder / "journal.sqlite3")
        other.execute(statement)
        other.close()

    def journal() -> SqliteJournal:
        return SqliteJournal(folder, reactor.callLater, reactor.callFromThread, now=lambda: NOW)

    return Case(
        journal(),
        Recorder(),
        lambda: sql("CREATE TRIGGER full AFTER INSERT ON event BEGIN SELECT RAISE(ABORT, 'full'); END"),
        lambda: sql("DROP TRIGGER full"),
        journal,
    )


def in_postgres(address: str) -> Case:
    from twisted.internet import reactor

    def sql(statement: str) -> None:
        with psycopg.connect(address, autocommit=True) as other:
            other.execute(statement.encode())

    def journal() -> PostgresJournal:
        return PostgresJournal(address, reactor.callLater, reactor.callFromThread, now=lambda: NOW)

    return Case(
        journal(),
        Recorder(),
        lambda: sql("ALTER TABLE event ADD CONSTRAINT is_full CHECK (false) NOT VALID"),
        lambda: sql("ALTER TABLE event DROP CONSTRAINT is_full"),
        journal,
    )


@pytest_twisted.async_yield_fixture(params=["memory", "sqlite", "postgres"])
async def case(request, tmp_path):
    if request.param == "memory":
        case = in_memory(None)
    elif request.param == "sqlite":
        case = on_disk(tmp_path)
    else:
        case = in_postgres(request.getfixturevalue("postgres").database())
    assert case.journal.open(case.told) == []
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
        Said("a", 6.5, "g1", "ann", text="hi", ask="sid.1"),
        Said("a", 6.5, "g1", "ann", text="hi", ref="c2", session="mark", ask="sid.2"),
        Banned("a", 7.0, "g1", "eve", target="bob", reason="flood", until=17.25),
    ]
    await case.write(*events)
    assert list((await case.journal.after("a", 0, 100)).events) == events


INSIDE = [
    Joined("a", 1.0, "g1", "ann"),
    Joined("b", 1.0, "g2", "bob"),
    Joined("b", 1.0, "g1", "ann"),
    Joined("c", 1.0, "g2", "bob"),
    Said("a", 1.5, "g1", "ann", text="hi"),
    Renamed("a", 2.0, "g1", "ann", new="anna"),
    Renamed("b", 2.0, "g1", "ann", new="anna"),
    Left("c", 2.0, "g2", "bob"),
]
PRESENT = [Present("a", "g1", "anna"), Present("b", "g1", "anna"), Present("b", "g2", "bob")]


@pytest_twisted.ensureDeferred
async def test_the_next_server_may_keep_everybody_where_they_are(case):
    await case.write(*INSIDE)
    await case.journal.close()

    for _ in range(2):
        case.journal = case.reopened()
        assert sorted(case.journal.open(Recorder(), keep=True)) == PRESENT
        assert [(await case.journal.room(name)).last for name in "abc"] == [3, 3, 2]
        await case.journal.close()


@pytest_twisted.ensureDeferred
async def test_or_send_them_off(case):
    await case.write(*INSIDE)
    await case.journal.close()

    case.journal = case.reopened()
    assert sorted(case.journal.open(Recorder())) == PRESENT
    left = (await case.journal.after("b", 3, 9)).events
    assert sorted((one.by, one.nick) for one in left) == [("g1", "anna"), ("g2", "bob")]
    assert {type(one) for one in left} == {Left} and {one.reason for one in left} == {CRASHED}
    await case.journal.close()
    case.journal = case.reopened()
    assert case.journal.open(Recorder(), keep=True) == []


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
async def test_what_is_kept_of_an_account_is_read_at_once(case):
    await case.write(said("@ann:bob", "psst"), said("@ann:eve", "psst"))
    await case.journal.change(
        [
            RecordChange("a", READING, "ann", {"seq": 7, "member": True}),
            RecordChange("@ann:eve", READING, "ann", {"seq": 1}),
            RecordChange("@ann:eve", "unread", "ann", {"after": 0}),
            RecordChange("@bob:eve", "unread", "bob", {"after": 0}),
        ]
    )
    for positions, conversations in ((10, 10), (1, 1), (0, 0)):
        found = await case.journal.of_account("ann", positions, conversations)
        assert found.positions == await case.journal.find(READING, "ann", positions)
        assert found.unread == await case.journal.find("unread", "ann") != []
        assert found.conversations == await case.journal.conversations("ann", conversations)
    assert await case.journal.of_account("zoe", 10, 10) == AccountRecords([], [], [])


@pytest_twisted.ensureDeferred
async def test_conversations_are_the_newest_ones_of_the_identity_the_newest_first(case):
    for room in ("@bob:eve", "@ann:bob", "ann", "@ann:eve", "@bob:bob"):
        await case.write(said(room, "psst"), said(room, "you there?"))

    assert await case.journal.conversations("ann") == ["@ann:eve", "@ann:bob"]
    assert await case.journal.conversations("bob") == ["@bob:bob", "@ann:bob", "@bob:eve"]
    assert await case.journal.conversations("bob", 2) == ["@bob:bob", "@ann:bob"]
    assert await case.journal.conversations("bob", 0) == []
    assert await case.journal.conversations("an") == []

    assert await case.journal.latest_conversations(["bob", "an", "eve"], 2) == {
        "bob": ["@bob:bob", "@ann:bob"],
        "eve": ["@ann:eve", "@bob:eve"],
    }
    assert await case.journal.latest_conversations([], 2) == {}


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
        case.journal.latest_conversations(["ann"], 5),
        case.journal.names(),
        case.journal.records("a"),
        case.journal.find("ban", "nick:bob"),
        case.journal.of_account("ann", 1, 1),
        case.journal.search(words("hello")),
        case.journal.trim("a", RetentionLimit(events=1)),
        case.journal.change([ban("a", "bob")]),
    ):
        with pytest.raises(JournalError, match="closed"):
            await read
    with pytest.raises(JournalError, match="closed"):
        case.journal.standing()
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


@pytest.mark.parametrize("kind", [in_memory, on_disk, in_postgres])
@pytest_twisted.ensureDeferred
async def test_closing_what_was_never_opened_does_nothing(kind, tmp_path):
    await kind(tmp_path if kind is on_disk else "postgresql://nowhere").journal.close()
    assert not list(tmp_path.iterdir())


# -- standing records


def ban(scope: str, nick: str, **more) -> RecordChange:
    return RecordChange(scope, "ban", f"nick:{nick}", {"target": nick, "until": None, **more})


def unban(scope: str, nick: str) -> RecordChange:
    return RecordChange(scope, "ban", f"nick:{nick}", None)


@pytest_twisted.ensureDeferred
async def test_records_are_kept_by_scope_kind_and_key(case):
    case.journal.append(said("a", "1"), [ban("a", "bob", reason="flood"), ban("", "bob")])
    case.journal.append(said("a", "2"), [RecordChange("a", "setting", "slow", {"value": "5"}), ban("b", "eve")])
    await case.journal.flush()

    assert await case.journal.records("a") == [
        StandingRecord("a", "ban", "nick:bob", {"target": "bob", "until": None, "reason": "flood"}),
        StandingRecord("a", "setting", "slow", {"value": "5"}),
    ]
    assert [record.scope for record in await case.journal.find("ban", "nick:bob")] == ["", "a"]
    assert [record.scope for record in await case.journal.find("ban", "nick:bob", 1)] == [""]
    assert await case.journal.find("mute", "nick:bob") == await case.journal.records("nowhere") == []
    assert case.journal.standing() == [StandingRecord("", "ban", "nick:bob", {"target": "bob", "until": None})]
    assert case.journal.standing("b") == [StandingRecord(*ban("b", "eve"))]


@pytest_twisted.ensureDeferred
async def test_any_number_of_records_is_read_whole(case):
    """Several kinds, and keys that are the same in each, over the ends of several slices."""
    for count in (1, 499, 500, 501, 1000, 1700):
        changes = [RecordChange(f"room {count}", f"kind {n % 3}", f"key {n // 3}", {"n": n}) for n in range(count)]
        await case.journal.change(changes)
    await case.journal.change(
        [RecordChange("room 17", "kind 0", "key 0", {}), RecordChange("room 5000", "kind 0", "key 0", {})]
    )
    for count in (1, 499, 500, 501, 1000, 1700):
        records = await case.journal.records(f"room {count}")
        assert sorted(record.value["n"] for record in records) == list(range(count))
        assert [record[:3] for record in records] == sorted(record[:3] for record in records)


@pytest_twisted.ensureDeferred
async def test_of_several_changes_of_one_record_the_last_holds(case):
    case.journal.append(said("a", "1"), [ban("a", "bob"), ban("a", "eve"), unban("a", "bob"), ban("a", "eve", n=1)])
    case.journal.append(said("a", "2"), [unban("a", "nobody")])
    await case.journal.change([ban("a", "cat")])
    assert [record.key for record in await case.journal.records("a")] == ["nick:cat", "nick:eve"]
    assert (await case.journal.find("ban", "nick:eve"))[0].value["n"] == 1

    await case.journal.change([unban("a", "eve"), unban("a", "cat")])
    assert await case.journal.records("a") == []


@pytest_twisted.ensureDeferred
async def test_a_change_without_an_event_comes_after_what_was_appended_and_tells_nobody(case):
    case.journal.append(said("a", "1"), [ban("a", "bob")])
    await case.journal.change([unban("a", "bob")])

    assert await case.journal.records("a") == []
    assert case.told.texts("a") == ["1"]
    await case.journal.change([])
    changed = case.journal.change([ban("a", "bob")])
    await case.journal.flush()
    assert changed.called
    assert len(case.told.commits) == 1


@pytest_twisted.ensureDeferred
async def test_an_event_that_could_not_be_stored_has_changed_nothing(case):
    await case.write(said("a", "1"))
    case.fill_disk()
    case.journal.append(said("a", "lost"), [ban("a", "bob")])
    await case.journal.flush()
    assert await case.journal.records("a") == []
    case.free_disk()
    await case.write(said("a", "2"))
    assert await case.journal.records("a") == []


@pytest_twisted.ensureDeferred
async def test_a_change_that_is_no_json_is_refused_at_once_and_spoils_nothing(case):
    case.journal.append(said("a", "1"))
    for value, error in (({"at": float("nan")}, ValueError), ({"at": object()}, TypeError)):
        with pytest.raises(error):
            case.journal.append(said("a", "no"), [RecordChange("a", "ban", "nick:bob", value)])
    with pytest.raises(UnicodeEncodeError):
        case.journal.change([ban("a", "\ud800")])
    await case.journal.flush()
    assert case.told.texts("a") == ["1"]


@pytest_twisted.ensureDeferred
async def test_nobody_changes_a_record_by_changing_what_they_gave_or_got(case):
    value = {"ignore": ["bob"]}
    await case.journal.change([RecordChange("", "preferences", "1", value)])
    value["ignore"].append("eve")
    (await case.journal.records(""))[0].value["ignore"].append("eve")
    assert (await case.journal.records(""))[0].value == {"ignore": ["bob"]}


@pytest_twisted.ensureDeferred
async def test_names_are_those_of_rooms_the_oldest_first(case):
    audit = AuditEntry(AUDIT, 1.0, "g1", "ann", act="ban", where="b", text="bob")
    await case.write(said("b", "1"), said("@ann:bob", "2"), audit, said("a", "3"), said("b", "4"))
    assert await case.journal.names() == ["b", "@ann:bob", "a"]
    assert await case.journal.names("b") == ["@ann:bob", "a"]
    assert await case.journal.names("b", 1) == ["@ann:bob"]
    assert await case.journal.names("a") == []
    assert await case.journal.search(words("bob", rooms=(AUDIT,))) == []


# -- searching


def words(*terms: str, rooms: tuple[str, ...] = ("a",), **more) -> Query:
    return Query(tuple(tuple(term.split()) for term in terms), rooms, **more)


async def found(case: Case, *terms: str, **more) -> list[str]:
    return [event.text for _, event in await case.journal.search(words(*terms, **more))]


@pytest_twisted.ensureDeferred
async def test_what_was_just_said_is_found_with_its_seq(case):
    event = Acted("a", 5.5, "g1", "ann", text="drinks tea", ref="r")
    await case.write(Joined("a", 1.0, "g1", "ann"), event, Left("a", 1.0, "g1", "ann", reason="tea"))
    assert await case.journal.search(words("tea")) == [(2, event)]


@pytest_twisted.ensureDeferred
async def test_all_words_must_be_there_and_phrases_in_their_order(case):
    await case.write(said("a", "one two three", 1.0), said("a", "three, two -- one!", 2.0), said("a", "twofold", 3.0))

    assert await found(case, "one", "three") == ["three, two -- one!", "one two three"]
    assert await found(case, "two three") == ["one two three"]
    assert await found(case, "two one") == ["three, two -- one!"]
    assert await found(case, "two", "four") == await found(case, "two four") == await found(case, "tw") == []


@pytest.mark.parametrize("word", ["ÄRGER", "arger", "ärger", "a\u0308rger"])
@pytest_twisted.ensureDeferred
async def test_case_and_accents_are_all_the_same(case, word):
    await case.write(said("a", "So ein Ärger"), said("a", "Årger", 1.0), said("a", "ager", 3.0))
    assert await found(case, word) == ["So ein Ärger", "Årger"]


@pytest_twisted.ensureDeferred
async def test_the_newest_come_first_over_several_rooms_a_page_at_a_time(case):
    await case.write(*(said("abc"[n % 3], f"tea {n}", float(n)) for n in range(30)))

    assert await found(case, "tea", rooms=("a", "b"), limit=5) == [f"tea {n}" for n in (28, 27, 25, 24, 22)]
    assert await found(case, "tea", rooms=("a", "b"), skip=5, limit=3) == [f"tea {n}" for n in (21, 19, 18)]
    assert await found(case, "tea", rooms=("b", "b", "nowhere"), skip=8, limit=5) == ["tea 4", "tea 1"]
    assert await found(case, "tea", rooms=("a",), skip=10) == await found(case, "tea", rooms=()) == []
    assert await found(case, "tea", limit=0) == []


@pytest_twisted.ensureDeferred
async def test_what_was_said_at_the_same_time_stays_in_its_order(case):
    for start in range(0, 600, 200):
        await case.write(*(said("ab"[n % 2], f"tea {n}") for n in range(start, start + 200)))
        assert await found(case, "tea", limit=3) == [f"tea {n}" for n in (start + 198, start + 196, start + 194)]
    assert await found(case, "tea", limit=1000) == [f"tea {n}" for n in range(598, -1, -2)]


@pytest_twisted.ensureDeferred
async def test_a_search_can_ask_for_one_nick_and_a_time(case):
    for n, nick in enumerate(["ann", "Ann", "bob", "ann"]):
        await case.write(Said("a", 10.0 + n, "g", nick, text=f"tea {n}"))

    assert await found(case, "tea", nick="ann") == ["tea 3", "tea 1", "tea 0"]
    assert await found(case, nick="ann", after=11.0) == ["tea 3", "tea 1"]
    assert await found(case, after=11.0, before=13.0) == ["tea 2", "tea 1"]
    assert await found(case, "tea", before=10.0) == await found(case, "tea", nick="eve") == []
    assert await found(case, "tea", after=float("-inf"), before=float("inf"), nick="bob") == ["tea 2"]


@pytest_twisted.ensureDeferred
async def test_conversations_are_searched_if_they_are_named(case):
    for n in range(40):
        room = f"@ann:{n}"
        await case.write(Whispered(room, float(n), "ann", "ann", text=f"psst {n}", to=str(n)), said("a", "psst", 0.5))
    await case.write(Whispered("@bob:eve", 9.5, "bob", "bob", text="psst secret", to="eve"))

    assert await found(case, "psst", rooms=("@ann:7", "@ann:5")) == ["psst 7", "psst 5"]
    talks = tuple(f"@ann:{n}" for n in range(40))
    assert await found(case, "psst", rooms=talks, limit=99) == [f"psst {n}" for n in range(39, -1, -1)]
    others = (*talks, "@bob:eve")
    assert (await found(case, "psst", rooms=others, skip=29, limit=3)) == ["psst 10", "psst secret", "psst 9"]


@pytest_twisted.ensureDeferred
async def test_all_conversations_of_a_party_are_searched_without_being_named(case):
    talks = [f"@{min('guest-b', str(n))}:{max('guest-b', str(n))}" for n in range(50)]
    await case.write(*(said(talk, f"psst {n}", float(n)) for n, talk in enumerate(talks)))
    await case.write(said("@eve:zoe", "psst not you", 99.0), said("a", "psst all", 98.0), said("b", "psst", 97.0))

    assert await found(case, "psst", party="guest-b", limit=3) == ["psst all", "psst 49", "psst 48"]
    assert len(await found(case, "psst", party="guest-b", rooms=(talks[0], talks[1]), limit=99)) == 50
    assert len(await found(case, "psst", party="guest-b", rooms=(), limit=99)) == 50
    assert await found(case, "psst", party="guest", rooms=()) == []
    assert await found(case, "psst", party="\ud800", rooms=()) == []


@pytest_twisted.ensureDeferred
async def test_many_rooms_are_searched_at_once_and_no_others(case):
    rooms = tuple(f"room{n}" for n in range(50))
    await case.write(*(said(room, f"tea in {room}", float(n)) for n, room in enumerate([*rooms, "private"])))
    assert await found(case, "tea", rooms=rooms, limit=2) == ["tea in room49", "tea in room48"]
    assert len(await found(case, "tea", rooms=rooms, limit=99)) == 50


@pytest_twisted.ensureDeferred
async def test_nothing_is_found_that_is_sealed(case):
    for n in range(1, 6):
        await case.write(said("a", f"tea {n}", float(n)), said("b", f"tea {n} b", n + 0.5))

    assert await found(case, "tea", rooms=("a",), sealed={"a": 3}) == ["tea 5", "tea 4"]
    both = {"rooms": ("a", "b"), "sealed": {"a": 4, "b": 4, "c": 9}}
    assert await found(case, "tea", limit=3, **both) == ["tea 5 b", "tea 5"]
    assert await found(case, "tea", skip=1, **both) == ["tea 5"] and not await found(case, "tea", skip=2, **both)


@settings(max_examples=150, deadline=None)
@pytest.mark.slow
@given(
    st.lists(st.lists(st.text(), max_size=3).map(tuple), max_size=4).map(tuple),
    st.text(max_size=5),
    st.lists(st.text(), max_size=3).map(tuple),
)
def test_whatever_is_searched_for_is_harmless(terms, nick, rooms):
    with tempfile.TemporaryDirectory() as folder, Desk(folder) as desk:
        desk.write(said("a", "hello"))
        query = Query(terms, ("a", *rooms), nick)
        hits = desk.now(desk.journal.search(query))
        assert hits in ([], [(1, said("a", "hello"))])
        memory = desk.in_memory()
        assert hits == desk.now(memory.search(query))


OPERATORS = [
    '"',
    "*",
    "^",
    "NEAR(a b)",
    "a AND b",
    "OR",
    "NOT x",
    "text:",
    "{nick} :",
    "-",
    "+",
    "a'b; DROP TABLE said",
]


@pytest.mark.parametrize("term", [*OPERATORS, "\x00", "hello\x00", "\ud800", "!?", "r1", "open", "n1"])
@pytest_twisted.ensureDeferred
async def test_operators_are_words_like_any_other(case, term):
    await case.write(said("a", "hello"))
    query = Query(((term,),), ("a",))
    assert len(await case.journal.search(query)) == (1 if "hello" in term else 0)
    assert await case.journal.search(Query((("hello",), (term,)), ("a",), term)) == []


@pytest_twisted.ensureDeferred
async def test_a_search_may_have_thousands_of_terms(case):
    await case.write(said("a", "hello"))
    assert await found(case, *["hello"] * 3000) == ["hello"]
    assert await found(case, *(f"w{n}" for n in range(2000))) == []


# -- trimming


async def texts(case: Case, room: str = "a") -> list[str]:
    return [event.text for event in (await case.journal.after(room, 0, 100_000)).events]


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        (RetentionLimit(), 10),
        (RetentionLimit(events=3), 3),
        (RetentionLimit(events=100), 10),
        (RetentionLimit(events=0), 1),
        (RetentionLimit(seconds=35.0), 4),
        (RetentionLimit(seconds=0.0), 1),
        (RetentionLimit(seconds=1e12), 10),
        (RetentionLimit(bytes=20), 4),
        (RetentionLimit(bytes=4), 1),
        (RetentionLimit(bytes=1000), 10),
        (RetentionLimit(seconds=55.0, events=8, bytes=15), 3),
        (RetentionLimit(seconds=25.0, events=8, bytes=15), 3),
        (RetentionLimit(seconds=15.0, events=8, bytes=15), 2),
    ],
)
@pytest_twisted.ensureDeferred
async def test_trimming_leaves_what_is_to_be_kept_and_always_the_newest(case, keep, left):
    """Ten events, ten seconds apart, of five bytes each."""
    await case.write(*(said("a", f"tea{n}é"[-4:], NOW - 100 + 10 * n) for n in range(1, 10)), said("b", "other"))
    await case.write(said("a", "last!", NOW))

    assert await case.journal.trim("a", keep) == 10 - left
    batch = await case.journal.after("a", 0, 100)
    assert (batch.first, len(batch)) == (11 - left, left)
    assert await case.journal.room("a") == RoomRecord(10, "")
    assert len(await case.journal.search(words("other", rooms=("a", "b")))) == 1
    await case.write(said("a", "more"))
    assert case.told.seen("a")[-1] == (11, said("a", "more"))


@pytest_twisted.ensureDeferred
async def test_what_was_trimmed_is_not_found_any_more(case):
    await case.write(*(said("a", f"tea {n}", float(n)) for n in range(500)))
    assert len(await found(case, "tea", limit=1000)) == 500
    assert await case.journal.trim("a", RetentionLimit(events=5)) == 495
    assert await found(case, "tea", limit=1000) == [f"tea {n}" for n in range(499, 494, -1)]
    assert await found(case, "3") == []
    assert await texts(case) == [f"tea {n}" for n in range(495, 500)]


@pytest_twisted.ensureDeferred
async def test_only_a_beginning_is_removed_whatever_the_clock_did(case):
    times = [NOW - 50, NOW + 50, NOW - 50, NOW - 50, NOW]
    await case.write(*(said("a", str(n), at) for n, at in enumerate(times)))
    assert await case.journal.trim("a", RetentionLimit(seconds=10.0)) == 1
    assert await texts(case) == ["1", "2", "3", "4"]


@pytest_twisted.ensureDeferred
async def test_only_what_was_said_counts_as_bytes(case):
    await case.write(said("a", "12345"), TopicChanged("a", NOW, "g", "ann", topic="x" * 99), said("a", "12345"))
    assert await case.journal.trim("a", RetentionLimit(bytes=10)) == 0
    assert await case.journal.trim("a", RetentionLimit(bytes=9)) == 1
    assert await case.journal.room("a") == RoomRecord(3, "x" * 99)


@pytest_twisted.ensureDeferred
async def test_there_is_nothing_to_trim_where_nothing_was_said(case):
    assert await case.journal.trim("nowhere", RetentionLimit(events=0)) == 0
    assert await case.journal.names() == []


@pytest_twisted.ensureDeferred
async def test_people_talk_while_a_room_is_trimmed(case):
    await case.write(*(said("a", str(n)) for n in range(300)))
    trimmed = case.journal.trim("a", RetentionLimit(events=10))
    await case.write(said("a", "meanwhile"))
    assert await trimmed in (290, 291)
    assert (await texts(case))[-1] == "meanwhile"


@pytest_twisted.ensureDeferred
async def test_what_is_on_its_way_is_counted_and_so_is_how_long_commits_take(case):
    assert case.journal.queue == 0 and case.journal.times.counts[-1] == 0
    case.journal.append(said("a", "1"))
    case.journal.append(said("b", "2"))
    changed = case.journal.change([RecordChange("a", "role", "ann", {"role": "operator"})])
    assert case.journal.queue == 3

    await changed
    await case.journal.flush()
    assert case.journal.queue == 0 and case.journal.times.counts[-1] == 1 and 0 < case.journal.times.total < 10


@pytest_twisted.ensureDeferred
async def test_commits_that_fail_are_not_counted(case):
    case.fill_disk()
    await case.write(said("a", "1"))
    case.free_disk()

    assert case.journal.queue == 0 and case.journal.times.counts[-1] == 0
