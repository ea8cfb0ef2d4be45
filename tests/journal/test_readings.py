"""Reading positions, mentions, and what waits: the contract of every journal."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat.events import AUDIT, Acted, AuditEntry, Joined, Left, Whispered
from chatroom.chat.ports import (
    MENTION,
    MOST_MENTIONS,
    MOST_UNREAD,
    READING,
    JournalError,
    RecordChange,
    RetentionLimit,
    StandingRecord,
    Waiting,
)
from chatroom.journal._database import schema
from chatroom.journal.offline import OfflineJournal, check

from .stand_ins import NOW, Desk, MemoryDesk, PostgresDesk, said


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def desk(request, tmp_path):
    if request.param == "memory":
        made = MemoryDesk()
    elif request.param == "sqlite":
        made = Desk(tmp_path)
    else:
        made = PostgresDesk(request.getfixturevalue("postgres").database())
    with made as desk:
        yield desk


def read(room: str, account: str, **value) -> RecordChange:
    return RecordChange(room, READING, account, value)


def gone(room: str, account: str) -> RecordChange:
    return RecordChange(room, READING, account, None)


def mention(room: str, account: str) -> RecordChange:
    return RecordChange(room, MENTION, account, {})


def change(desk, *changes) -> None:
    assert desk.now(desk.journal.change(changes)) is None


def positions(desk, account: str, **more) -> dict[str, tuple[int, bool]]:
    desk.settle()
    found = desk.now(desk.journal.find(READING, account, **more))
    assert [record.scope for record in found] == sorted(record.scope for record in found)
    assert all((record.kind, record.key) == (READING, account) for record in found)
    return {record.scope: (record.value["seq"], record.value["member"]) for record in found}


def waiting(desk, account: str, **after: int) -> dict[str, tuple[int, int]]:
    desk.settle()
    found = desk.now(desk.journal.waiting(account, after))
    assert all(isinstance(one, Waiting) for one in found.values())
    return {room: tuple(one) for room, one in found.items()}


def say(desk, room: str, *mentioned: str) -> None:
    desk.journal.append(said(room, "hello"), [mention(room, account) for account in mentioned])


# -- positions


def test_positions_are_kept_by_account_and_room(desk):
    change(desk, read("lobby", "ann", seq=3, member=True), read("@a:b", "ann", seq=5), read("lobby", "bob", seq=9))
    assert positions(desk, "ann") == {"@a:b": (5, False), "lobby": (3, True)}
    assert positions(desk, "bob") == {"lobby": (9, False)}
    assert positions(desk, "eve") == {}


def test_a_position_never_goes_back_and_what_is_left_out_stays(desk):
    change(desk, read("lobby", "ann", seq=7, member=True))
    change(desk, read("lobby", "ann", seq=5))
    assert positions(desk, "ann") == {"lobby": (7, True)}
    change(desk, read("lobby", "ann", member=False))
    assert positions(desk, "ann") == {"lobby": (7, False)}
    change(desk, read("lobby", "ann", seq=8), read("lobby", "ann", seq=6, member=True))
    assert positions(desk, "ann") == {"lobby": (8, True)}


def test_a_new_position_without_a_seq_begins_at_the_event_that_it_came_with(desk):
    for _ in range(3):
        say(desk, "lobby")
    joined = Joined("lobby", 1.0, "ann", "ann")
    desk.journal.append(joined, [read("lobby", "ann", member=True), read("den", "ann", member=True)])
    change(desk, read("attic", "ann", member=True))
    # The event was in another room than the second, and there was none with the third.
    assert positions(desk, "ann") == {"attic": (0, True), "den": (0, True), "lobby": (3, True)}

    desk.journal.append(joined, [read("lobby", "ann", member=True)])
    assert positions(desk, "ann")["lobby"] == (3, True)


def test_of_the_changes_in_one_commit_the_order_counts(desk):
    say(desk, "lobby")
    desk.journal.append(Joined("lobby", 1.0, "ann", "ann"), [read("lobby", "ann", member=True)])
    desk.journal.append(Left("lobby", 1.0, "ann", "ann"), [gone("lobby", "ann")])
    desk.journal.append(Joined("lobby", 1.0, "ann", "ann"), [read("lobby", "ann", member=True)])
    change(desk, read("lobby", "ann", seq=3))
    assert positions(desk, "ann") == {"lobby": (3, True)}
    change(desk, read("lobby", "ann", seq=9), gone("lobby", "ann"))
    assert positions(desk, "ann") == {}


def test_one_position_or_all_of_an_account_are_deleted_with_their_mentions(desk):
    change(desk, *(read(room, account, seq=0) for room in ("a", "b", "c") for account in ("ann", "bob")))
    for room in ("a", "b", "c"):
        say(desk, room, "ann", "bob")
    change(desk, gone("a", "ann"))
    assert positions(desk, "ann") == {"b": (0, False), "c": (0, False)}
    assert waiting(desk, "ann", a=0, b=0) == {"a": (1, 0), "b": (1, 1)}

    change(desk, read("d", "ann", seq=1), gone("", "ann"), read("e", "ann", seq=1))
    assert positions(desk, "ann") == {"e": (1, False)}
    assert waiting(desk, "ann", b=0, c=0) == {"b": (1, 0), "c": (1, 0)}
    assert len(positions(desk, "bob")) == 3 and waiting(desk, "bob", a=0) == {"a": (1, 1)}
    change(desk, gone("", "nobody"), gone("a", "nobody"), gone("z", "bob"))
    assert len(positions(desk, "bob")) == 3


def test_positions_are_apart_from_other_records(desk):
    change(desk, read("lobby", "ann", seq=3), RecordChange("lobby", "ban", "bob", {}), RecordChange("", "x", "y", {}))
    say(desk, "lobby", "ann")
    assert desk.now(desk.journal.records("lobby")) == [StandingRecord("lobby", "ban", "bob", {})]
    assert desk.journal.standing("lobby") == [StandingRecord("lobby", "ban", "bob", {})]
    assert desk.journal.standing("") == [StandingRecord("", "x", "y", {})]
    assert desk.now(desk.journal.find(MENTION, "ann")) == []


def test_of_many_positions_those_of_rooms_are_read_first(desk):
    change(desk, *(read(f"@a:{n}", "ann", seq=n) for n in range(10)), read("lobby", "ann", seq=3, member=True))
    assert positions(desk, "ann", limit=3) == {"@a:0": (0, False), "@a:1": (1, False), "lobby": (3, True)}


@pytest.mark.parametrize(
    "wrong",
    [
        read("lobby", "ann", seq=-1),
        read("lobby", "ann", seq=2**53),
        read("lobby", "ann", seq=1.5),
        read("lobby", "ann", seq=True),
        read("lobby", "ann", member=1),
        read("", "ann", seq=1),
        mention("lobby", "ann"),
    ],
)
def test_what_cannot_be_a_position_or_has_no_event_is_refused_at_once(desk, wrong):
    with pytest.raises(ValueError, match=f"^{wrong.kind}: "):
        desk.journal.change([read("lobby", "ann", seq=2), wrong])
    assert positions(desk, "ann") == {}
    change(desk, read("lobby", "ann", seq=2**53 - 1, member=True))
    assert positions(desk, "ann") == {"lobby": (2**53 - 1, True)}


def test_what_could_not_be_stored_has_changed_nothing(tmp_path):
    with Desk(tmp_path) as desk:
        change(desk, read("lobby", "ann", seq=0))
        desk.sql("CREATE TRIGGER full AFTER INSERT ON event BEGIN SELECT RAISE(ABORT, 'full'); END")
        desk.journal.append(said("lobby", "1"), [read("lobby", "ann", seq=5), mention("lobby", "ann")])
        assert positions(desk, "ann") == {"lobby": (0, False)}
        desk.sql("DROP TRIGGER full")
        desk.settle()
        say(desk, "lobby", "ann")
        assert waiting(desk, "ann", lobby=0) == {"lobby": (1, 1)}


# -- what waits


def test_only_what_was_said_waits(desk):
    desk.journal.append(Joined("lobby", 1.0, "g", "bob"))
    say(desk, "lobby")
    desk.journal.append(Acted("lobby", 1.0, "g", "bob", text="waves"))
    desk.journal.append(Left("lobby", 1.0, "g", "bob"))
    desk.journal.append(Whispered("@a:b", 1.0, "g", "bob", text="psst", to="ann"))
    desk.settle()
    found = desk.now(desk.journal.waiting("ann", {"lobby": 0, "@a:b": 0, "nowhere": 0}))
    assert found == {"lobby": (2, 0), "@a:b": (1, 0), "nowhere": (0, 0)}
    assert waiting(desk, "ann", lobby=2) == {"lobby": (1, 0)}
    desk.rest(2)
    assert waiting(desk, "ann", lobby=2) == {"lobby": (1, 0)}
    assert waiting(desk, "ann") == {}


@pytest.mark.parametrize(("after", "unread"), [(-(10**30), 2), (-1, 2), (0, 2), (1, 1), (2, 0), (10**30, 0)])
def test_anything_is_a_place_to_count_from(desk, after, unread):
    say(desk, "lobby")
    say(desk, "lobby")
    for _ in range(2):
        assert waiting(desk, "ann", lobby=after) == {"lobby": (unread, 0)}
        desk.rest(2)


def test_more_than_anybody_wants_to_know_is_not_counted(desk):
    change(desk, read("lobby", "ann", seq=0))
    for _ in range(MOST_MENTIONS + 50):
        say(desk, "lobby", "ann")
    desk.settle()
    desk.rest(2)
    assert waiting(desk, "ann", lobby=0) == {"lobby": (MOST_UNREAD, MOST_MENTIONS)}
    assert waiting(desk, "ann", lobby=60) == {"lobby": (990, 940)}
    say(desk, "lobby", "ann")
    change(desk, read("lobby", "ann", seq=10))
    for _ in range(20):
        say(desk, "lobby", "ann")
    assert waiting(desk, "ann", lobby=60) == {"lobby": (MOST_UNREAD, 950)}


def test_mentions_count_from_the_first_position_to_the_event_that_was_read(desk):
    say(desk, "lobby", "ann")
    change(desk, read("lobby", "ann", seq=1))
    say(desk, "lobby", "ann", "bob", "ann")
    say(desk, "lobby")
    say(desk, "lobby", "ann")
    assert waiting(desk, "ann", lobby=1) == {"lobby": (3, 2)}
    assert waiting(desk, "ann", lobby=0) == {"lobby": (4, 2)}
    assert waiting(desk, "bob", lobby=0) == {"lobby": (4, 0)}
    assert waiting(desk, "ann", lobby=2) == {"lobby": (2, 1)}
    change(desk, read("lobby", "ann", seq=2))
    assert waiting(desk, "ann", lobby=0) == {"lobby": (4, 1)}


def test_a_mention_goes_with_what_is_read_or_deleted_in_the_same_commit(desk):
    change(desk, read("lobby", "ann", seq=0), read("lobby", "bob", seq=0), read("lobby", "eve", seq=0))
    say(desk, "lobby", "ann", "bob", "eve", "new")
    desk.journal.change([read("lobby", "ann", seq=1), gone("lobby", "bob"), read("lobby", "new", seq=0)])
    for account, mentions in (("ann", 0), ("bob", 0), ("eve", 1), ("new", 1)):
        assert waiting(desk, account, lobby=0) == {"lobby": (1, mentions)}, account


def test_retention_removes_mentions_with_their_events(desk):
    change(desk, read("lobby", "ann", seq=0), read("den", "ann", seq=0))
    for _ in range(5):
        say(desk, "lobby", "ann")
    say(desk, "den", "ann")
    desk.settle()
    trimmed = desk.journal.trim("lobby", RetentionLimit(events=2))
    desk.rest(1)
    assert desk.now(trimmed) == 3
    assert waiting(desk, "ann", lobby=0, den=0) == {"lobby": (2, 2), "den": (1, 1)}
    assert positions(desk, "ann") == {"den": (0, False), "lobby": (0, False)}


def test_in_memory_mentions_of_events_that_are_dropped_make_room_for_others():
    desk = MemoryDesk(keep=3)
    desk.open()
    change(desk, read("lobby", "ann", seq=0))
    for _ in range(MOST_MENTIONS + 5):
        say(desk, "lobby", "ann")
        desk.settle()
    assert waiting(desk, "ann", lobby=0) == {"lobby": (3, 3)}


def test_a_closed_journal_says_so(desk):
    desk.now(desk.journal.close())
    failures: list = []
    desk.journal.waiting("ann", {}).addErrback(failures.append)
    desk.settle()
    assert [failure.type for failure in failures] == [JournalError]


def test_nobody_waits_while_many_who_came_and_went_are_passed_over(tmp_path):
    """The read is bounded by steps of SQLite's machine, which are the same on every computer."""
    with Desk(tmp_path) as desk:
        change(desk, read("lobby", "ann", seq=0, member=True))
        say(desk, "lobby", "ann")
        for _ in range(5000):
            desk.journal.append(Joined("lobby", 1.0, "g", "bob"))
            desk.journal.append(Left("lobby", 1.0, "g", "bob"))
        desk.settle()

        def steps() -> int:
            count = [0]
            connection = desk.journal._reader.connection
            connection.set_progress_handler(lambda: count.__setitem__(0, count[0] + 1), 100)
            assert waiting(desk, "ann", lobby=0) == {"lobby": (1, 1)}
            connection.set_progress_handler(None, 0)
            return count[0] * 100

        assert steps() < 60_000
        desk.rest(10)
        assert steps() < 1000


# -- both journals are one

ROOMS = st.sampled_from(["a", "b", "@x:y"])
ACCOUNTS = st.sampled_from(["ann", "bob"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), ROOMS, st.sets(ACCOUNTS)),
        st.tuples(st.just("join"), ROOMS, ACCOUNTS),
        st.tuples(st.just("leave"), ROOMS, ACCOUNTS),
        st.tuples(st.just("read"), ROOMS, ACCOUNTS, st.integers(0, 12)),
        st.tuples(st.just("forget"), ACCOUNTS),
        st.tuples(st.just("trim"), ROOMS, st.integers(1, 5)),
        st.tuples(st.just("turn")),
        st.tuples(st.just("rest")),
    ),
    max_size=40,
)


def do(desk, kind: str, *what) -> None:
    journal = desk.journal
    match kind, *what:
        case "say", room, accounts:
            say(desk, room, *sorted(accounts))
        case "join", room, account:
            journal.append(Joined(room, 1.0, account, account), [read(room, account, member=True)])
        case "leave", room, account:
            journal.append(Left(room, 1.0, account, account), [gone(room, account)])
        case "read", room, account, seq:
            journal.change([read(room, account, seq=seq)])
        case "forget", account:
            journal.change([gone("", account)])
        case "trim", room, most:
            desk.settle()
            journal.trim(room, RetentionLimit(events=most))
            desk.rest(0.5)
        case ("turn",):
            desk.settle()
        case ("rest",):
            desk.clock.advance(1)
            desk.settle()


@settings(max_examples=100, deadline=None)
@pytest.mark.slow
@given(STEPS)
def test_all_journals_remember_and_count_the_same(postgres, steps):
    with tempfile.TemporaryDirectory() as folder:
        with Desk(Path(folder)) as desk, PostgresDesk(postgres.database()) as database, MemoryDesk() as memory:
            for step in steps:
                for one in (desk, database, memory):
                    do(one, *step)
            for account in ("ann", "bob"):
                assert positions(desk, account) == positions(database, account) == positions(memory, account)
                for after in (0, 2, 5):
                    asked = {"a": after, "b": after, "@x:y": after}
                    found = [one.now(one.journal.waiting(account, asked)) for one in (desk, database, memory)]
                    assert found[0] == found[1] == found[2]
        assert check(Path(folder)) == []


# -- on disk


def test_positions_are_there_after_an_upgrade_and_after_a_restart(tmp_path):
    with Desk(tmp_path, scripts=schema()[:4]) as old:
        for _ in range(3):
            say(old, "lobby")
        old.settle()
    with Desk(tmp_path) as desk:
        assert waiting(desk, "ann", lobby=1) == {"lobby": (2, 0)}
        change(desk, read("lobby", "ann", seq=2, member=True))
        say(desk, "lobby", "ann")
    with Desk(tmp_path) as desk:
        assert positions(desk, "ann") == {"lobby": (2, True)}
        assert waiting(desk, "ann", lobby=2) == {"lobby": (2, 1)}
        trimmed = desk.journal.trim("lobby", RetentionLimit(events=1))
        desk.rest(1)
        assert desk.now(trimmed) == 3
        assert desk.sql("SELECT * FROM mention") == [("ann", "lobby", 4)]
    assert check(tmp_path) == []


def test_an_older_history_that_is_not_indexed_again_yet_is_counted(tmp_path):
    with Desk(tmp_path, scripts=schema()[:3]) as old:
        for _ in range(3):
            say(old, "lobby")
        old.settle()
    with Desk(tmp_path) as desk:
        say(desk, "lobby")
        assert desk.sql("SELECT first FROM indexed") != [(1,)]
        assert waiting(desk, "ann", lobby=1) == {"lobby": (3, 0)}


def test_another_program_deletes_positions_beside_the_server(tmp_path):
    with Desk(tmp_path) as desk:
        change(desk, read("lobby", "ann", seq=2), read("lobby", "bob", seq=2))
        with OfflineJournal(tmp_path, writing=True, now=lambda: NOW) as offline:
            offline.change([gone("", "ann")], AuditEntry(AUDIT, NOW, "", "root", act="x", where="", text="y"))
            assert [record.scope for record in offline.find(READING, "bob")] == ["lobby"]
        assert positions(desk, "ann") == {} and positions(desk, "bob") == {"lobby": (2, False)}
        desk.rest(2)
        assert desk.told.changes == []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("UPDATE reading SET seq = 3", "the position of the account ann in the room lobby has been altered"),
        ("UPDATE reading SET member = 0", "the position of the account ann in the room lobby has been altered"),
        ("UPDATE reading SET account = 'amn'", "the position of the account amn in the room lobby has been altered"),
        ("UPDATE reading SET seq = 'x'", "the journal is damaged"),
        ("DELETE FROM reading", "a mention of the account ann in the room lobby is not after what it has read"),
        ("UPDATE mention SET seq = 1", "a mention of the account ann in the room lobby is not after"),
    ],
)
def test_damaged_positions_are_found(tmp_path, damage, problem):
    with Desk(tmp_path) as desk:
        change(desk, read("lobby", "ann", seq=2, member=True))
        for _ in range(3):
            say(desk, "lobby", "ann")
        desk.settle()
        assert check(tmp_path) == []
        desk.sql(damage)
        assert any(problem in line for line in check(tmp_path))
