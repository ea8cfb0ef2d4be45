"""The journal in PostgreSQL beyond the contract: what breaks between it and the database, and who may write."""

from __future__ import annotations

import threading
from collections.abc import Callable
from threading import Event as Flag

import psycopg
import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from chatroom.chat.changes import Deleted, Edited
from chatroom.chat.events import Joined, Left, Said
from chatroom.chat.ports import JournalError, Query, RecordChange, RetentionLimit, TookTooLong
from chatroom.journal._group_commit import MAX_QUEUE
from chatroom.journal._presence import CRASHED
from chatroom.journal.postgres import lease
from chatroom.journal.postgres import writer as writer_module
from chatroom.journal.postgres.connection import Connection, Deposed, check_address, described
from chatroom.journal.postgres.indexer import SLICE
from chatroom.journal.postgres.lease import Lease, is_held, take
from chatroom.journal.postgres.upgrade import upgrade
from chatroom.journal.postgres.writer import Writer
from tests.cutting_proxy import CuttingProxy

from .stand_ins import NOW, PostgresDesk, Workers, said


@pytest.fixture
def address(postgres):
    return postgres.database()


@pytest.fixture
def desk(address):
    with PostgresDesk(address) as desk:
        yield desk


def sql(address: str, statement: str) -> list:
    with psycopg.connect(address, autocommit=True) as other:
        answer = other.execute(statement.encode())
        return answer.fetchall() if answer.description is not None else []


def stored(address: str, room: str = "a") -> list[tuple[int, str]]:
    return sql(
        address,
        f"SELECT seq, text FROM event JOIN room ON room.id = event.room WHERE name = '{room}' ORDER BY seq",
    )


def refusal(address: str) -> str:
    """The one line that says why a journal could not be opened."""
    desk = PostgresDesk(address)
    with pytest.raises(JournalError) as caught:
        desk.open()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def failure(desk: PostgresDesk, deferred: Deferred) -> Failure:
    """Wait for *deferred* to fail."""
    found: list[Failure] = []
    deferred.addErrback(found.append)
    desk.settle()
    return found[0]


# -- opening


def test_after_a_crash_everyone_has_left(address):
    desk = PostgresDesk(address)
    desk.open()
    desk.write(Joined("a", 1.0, "g1", "ann"), Joined("b", 1.0, "g2", "bob"), Joined("b", 1.0, "g1", "ann"))
    desk.write(Left("b", 2.0, "g1", "ann"))
    sql(address, "UPDATE lease SET until = 'epoch'")  # it died more than three seconds ago

    again = PostgresDesk(address)
    assert again.open() == 2
    assert again.told.seen("a") == [] == again.told.seen("b")
    assert again.read("a")[-1] == (2, Left("a", NOW, "g1", "ann", CRASHED))
    assert again.read("b")[-1] == (4, Left("b", NOW, "g2", "bob", CRASHED))
    again.close()
    with PostgresDesk(address) as once_more:
        assert once_more.told.commits == []


def test_what_cannot_keep_a_journal_says_so(postgres, address):
    assert "cannot be reached" in refusal("postgresql://chatroom@127.0.0.1:9/none")
    assert 'database "none" does not exist' in refusal(postgres.address("none"))
    latin = postgres.database(ENCODING="LATIN1", LOCALE="'C'", TEMPLATE="template0")
    assert "UTF8" in refusal(latin)
    sql(
        address,
        "CREATE TABLE meta (key text, value text); CREATE TABLE fence (); INSERT INTO meta VALUES ('version', 99)",
    )
    assert refusal(address).endswith("it is of a newer chatroom")


def test_a_user_without_rights_is_told(postgres, address):
    sql(address, "CREATE ROLE guest LOGIN")
    try:
        assert "permission denied" in refusal(address.replace("chatroom@", "guest@"))
    finally:
        sql(address, "DROP ROLE guest")


def test_a_database_that_is_read_only_is_refused_in_words(postgres, address):
    name = address.rpartition("/")[2]
    postgres.sql("postgres", f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert "read-only" in refusal(f"{address}?target_session_attrs=any")


def test_an_address_is_checked_and_shown_without_its_password():
    address = "postgresql://ann:hunter2@db.example:5433/talk"
    assert check_address(address) == address
    assert described(address) == "talk at db.example"
    assert described("user=ann") == "ann"
    with pytest.raises(ValueError, match="connection string") as caught:
        check_address("mysql://ann:hunter2@db.example/talk")
    assert "hunter2" not in str(caught.value)


def test_two_servers_cannot_have_one_database(address, monkeypatch):
    monkeypatch.setattr(lease, "RENEWAL", 0.0)
    monkeypatch.setattr(lease, "LENGTH", 0.3)
    with PostgresDesk(address) as desk:
        sql(address, "UPDATE lease SET until = clock_timestamp() + interval '1 minute'")
        assert "another chatroom uses it, on " in refusal(address)
        desk.write(said("a", "still here"))
        assert desk.told.texts("a") == ["still here"]


def test_a_server_that_has_died_is_waited_for(address):
    desk = PostgresDesk(address)
    desk.open()
    sql(address, "UPDATE lease SET until = clock_timestamp() + interval '0.3 seconds'")
    with PostgresDesk(address) as second:
        second.write(said("a", "here now"))
        assert second.told.texts("a") == ["here now"]


def test_who_was_deposed_writes_nothing_and_is_told(address):
    ended: list[int] = []
    first = PostgresDesk(address, deposed=lambda: ended.append(len(first.told.failures)))
    first.open()
    first.write(said("a", "1"))
    sql(address, "UPDATE lease SET until = 'epoch'")  # as if it had been paused for so long
    with PostgresDesk(address) as second:
        second.write(said("a", "2"))
        first.write(said("a", "never"))
        assert [texts for texts, _ in first.told.failures] == [[said("a", "never")]]
        assert "taken over" in first.told.failures[0][1]
        assert ended == [0], "before anybody is told that it is not stored"
        first.write(said("a", "never either"))
        first.rest(2)
        assert ended == [0]
        assert stored(address) == [(1, "1"), (2, "2")]
        first.close()
        second.write(said("a", "3"))
        assert stored(address)[-1] == (3, "3")


def test_the_lease_is_renewed_and_given_back(address):
    desk = PostgresDesk(address)
    desk.open()
    [(left,)] = sql(address, "SELECT extract(epoch FROM until - clock_timestamp()) FROM lease")
    assert lease.LENGTH < left <= lease.OPENING, "as long as it takes to read all accounts"
    desk.settle()
    [(left,)] = sql(address, "SELECT extract(epoch FROM until - clock_timestamp()) FROM lease")
    assert 1 < left <= lease.LENGTH
    sql(address, "UPDATE lease SET until = clock_timestamp() + interval '0.5 seconds'")
    desk.rest(1.1)
    [(left,)] = sql(address, "SELECT extract(epoch FROM until - clock_timestamp()) FROM lease")
    assert 1 < left <= lease.LENGTH
    desk.close()
    assert not is_held(Connection(address, Flag()))


def test_commits_are_durable_whatever_the_configuration_says(postgres, address):
    postgres.sql("postgres", f"ALTER DATABASE {address.rpartition('/')[2]} SET synchronous_commit = off")
    with PostgresDesk(address) as desk:
        connection = desk.journal._commits.writer._connection
        assert connection.ask("SHOW synchronous_commit") == [("on",)]


# -- connections that break


@pytest.fixture
def proxy(postgres):
    with CuttingProxy(postgres.port) as proxy:
        yield proxy


def through(proxy: CuttingProxy, address: str) -> str:
    head, _, name = address.rpartition("/")
    return f"{head.rpartition(':')[0]}:{proxy.port}/{name}"


def test_a_commit_whose_answer_is_lost_is_stored_once(proxy, address):
    with PostgresDesk(through(proxy, address)) as desk:
        desk.write(said("a", "1"))
        proxy.swallow_answers()
        helper = threading.Thread(target=proxy.until_swallowed)
        helper.start()
        desk.write(said("a", "2"), said("b", "1"))
        helper.join()
        desk.write(said("a", "3"))
        assert desk.told.failures == []
        assert desk.told.texts("a") == ["1", "2", "3"]
    assert stored(address) == [(1, "1"), (2, "2"), (3, "3")]
    assert stored(address, "b") == [(1, "1")]


def test_a_commit_whose_answer_is_lost_and_that_cannot_be_repeated_counts_all_the_same(proxy, address):
    """The first attempt has been stored; then the disk fills, so that the second one certainly fails."""
    with PostgresDesk(through(proxy, address)) as desk:
        desk.write(said("a", "1"))
        proxy.swallow_answers()

        def fill() -> None:
            proxy.until_swallowed()

        helper = threading.Thread(target=fill)
        helper.start()
        sql(address, "ALTER TABLE done ADD CONSTRAINT is_full CHECK (n <> 3) NOT VALID")
        desk.write(said("a", "2"))
        helper.join()
        assert desk.told.texts("a") == ["1", "2"]
        desk.write(said("a", "lost"))
        assert [events for events, _ in desk.told.failures] == [[said("a", "lost")]]
        sql(address, "ALTER TABLE done DROP CONSTRAINT is_full")
        desk.write(said("a", "3"))
    assert stored(address) == [(1, "1"), (2, "2"), (3, "3")]


@pytest_twisted.ensureDeferred
async def test_while_the_database_is_away_people_are_told_and_then_everything_goes_on(proxy, address):
    from twisted.internet import reactor
    from twisted.internet.task import deferLater

    from chatroom.journal.postgres.journal import PostgresJournal

    from .stand_ins import Recorder

    told = Recorder()
    journal = PostgresJournal(through(proxy, address), reactor.callLater, reactor.callFromThread, now=lambda: NOW)
    journal.open(told)
    journal.append(said("a", "1"))
    await journal.flush()
    proxy.cut()
    journal.append(said("a", "2"))
    reading = journal.after("a", 0, 10)
    while not told.failures:
        await deferLater(reactor, 0.1)
    assert told.failures == [([], "the database does not answer")]
    journal.append(said("a", "3"))
    proxy.mend()
    await journal.flush()
    assert told.texts("a") == ["1", "2", "3"]
    assert len(told.failures) == 1
    assert [seq for seq, _ in await reading] in ([1], [1, 2], [1, 2, 3])
    await journal.close()


@pytest_twisted.ensureDeferred
async def test_a_journal_closes_though_the_database_never_answers_again(proxy, address):
    from twisted.internet import reactor

    from chatroom.journal.postgres.journal import PostgresJournal

    from .stand_ins import Recorder

    told = Recorder()
    journal = PostgresJournal(through(proxy, address), reactor.callLater, reactor.callFromThread, now=lambda: NOW)
    journal.open(told)
    proxy.cut()
    journal.append(said("a", "1"))
    await journal.close()
    [(events, why)] = [failure for failure in told.failures if failure[0]]
    assert events == [said("a", "1")] and "cannot be reached" in why


def test_a_line_after_a_silence_does_not_count_as_one_that_waits(address):
    clock: list[float] = [0.0]
    with PostgresDesk(address, timer=lambda: clock[0]) as desk:
        desk.write(said("a", "1"))
        clock[0] = 60.0
        desk.journal.append(said("a", "2"))
        desk.journal._check()  # the round of every second, in the turn in which the line has come
        desk.settle()
        assert desk.told.failures == [] and desk.told.texts("a") == ["1", "2"]


def test_a_search_survives_a_restart_of_the_database(proxy, address):
    with PostgresDesk(through(proxy, address)) as desk:
        desk.write(said("a", "tea"))
        assert found(desk, "tea") == ["tea"]
        proxy.cut()
        proxy.mend()
        assert found(desk, "tea") == ["tea"]


def test_what_waits_has_a_bound(address):
    from twisted.internet.task import Clock

    from chatroom.journal._group_commit import GroupCommit

    from .stand_ins import Recorder

    class Stuck:
        def run(self, work, done) -> None: ...

        def stop(self) -> None: ...

        def commit(self, events, rows=()) -> list:
            raise AssertionError

    clock, told = Clock(), Recorder()
    commits: GroupCommit = GroupCommit(clock.callLater, Stuck(), clock.seconds)
    commits.listener, commits.writer = told, Stuck()
    event = said("a", "again and again")
    for _ in range(MAX_QUEUE + 2):
        commits.append(event, ())
    assert commits.queue == MAX_QUEUE
    clock.advance(0)
    assert told.failures == [([event], "too much is waiting to be stored")] * 2


# -- every two of: an append, its retry, a renewal, a takeover, on two connections of their own


class Server:
    """One that could have the database: its writer and its lease, each with its own connection."""

    def __init__(self, address: str, name: str) -> None:
        self.stopped = Flag()
        self.connection = Connection(address, self.stopped, lock_timeout="10s")
        self.other = Connection(address, self.stopped, lock_timeout="10s")
        self.name = name
        self.number = 0

    def take(self) -> None:
        self.epoch = take(self.connection, self.name, self.name, self.stopped.wait)
        self.fence = self.epoch, self.name
        self.writer = Writer(self.connection, self.fence, self.stopped)
        self.lease = Lease(self.other, self.epoch, self.name)

    def close(self) -> None:
        self.connection.close()
        self.other.close()


APPEND = "SELECT append(%s, %s, %s, %s, NULL)"


@pytest.fixture
def pair(address):
    """Two servers, of which the first has the database, with a room whose id is 1."""
    first, second = Server(address, "first"), Server(address, "second")
    upgrade(first.connection.get())
    first.take()
    first.writer.commit([said("a", "1")])
    yield first, second
    first.close()
    second.close()


def in_background(work: Callable[[], object]) -> Callable[[], object]:
    """Do *work* on a thread; return what waits for its result."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result() -> object:
        thread.join(15)
        assert results, "it still waits"
        return results[0]

    return result


def waits(address: str, count: int = 1) -> None:
    """Wait until so many statements wait for a lock."""
    for _ in range(500):
        [(found,)] = sql(address, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        if found >= count:
            return
        Flag().wait(0.01)
    raise AssertionError("nothing waits")


def row(text: str, seq: int) -> str:
    return f'[[1, {seq}, "said", 1.5, "guest:ann", "ann", "{text}", "", null]]'


def test_an_append_and_its_retry_store_it_once(pair, address):
    """The first attempt has not ended yet, as if its commit waited for a standby, when the second one comes."""
    first, _ = pair
    slow = psycopg.connect(address)
    assert slow.execute(APPEND.encode(), (*first.fence, 7, row("2", 2))).fetchone() == (True,)
    retry = in_background(lambda: first.other.ask(APPEND, (*first.fence, 7, row("2", 2))))
    waits(address)
    slow.commit()
    assert retry() == [(False,)]
    assert stored(address) == [(1, "1"), (2, "2")]

    # And where the first attempt is given up, the second one counts.
    assert slow.execute(APPEND.encode(), (*first.fence, 8, row("3", 3))).fetchone() == (True,)
    retry = in_background(lambda: first.other.ask(APPEND, (*first.fence, 8, row("3", 3))))
    waits(address)
    slow.rollback()
    assert retry() == [(True,)]
    assert stored(address) == [(1, "1"), (2, "2"), (3, "3")]
    slow.close()


def test_a_takeover_waits_for_an_append_that_was_begun_and_refuses_its_retry(pair, address):
    first, second = pair
    slow = psycopg.connect(address)
    slow.execute(APPEND.encode(), (*first.fence, 7, row("2", 2)))
    sql(address, "UPDATE lease SET until = 'epoch'")
    taking = in_background(second.take)
    waits(address)
    slow.commit()
    assert taking() is None
    with pytest.raises(psycopg.Error, match="taken over"):
        first.other.ask(APPEND, (*first.fence, 7, row("2", 2)))
    with pytest.raises(Deposed):
        first.writer.commit([said("a", "never")])
    second.writer.commit([said("a", "3")])
    assert stored(address) == [(1, "1"), (2, "2"), (3, "3")]
    slow.close()


def test_an_append_that_comes_during_a_takeover_is_refused(pair, address):
    first, _ = pair
    slow = psycopg.connect(address)
    sql(address, "UPDATE lease SET until = 'epoch'")
    slow.execute(b"UPDATE fence SET epoch = epoch + 1, holder = 'second'")
    late = in_background(lambda: first.writer.commit([said("a", "never")]))
    waits(address)
    slow.commit()
    assert isinstance(late(), Deposed)
    assert stored(address) == [(1, "1")]
    slow.close()


def test_a_renewal_waits_for_no_append_and_comes_too_late_after_a_takeover(pair, address):
    first, second = pair
    slow = psycopg.connect(address)
    slow.execute(APPEND.encode(), (*first.fence, 7, row("2", 2)))
    assert first.lease.renew() is None
    slow.commit()
    slow.close()
    sql(address, "UPDATE lease SET until = 'epoch'")
    second.take()
    with pytest.raises(Deposed):
        first.lease.renew()
    first.lease.release()
    assert is_held(second.connection)


def test_of_two_who_take_over_at_once_one_succeeds(pair, address, monkeypatch):
    # They give up before the winner, which does not renew its lease here, counts as dead.
    monkeypatch.setattr(lease, "RENEWAL", 0.3 - lease.LENGTH)
    first, second = pair
    third = Server(address, "third")
    sql(address, "UPDATE lease SET until = 'epoch'")
    races = [in_background(second.take), in_background(third.take)]
    outcomes = [race() for race in races]
    assert sorted(outcome is None for outcome in outcomes) == [False, True]
    [failed] = [outcome for outcome in outcomes if outcome is not None]
    assert isinstance(failed, JournalError) and "another chatroom" in str(failed)
    assert sql(address, "SELECT epoch FROM fence") == [(first.epoch + 1,)]
    third.close()


def test_an_edit_waits_for_the_index_and_then_changes_what_that_has(desk, address):
    """The index has read the old text, and has not stored it yet."""
    desk.write(said("tea", "green"))
    slow = psycopg.connect(address)
    slow.execute(b"SELECT * FROM event FOR SHARE")
    other = Connection(address, Flag())
    [(number,)] = sql(address, "SELECT id FROM room WHERE name = 'tea'")
    more = f'{{"amended": [[{number}, 1, "black", null, "\'black\':1"]]}}'
    editing = in_background(lambda: other.ask("SELECT change(%s)", (more,)))
    waits(address)
    slow.execute(f"INSERT INTO said VALUES ({number}, 1, 1.5, 1, '''green'':1')".encode())
    slow.commit()
    editing()
    assert sql(address, "SELECT words FROM said") == [("'black':1",)]
    slow.close()
    other.close()


# -- the rest


def test_chatroom_admin_may_append_to_a_room_of_a_running_server(desk, address):
    desk.write(said("a", "1"))
    other = Connection(address, Flag())
    Writer(other, None, Flag()).commit([said("a", "2")])
    desk.write(said("a", "3"))
    assert [(seq, event.text) for seq, event in desk.read("a")] == [(1, "1"), (2, "2"), (3, "3")]
    other.close()


def test_a_commit_of_more_rooms_than_are_remembered_is_stored(desk, address, monkeypatch):
    monkeypatch.setattr(writer_module, "_KNOWN", 5)
    connection = Connection(address, Flag())
    writer = Writer(connection, None, Flag())
    writer.commit([said(f"r{number}", "1") for number in range(20)])
    # One that has been there for longest, and one that is new.
    for oldest, new in (("r15", "s1"), ("r16", "s2"), ("r0", "s3")):
        batches = writer.commit([said(new, "1"), said(oldest, "2")])
        assert [(batch.room, batch.first) for batch in batches] == [(new, 1), (oldest, 2)]
    assert stored(address, "r15") == stored(address, "r0") == [(1, "1"), (2, "2")]
    connection.close()


def test_changes_by_another_program_are_told_once_with_their_newest_values(desk, address):
    from chatroom.journal._records import encode

    other = Connection(address, Flag())
    writer = Writer(other, None, Flag())
    changes = [RecordChange("a", "ban", f"nick:{n}", {"n": n}) for n in range(150)]
    writer.commit([], encode(changes))
    writer.commit([], encode([RecordChange("a", "ban", "nick:7", None)]))
    desk.rest(1.1)
    told = {change.key: change.value for changes in desk.told.changes for change in changes}
    assert len(told) == 150 and told["nick:7"] is None and told["nick:8"] == {"n": 8}
    count = len(desk.told.changes)
    desk.rest(2.1)
    assert len(desk.told.changes) == count
    assert sql(address, "SELECT count(*) FROM change") == [(0,)]
    other.close()


def test_any_character_is_read_as_it_was_written(desk):
    texts = ["\0", "\x1a", "\x1a0\x1a1\0", "\\u0000", "'\\", "☃🍵", "a\tb"]
    desk.write(*(Said("a", 1.0, "g\0", "n\0", text=text, ref="r\0") for text in texts))
    assert [event.text for _, event in desk.read("a")] == texts
    assert {(event.by, event.nick, event.ref) for _, event in desk.read("a")} == {("g\0", "n\0", "r\0")}


def deletion(seq: int) -> Deleted:
    return Deleted("a", 3.0, "x", "op", seq, "ann", by_author=False, reason="")


def found(desk: PostgresDesk, *words: str, **more) -> list[str]:
    query = Query(tuple((word,) for word in words), ("a",), **more)
    return [event.text for _, event in desk.now(desk.journal.search(query))]


def test_words_of_any_length_are_found(desk):
    long, other = "a" * 3000, "a" * 2999 + "b"
    desk.write(said("a", f"{long} tea"), said("a", other))
    assert found(desk, long) == [f"{long} tea"]
    assert found(desk, other) == [other]
    assert found(desk, "a" * 2999) == []


def test_old_history_is_indexed_behind_the_chat_newest_first(desk, address):
    count = 2 * SLICE + 10
    desk.write(*(said("a", f"tea {n}", float(n)) for n in range(count)))
    # As after copying a history: nothing is indexed.
    sql(
        address,
        "TRUNCATE said; UPDATE indexed SET low = (SELECT max(id) FROM event), high = (SELECT max(id) FROM event)",
    )
    desk.journal._indexer._old = True
    desk.write(said("a", "new tea", 1e9))
    assert found(desk, "tea", limit=1000) == ["new tea"]
    assert desk.journal.indexing
    desk.rest(1.002)
    newest = found(desk, "tea", limit=1000)
    assert newest[:2] == ["new tea", f"tea {count - 1}"]
    desk.rest(2)
    assert len(found(desk, "tea", limit=1000)) == count + 1
    assert not desk.journal.indexing
    assert sql(address, "SELECT low FROM indexed") == [(0,)]


def test_a_search_that_takes_too_long_is_ended(desk, address):
    desk.write(said("a", "tea"))
    assert found(desk, "tea") == ["tea"]
    desk.journal._searcher._connection.ask("SET statement_timeout = 1")
    sql(address, "CREATE FUNCTION slow(text) RETURNS text LANGUAGE sql AS 'SELECT $1 FROM pg_sleep(1)'")
    sql(address, "ALTER TABLE room RENAME TO rooms")
    sql(address, "CREATE VIEW room AS SELECT id, slow(name) AS name, topic FROM rooms")
    assert failure(desk, desk.journal.search(Query((("tea",),), ("a",)))).check(TookTooLong)
    sql(address, "DROP VIEW room")
    sql(address, "ALTER TABLE rooms RENAME TO room")


def test_what_was_deleted_is_in_no_table_any_more(desk, address):
    desk.write(said("a", "hunter2"), said("a", "later"))
    desk.rest(1.1)
    desk.write(Edited("a", 2.0, "guest:ann", "ann", 2, "mended"), deletion(1))
    for table, column in (("event", "text"), ("said", "words")):
        assert sql(address, f"SELECT 1 FROM {table} WHERE {column}::text ~ 'hunter2|later'") == []
    assert sql(address, "SELECT count(*) FROM said") == [(1,)]


def test_former_texts_are_vacuumed_away(address):
    clock: list[float] = [0.0]
    with PostgresDesk(address, timer=lambda: clock[0]) as desk:
        desk.write(said("a", "hunter2"))
        desk.write(deletion(1))
        clock[0] = 60.0
        desk.rest(2.2)
        assert not desk.journal._commits.writer.owing
        [(vacuumed,)] = sql(address, "SELECT count(*) FROM pg_stat_user_tables WHERE last_vacuum IS NOT NULL")
        assert vacuumed >= 1


def test_retention_is_refused_to_who_was_deposed(address):
    first = PostgresDesk(address)
    first.open()
    first.write(*(said("a", str(n)) for n in range(10)))
    sql(address, "UPDATE lease SET until = 'epoch'")
    with PostgresDesk(address):
        assert failure(first, first.journal.trim("a", RetentionLimit(events=1))).check(Deposed)
    assert len(stored(address)) == 10
    first.close()


def test_the_threads_end_with_the_journal(address):
    workers = Workers()
    desk = PostgresDesk(address, worker=workers)
    before = threading.active_count()
    assert set(workers) == {
        f"journal {name}" for name in ("writer", "reader", "searcher", "indexer", "lease", "vacuum")
    }
    assert threading.active_count() == before
    assert desk.told.commits == []
