"""
Every two of an append, its retry, a renewal of the lease or its release, a takeover and a stalled standby, on two
connections to PostgreSQL.

The first of the two is stopped where another statement can get in between: before each table that it writes, before
its commit, and while that waits for the standby.  The second one then runs until it has ended, or waits for the
first, which goes on only then.  Whatever the order: nothing is lost that was acknowledged, nothing is doubled, there
is one order, a house that was deposed writes nothing any more, and epochs only grow.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from threading import Event as Flag
from typing import Any

import psycopg
import pytest

from chatroom.chat.events import Joined
from chatroom.chat.ports import JournalError
from chatroom.journal.postgres import writer
from chatroom.journal.postgres.connection import Connection, Deposed, NotReplicated, explain
from chatroom.journal.postgres.lease import LENGTH, Lease, take
from chatroom.journal.postgres.upgrade import upgrade
from chatroom.journal.postgres.writer import Writer
from tests.postgres import Postgres, started
from tests.wire.processes import wait_until

from .stand_ins import said

APPEND, RETRY, RESENT, RENEWAL, RELEASE, TAKEOVER = (
    *("append", "retry of what is stored", "retry of what never came", "renewal", "release", "takeover"),
)
WRITES, RENEWALS = (APPEND, RETRY, RESENT), (RENEWAL, RELEASE)
FENCE, DONE, EVENT, PRESENCE, COMMIT, STANDBY, LEASE, LEASE_ROW, FENCE_ROW = (
    *("the fence", "done", "event", "presence", "its commit", "its standby", "lease", "the row of lease"),
    "the row of fence",
)
GATES = {
    APPEND: (FENCE, DONE, EVENT, PRESENCE, COMMIT, STANDBY),
    RETRY: (FENCE, DONE, STANDBY),
    RESENT: (FENCE, DONE, EVENT, PRESENCE, COMMIT, STANDBY),
    RENEWAL: (LEASE, LEASE_ROW, COMMIT),
    RELEASE: (LEASE, LEASE_ROW, COMMIT),
    TAKEOVER: (LEASE, LEASE_ROW, FENCE, FENCE_ROW, COMMIT, STANDBY),
}
"""What the first one stops before; see `Gates`."""

TRIGGERS = """
    CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        key bigint := hashtext(current_setting('application_name') || TG_ARGV[0]);
    BEGIN
        PERFORM pg_advisory_lock_shared(key);
        PERFORM pg_advisory_unlock_shared(key);
        RETURN NEW;
    END $$;
    CREATE TRIGGER a BEFORE INSERT ON done EXECUTE FUNCTION gate('done');
    CREATE TRIGGER a BEFORE INSERT ON event EXECUTE FUNCTION gate('event');
    CREATE TRIGGER a BEFORE INSERT ON presence EXECUTE FUNCTION gate('presence');
    CREATE TRIGGER a BEFORE UPDATE ON lease EXECUTE FUNCTION gate('lease');
    CREATE TRIGGER b BEFORE UPDATE ON lease FOR EACH ROW EXECUTE FUNCTION gate('the row of lease');
    CREATE TRIGGER a BEFORE UPDATE ON fence FOR EACH ROW EXECUTE FUNCTION gate('the row of fence');
    CREATE CONSTRAINT TRIGGER c AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION gate('its commit');
    CREATE CONSTRAINT TRIGGER c AFTER UPDATE ON lease DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION gate('its commit');
    CREATE TABLE epochs (number serial, before bigint, after bigint);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO epochs (before, after) VALUES (OLD.epoch, NEW.epoch);
        RETURN NEW;
    END $$;
    CREATE TRIGGER d AFTER UPDATE ON fence FOR EACH ROW EXECUTE FUNCTION note();
"""
"""They hold a session whose name has a gate closed, and note the epochs."""

pytestmark = pytest.mark.slow

numbers = count(1)


class Site:
    """A database with a synchronous standby, and the gates in it."""

    def __init__(self, primary: Postgres, standby: Postgres) -> None:
        self.primary, self.standby = primary, standby
        self.address = primary.database()
        with closing(psycopg.connect(self.address, autocommit=True)) as connection:
            upgrade(connection)
            connection.execute(TRIGGERS.encode())
        self._asking = psycopg.connect(self.address, autocommit=True)

    def sql(self, statement: str) -> list[Any]:
        answer = self._asking.execute(statement.encode())
        return answer.fetchall() if answer.description is not None else []

    def waiting(self, name: str) -> list[Any]:
        """The process ids of the sessions of that name that wait, and for what."""
        where = f"application_name = '{name}' AND state = 'active'"
        held = "(wait_event_type = 'Lock' OR wait_event = 'SyncRep')"
        return self.sql(f"SELECT pid, wait_event FROM pg_stat_activity WHERE {where} AND {held}")

    def close(self) -> None:
        self._asking.close()

    @contextmanager
    def closed(self, gate: str, name: str, operation: str) -> Iterator[Callable[[], object]]:
        """Close a gate for the sessions called *name*; gives what opens it."""
        if gate == STANDBY:
            self.standby.pause()
            opening: Callable[[], object] = self.standby.go_on
        else:
            keeper = psycopg.connect(self.address)
            opening = keeper.close
            if gate == FENCE:
                # A takeover is held up by whoever shares the row, and an append by whoever changes it.
                keeper.execute(f"SELECT 1 FROM fence FOR {'SHARE' if operation == TAKEOVER else 'UPDATE'}".encode())
            else:
                keeper.execute("SELECT pg_advisory_lock(hashtext(%s))", (name + gate,))
        try:
            yield opening
        finally:
            opening()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with started(synchronous_standby_names="*", wal_level="replica") as primary, primary.standby() as standby:
        site = Site(primary, standby)
        # A database that has only begun does not know yet who is alive.
        age = f"SELECT 1 WHERE clock_timestamp() - pg_postmaster_start_time() > make_interval(secs => {LENGTH})"
        wait_until(lambda: site.sql(age), "its clock does not go on")
        yield site
        site.close()


class Losing(Connection):
    """A connection that breaks during an append, before or after that is stored."""

    def __init__(self, *address: Any, **settings: str) -> None:
        super().__init__(*address, **settings)
        self.losing = ""
        self.lost, self.again = Flag(), Flag()

    def ask(self, question: str, values: Any = ()) -> Any:
        if not self.losing or question != writer._APPEND:
            return super().ask(question, values)
        if self.losing == RETRY:
            super().ask(question, values)
        self.losing = ""
        self.close()
        self.lost.set()
        assert self.again.wait(60)
        raise psycopg.OperationalError("the answer is lost")

    def call(self, name: str) -> None:
        """Give the next session a name."""
        self._settings["application_name"] = name

    def cut(self) -> None:
        """Break the connection under a statement that goes on."""
        assert self._open is not None
        with socket.socket(fileno=os.dup(self._open.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)


class House:
    """One that has the database, or would: its writer and its lease, each with its own connection."""

    def __init__(self, site: Site, name: str) -> None:
        self.name = name
        stopped = Flag()
        self.writing = Losing(site.address, stopped, lock_timeout="30s")
        self.renewing = Connection(site.address, stopped, lock_timeout="30s", synchronous_commit="local")

    def take(self) -> None:
        """Take over, at the first attempt or not at all."""
        self.epoch = take(self.writing, self.name, self.name, lambda seconds: True)
        self.writer = Writer(self.writing, (self.epoch, self.name), Flag())
        self.lease = Lease(self.renewing, self.epoch, self.name)

    def close(self) -> None:
        self.writing.close()
        self.renewing.close()


class Running:
    """Something that is done on a thread of its own."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.error: Exception | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except JournalError as error:
            self.error = error

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def end(self) -> None:
        self._thread.join(60)
        assert self.over, "it still waits"

    @property
    def done(self) -> bool:
        """Whether it has ended well."""
        return self.over and self.error is None


class Case:
    """A house that leads, with a room, and others that would."""

    def __init__(self, site: Site, stack: ExitStack) -> None:
        self.site = site
        number = next(numbers)
        self.room = f"room{number}"
        self.old, self.new, self.third = (House(site, f"{name} {number}") for name in ("old", "new", "third"))
        for house in (self.old, self.new, self.third):
            stack.callback(house.close)
        self.expire()
        self.old.take()
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self.say(self.old, "the first line")
        self.epochs = len(site.sql("SELECT 1 FROM epochs"))

    def expire(self) -> None:
        """Let whoever has the lease be silent for too long."""
        self.site.sql("UPDATE lease SET until = clock_timestamp() - interval '1 second'")

    def say(self, house: House, text: str) -> None:
        """Store a line, and somebody who comes in."""
        try:
            house.writer.commit([said(self.room, text), Joined(self.room, 2.0, f"guest:{text}", text)])
        except JournalError:
            self.refused.append(text)
            raise
        self.acknowledged.append(text)

    def arranged(self, operation: str, name: str) -> Callable[[], Running]:
        """Prepare one of the operations, in a session called *name*; return what begins it."""
        if operation == RENEWAL:
            self.old.renewing.set("application_name", name)
            return lambda: Running(self.renew)
        if operation == RELEASE:
            self.old.renewing.set("application_name", name)
            return lambda: Running(self.old.lease.release)
        if operation == TAKEOVER:
            house = self.house_of(name)
            house.writing.set("application_name", name)
            return lambda: Running(house.take)

        def say() -> None:
            self.say(self.old, f"{operation}, {name}")

        if operation == APPEND:
            self.old.writing.set("application_name", name)
            return lambda: Running(say)
        # The first attempt is over before anything else begins.
        connection = self.old.writing
        connection.losing = operation
        running = Running(say)
        assert connection.lost.wait(60)
        connection.call(name)

        def again() -> Running:
            connection.again.set()
            return running

        return again

    def house_of(self, name: str) -> House:
        """Return the house that takes over in a session called *name*."""
        return self.new if name == "first" else self.third

    def renew(self) -> None:
        trouble = self.old.lease.renew()
        assert trouble is None, trouble

    def settle(self, running: Running, name: str) -> None:
        """Wait until it has ended, or can't go on for now."""
        wait_until(lambda: running.over or self.site.waiting(name), f"{name} neither ends nor waits", 60)

    def check(self, *takeovers: tuple[Running, House]) -> None:
        """Check everything that holds whatever has happened in which order."""
        done = [house for running, house in takeovers if running.done]
        assert len(done) <= 1, "two have taken over"
        leader = done[0] if done else self.old
        if done:
            # By now the one before it may do nothing, and the lease is as long as the new one needs to begin.
            [(address, left)] = self.site.sql(
                "SELECT address, extract(epoch FROM until - clock_timestamp()) FROM lease"
            )
            assert address == leader.name and left > LENGTH
            with pytest.raises(Deposed):
                self.say(self.old, "never")
            with pytest.raises(Deposed):
                self.old.lease.renew()
            self.old.lease.release()
            [(left,)] = self.site.sql("SELECT extract(epoch FROM until - clock_timestamp()) FROM lease")
            assert left > LENGTH
        self.say(leader, "the last line")
        self.check_stored()
        epochs = self.site.sql("SELECT before, after FROM epochs ORDER BY number")
        assert len(epochs) == self.epochs + len(done)
        assert epochs[-1][1] == leader.epoch
        assert all(after == before + 1 for before, after in epochs)
        assert [before for before, _ in epochs[1:]] == [after for _, after in epochs[:-1]]

    def check_stored(self) -> None:
        """Check that what was acknowledged is there once, in one order, and nothing else."""
        stored = self.site.sql(
            "SELECT seq, event.id, type, text FROM event JOIN room ON room.id = event.room"
            f" WHERE name = '{self.room}' ORDER BY seq"
        )
        assert [seq for seq, *_ in stored] == list(range(1, len(stored) + 1))
        assert [number for _, number, *_ in stored] == sorted(number for _, number, *_ in stored)
        assert [text for *_, kind, text in stored if kind == "said"] == self.acknowledged
        assert len(stored) == 2 * len(self.acknowledged)
        assert not set(self.refused) & set(self.acknowledged)


@pytest.fixture
def case(site: Site) -> Iterator[Case]:
    with ExitStack() as stack:
        yield Case(site, stack)


PAIRS = [
    (first, gate, second)
    for first, gates in GATES.items()
    for gate in gates
    for second in GATES
    if not (first in WRITES and second in WRITES) and not (first in RENEWALS and second in RENEWALS)
]


@pytest.mark.parametrize(("first", "gate", "second"), PAIRS)
def test_one_comes_while_the_other_stops_half_way(case: Case, first: str, gate: str, second: str):
    if TAKEOVER in (first, second):
        case.expire()
    begin, come = case.arranged(first, "first"), case.arranged(second, "second")
    with case.site.closed(gate, "first", first) as open_gate:
        one = begin()
        case.settle(one, "first")
        assert not one.over, "it did not stop"
        other = come()
        case.settle(other, "second")
        if second in RENEWALS and first in WRITES and gate != FENCE:
            assert other.done, "a renewal waits for no commit, and for no standby"
        open_gate()
        one.end()
        other.end()
    takeovers = [
        (running, case.house_of(name))
        for running, name, operation in ((one, "first", first), (other, "second", second))
        if operation == TAKEOVER
    ]
    if {first, second} == {RENEWAL, TAKEOVER}:
        assert one.done != other.done, "either the lease was renewed, or its end had come"
    elif takeovers:
        assert any(running.done for running, _ in takeovers)
    else:
        assert one.done and other.done
    case.check(*takeovers)


@pytest.mark.parametrize("gate", GATES[APPEND])
def test_an_append_is_sent_again_while_the_first_attempt_is_still_under_way(case: Case, gate: str):
    with case.site.closed(gate, "first", APPEND) as open_gate:
        one = case.arranged(APPEND, "first")()
        case.settle(one, "first")
        case.old.writing.call("second")
        case.old.writing.cut()
        case.settle(one, "second")
        open_gate()
        one.end()
    assert one.done
    wait_until(lambda: not case.site.waiting("first"), "the first attempt stays")
    case.check()


@pytest.mark.parametrize("gate", GATES[APPEND][1:])
def test_the_first_attempt_goes_on_while_an_append_is_sent_again(case: Case, gate: str):
    with (
        case.site.closed(DONE, "late", APPEND) as let_go,
        case.site.closed(gate, "first", APPEND) as open_gate,
    ):
        one = case.arranged(APPEND, "late")()
        case.settle(one, "late")
        case.old.writing.call("first")
        case.old.writing.cut()
        case.settle(one, "first")
        assert not one.over
        let_go()
        wait_until(lambda: all(event != "advisory" for _, event in case.site.waiting("late")), "it does not go on")
        open_gate()
        one.end()
    assert one.done
    wait_until(lambda: not case.site.waiting("late"), "the first attempt stays")
    case.check()


def gone(site: Site, pid: int) -> bool:
    """Whether the session with this process id waits no more."""
    return all(found != pid for found, _ in site.waiting("first"))


STALLED = [(first, gate) for first, gates in GATES.items() for gate in gates if gate != STANDBY]


@pytest.mark.parametrize("canceled", [False, True], ids=["it goes on", "the wait is canceled"])
@pytest.mark.parametrize(("first", "gate"), STALLED)
def test_the_standby_stalls_while_one_stops_half_way(case: Case, first: str, gate: str, canceled: bool):
    site = case.site
    if first == TAKEOVER:
        case.expire()
    begin = case.arranged(first, "first")
    with site.closed(STANDBY, "", "") as go_on:
        go_on()
        with site.closed(gate, "first", first) as open_gate:
            one = begin()
            case.settle(one, "first")
            site.standby.pause()
            open_gate()
        if first in RENEWALS:
            one.end()
        else:
            for _ in range(2 if canceled else 1):
                [pid] = until_it_waits_for_the_standby(site)
                if canceled:
                    site.sql(f"SELECT pg_cancel_backend({pid})")
                    # A takeover fails; the others are sent again.
                    wait_until(lambda pid=pid: one.over or (first != TAKEOVER and gone(site, pid)), "it still waits")
                assert one.over == (first == TAKEOVER and canceled), "nobody is told that it is stored"
                if one.over:
                    break
        go_on()
        one.end()
    if first == TAKEOVER and canceled:
        # It is not known to have the database, so it does not go on; nor does the one before.
        assert isinstance(one.error.__cause__, NotReplicated) and "standby" in str(one.error)
        with pytest.raises(Deposed):
            case.say(case.old, "never")
        case.expire()
        case.third.take()
        case.say(case.third, "the last line")
        case.check_stored()
        assert case.third.epoch == case.old.epoch + 2
    else:
        assert one.done
        case.check(*([(one, case.new)] if first == TAKEOVER else []))


def until_it_waits_for_the_standby(site: Site) -> list[int]:
    found: list[int] = []

    def look() -> bool:
        found[:] = [pid for pid, event in site.waiting("first") if event == "SyncRep"]
        return bool(found)

    wait_until(look, "nothing waits for the standby", 60)
    return found


def test_a_commit_whose_wait_was_canceled_is_told_from_one_that_broke():
    assert explain(NotReplicated("canceling wait")) == "the standby of the database does not answer"
