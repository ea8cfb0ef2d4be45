"""How the search index follows the events on disk: behind them, across restarts, and through upgrades."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from functools import partial
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat.events import Joined, Said, TopicChanged
from chatroom.chat.ports import Query, RetentionLimit
from chatroom.journal import _index
from chatroom.journal._backlog import ENOUGH, LONGEST
from chatroom.journal._database import schema
from chatroom.journal._index import LARGE, MANY, PASSED_OVER, SLICE

from .stand_ins import NOW, Desk, said


@pytest.fixture
def desk(tmp_path):
    with Desk(tmp_path / "data") as desk:
        yield desk


def query(word: str, *rooms: str, **more) -> Query:
    return Query(((word,),), rooms or ("a",), limit=100_000, **more)


def found(desk: Desk, word: str, *rooms: str, **more) -> list[int]:
    return [seq for seq, _ in desk.now(desk.journal.search(query(word, *rooms, **more)))]


def indexed(desk: Desk) -> int:
    return desk.sql("SELECT count(*) FROM said")[0][0]


def talk(count: int, room: str = "a") -> list:
    return [said(room, f"tea {n}", NOW + n) for n in range(1, count + 1)]


def assert_in_order(desk: Desk) -> None:
    """The index matches the stored text, by FTS5's own check."""
    desk.sql("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")


def test_nothing_is_indexed_by_a_commit_and_everything_while_people_rest(desk):
    desk.write(*talk(1000), *talk(3, "b"))
    assert indexed(desk) == 0
    desk.rest(2)
    assert indexed(desk) == 1003
    assert_in_order(desk)


def test_lines_that_come_one_by_one_are_indexed_together_after_some_seconds(desk):
    each = 0.005
    desk.rest(1.1)  # the first round looks at every room
    for n in range(round((LONGEST - 0.3) / each)):
        desk.write(said(f"room {n % 200}", "tea", NOW + n))
        desk.rest(each)
    assert indexed(desk) == 0
    for n in range(round(0.4 / each)):
        desk.write(said("a", "tea", NOW + 9999 + n))
        desk.rest(each)
    assert indexed(desk) > 0.75 * LONGEST / each
    assert desk.journal._indexer.unmerged == 4


def test_a_thousand_lines_are_indexed_at_once_however_many_come(desk):
    for n in range(ENOUGH):
        desk.write(said("a", "tea", NOW + n))
        desk.rest(0.001)
    desk.rest(0.1)
    for n in range(1000):
        desk.write(said("a", "tea", NOW + 9999 + n))
        desk.rest(0.001)
    assert ENOUGH <= indexed(desk) < ENOUGH + 1000
    assert desk.journal._indexer.unmerged <= 2 * ENOUGH // LARGE.events


def test_a_few_lines_are_indexed_when_nothing_more_comes(desk):
    desk.write(*talk(3))
    desk.rest(3)
    assert indexed(desk) == 3


def reached(desk: Desk) -> dict[str, int]:
    """How far the index is in each room."""
    return dict(desk.sql("SELECT name, last FROM indexed JOIN room ON room.id = indexed.room"))


def test_a_room_where_people_only_come_and_go_is_looked_at_once_in_a_while(desk):
    desk.write(*talk(3), *talk(1, "b"))
    desk.rest(9)  # the first round looks at every room
    for _ in range(PASSED_OVER - 1):
        desk.write(Joined("a", NOW, "guest:ann", "ann"))
    desk.rest(9)
    assert reached(desk) == {"a": 3, "b": 1}
    desk.write(Joined("a", NOW, "guest:ann", "ann"))
    desk.rest(9)
    assert reached(desk) == {"a": 3 + PASSED_OVER, "b": 1}
    desk.write(Joined("a", NOW, "guest:ann", "ann"), *talk(1))
    assert sorted(found(desk, "tea")) == [1, 2, 3, 5 + PASSED_OVER]
    assert reached(desk) == {"a": 5 + PASSED_OVER, "b": 1}


def test_of_rooms_that_were_passed_over_not_any_number_is_remembered(desk, monkeypatch):
    monkeypatch.setattr(_index, "_PASSING", 5)
    rooms = [f"room{n}" for n in range(7)]
    desk.rest(9)
    desk.write(*(Joined(room, NOW, "guest:ann", "ann") for room in rooms[:5]))
    desk.rest(9)
    assert reached(desk) == {}
    desk.write(*(Joined(room, NOW, "guest:ann", "ann") for room in rooms[5:]))
    desk.rest(9)
    assert reached(desk) == {"room0": 1, "room1": 1}


def test_a_room_that_was_passed_over_does_not_count_as_old_after_a_restart(tmp_path):
    with Desk(tmp_path / "data") as desk:
        desk.rest(9)
        desk.write(Joined("a", NOW, "guest:ann", "ann"))
        desk.rest(9)
        assert reached(desk) == {}
    with Desk(tmp_path / "data") as desk:
        desk.journal._indexer.step()
        # Or a search would say that older messages are still being indexed.
        assert desk.sql("SELECT first, last FROM indexed") == []
        assert len(desk.journal._indexer.grown) == 1


def test_a_search_finds_what_was_said_just_now_however_little_it_is(desk):
    desk.write(*talk(3))
    assert indexed(desk) == 0
    assert found(desk, "tea") == [3, 2, 1]


def test_background_tasks_wait_for_a_quiet_moment_but_not_for_ever(desk):
    desk.write(*talk(4 * LARGE.events))
    desk.journal._commits.busy = True  # as if there were always something to commit
    desk.rest(1.1)
    assert indexed(desk) == 0
    desk.rest(0.2)
    assert indexed(desk) == LARGE.events
    desk.journal._commits.busy = False
    desk.rest(0.1)
    assert indexed(desk) == 4 * LARGE.events


def test_a_search_waits_for_a_small_backlog_and_not_for_a_large_one(desk):
    desk.write(*talk(1))
    assert len(found(desk, "tea")) == 1

    desk.write(*talk(MANY))
    assert len(found(desk, "tea")) == MANY + 1
    assert desk.journal._indexer.unmerged == 1 + MANY // LARGE.events == 17

    desk.write(*talk(2 * MANY))
    assert len(found(desk, "tea")) == MANY + 1 + 16 * SLICE.events
    desk.rest(2)
    assert len(found(desk, "tea")) == 3 * MANY + 1


def test_many_rooms_share_a_slice(desk):
    for n in range(LARGE.events + 1):
        desk.journal.append(said(f"room {n}", "tea"))
    desk.settle()
    rooms = [f"room {n}" for n in range(LARGE.events + 1)]
    assert len(found(desk, "tea", *rooms)) == LARGE.events + 1
    assert desk.journal._indexer.unmerged == 2


def test_long_texts_make_short_slices(desk):
    for n in range(1, 106):
        desk.write(said("a", "tea " * 1500, float(n)))
    found(desk, "tea")
    assert indexed(desk) == 105
    assert desk.journal._indexer.unmerged == 15
    found(desk, "tea")
    desk.write(said("a", "tea"))
    desk.rest(4)
    assert desk.journal._indexer.unmerged == 0
    assert_in_order(desk)


def test_what_a_restart_interrupted_is_indexed_afterwards(desk):
    desk.write(*talk(500))
    desk.write(*(Joined("b", 1.0, "g", "ann") for _ in range(300)), said("b", "tea"))
    desk.rest(1.008)
    assert 0 < indexed(desk) < 501
    desk.close()
    desk.open()
    desk.rest(2)
    assert found(desk, "tea") == list(range(500, 0, -1))
    assert found(desk, "tea", "b") == [301]


def of_version_1(folder, *events, **more) -> Desk:
    """A data folder as the first version has left it."""
    with Desk(folder, scripts=schema()[:1]) as old:
        old.write(*events)
    return Desk(folder, **more)


def test_old_history_is_indexed_after_an_upgrade_the_newest_first(tmp_path):
    steps_take_3_ms = partial(next, count(0.0, 0.003))
    before = [*talk(1000), *talk(5, "b"), TopicChanged("c", 1.0, "g", "ann", topic="x")]
    with of_version_1(tmp_path, *before, timer=steps_take_3_ms) as desk:
        assert [path.name for path in tmp_path.glob("*.bak")] == ["journal.sqlite3.v1.20231114T221320Z.bak"]
        desk.write(said("a", "tea 1001", NOW + 5000))
        assert found(desk, "tea") == [1001]
        desk.rest(1.02)
        some = found(desk, "tea")
        assert 1 < len(some) < 1000
        assert some == list(range(1001, 1001 - len(some), -1))
    with desk:
        desk.rest(2)
        assert found(desk, "tea") == list(range(1001, 0, -1))
        assert found(desk, "tea", "b") == [5, 4, 3, 2, 1]
        assert desk.sql("SELECT DISTINCT first FROM indexed") == [(1,)]
        assert_in_order(desk)


def test_old_history_of_one_moment_keeps_its_order(tmp_path):
    with of_version_1(tmp_path, *(said("a", "tea") for _ in range(400))) as desk:
        desk.write(said("a", "tea"))
        assert found(desk, "tea") == [401]
        desk.rest(2)
        assert found(desk, "tea") == list(range(401, 0, -1))


def imported(folder, rooms: dict[str, int]) -> None:
    """Make a journal that another program has filled: so many lines in each room, at the same times, none indexed."""
    Desk(folder).__enter__().close()
    with closing(sqlite3.connect(folder / "journal.sqlite3")) as database, database:
        for name, lines in rooms.items():
            number = database.execute("INSERT INTO room (name) VALUES (?)", (name,)).lastrowid
            database.executemany(
                'INSERT INTO event (room, seq, type, at, "by", nick, text, target) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
                [(number, n, "said", NOW + n, "g", "ann", f"tea {n}", "") for n in range(1, lines + 1)],
            )


def test_imported_rooms_are_indexed_abreast_the_newest_first(tmp_path):
    sizes = {"long": 3 * SLICE.events, **{f"room{number}": SLICE.events for number in range(20)}}
    imported(tmp_path, sizes)
    with Desk(tmp_path) as desk:
        indexer = desk.journal._indexer
        lasts = []
        while indexer.step() is not None:
            if not indexer._old:
                break
            rows = desk.sql("SELECT name, first FROM indexed JOIN room ON room.id = indexed.room")
            lasts.append(dict(rows))
        # What is left of all rooms ends at about the same time, after each has had its first piece.
        for firsts in lasts[-100:]:
            left = [first for name, first in firsts.items() if 1 < first <= SLICE.events and name != "long"]
            assert not left or max(left) - min(left) <= 2 * SLICE.events // 6
        assert [len(found(desk, "tea", name)) for name in sizes] == list(sizes.values())
        assert not desk.journal.indexing
        assert_in_order(desk)


def test_what_is_said_in_an_imported_room_is_found_before_its_history_is_indexed(tmp_path):
    imported(tmp_path, {"a": 5000})
    with Desk(tmp_path) as desk:
        desk.write(said("a", "new tea", NOW + 9000))
        assert found(desk, "tea") == list(range(5001, 5001 - SLICE.events, -1))
        assert desk.journal.indexing
        desk.rest(3)
        assert len(found(desk, "tea")) == 5001 and not desk.journal.indexing


def test_rooms_trimmed_before_they_were_indexed_are_no_trouble(tmp_path):
    with of_version_1(tmp_path, *talk(1000)) as desk:
        desk.write(*(said("a", "tea") for _ in range(1000)), *talk(1, "b"))
        trimmed = desk.journal.trim("a", RetentionLimit(events=10))
        desk.rest(1)
        assert trimmed.result == 1990
        desk.rest(3)
        assert sorted(found(desk, "tea")) == list(range(1991, 2001))
        assert_in_order(desk)


def test_an_index_that_cannot_be_written_is_told_once_and_made_later(desk):
    desk.write(*talk(5))
    desk.sql("CREATE TRIGGER full BEFORE INSERT ON said BEGIN SELECT RAISE(FAIL, 'full'); END")
    desk.rest(3)
    assert found(desk, "tea") == []
    desk.sql("DROP TRIGGER full")
    desk.rest(2)
    assert len(found(desk, "tea")) == 5


TIMES = st.sampled_from([0.0, -1.0, 1.0, 1.000001, 2.0, NOW, NOW + 1e-6, 5e9, 1e300])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from("ab"), TIMES),
        st.tuples(st.just("join"), st.sampled_from("ab"), TIMES),
        st.tuples(st.just("search"), st.just("a"), st.just(0.0)),
        st.tuples(st.just("rest"), st.just("a"), st.just(0.0)),
        st.tuples(st.just("reopen"), st.just("a"), st.just(0.0)),
        st.tuples(st.just("trim"), st.sampled_from("ab"), st.sampled_from([1.0, 3.0])),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_what_is_found_is_what_was_said_whatever_was_done_in_between(steps):
    with tempfile.TemporaryDirectory() as folder, Desk(folder) as desk:
        for kind, room, number in steps:
            if kind == "say":
                desk.write(said(room, "tea", number))
            elif kind == "join":
                desk.write(Joined(room, number, "g", "ann"))
            elif kind == "search":
                found(desk, "tea")
            elif kind == "rest":
                desk.rest(1.1)
            elif kind == "trim":
                desk.journal.trim(room, RetentionLimit(events=int(number)))
                desk.rest(0.1)
            else:
                desk.close()
                desk.open()
        desk.rest(1.5)
        for room in "ab":
            kept = [seq for seq, event in desk.read(room) if isinstance(event, Said)]
            assert sorted(found(desk, "tea", room)) == kept
        assert_in_order(desk)
