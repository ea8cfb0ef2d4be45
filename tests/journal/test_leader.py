"""Who leads, as doors on other machines and ``chatroom-admin`` read it."""

from __future__ import annotations

import time
from contextlib import closing
from threading import Event as Flag

import psycopg
import pytest

from chatroom.chat.ports import JournalError
from chatroom.journal.postgres.connection import Connection
from chatroom.journal.postgres.leader import Lookout
from chatroom.journal.postgres.lease import take
from chatroom.journal.postgres.upgrade import scripts, upgrade, version_of

from .stand_ins import PostgresDesk


@pytest.fixture
def address(postgres):
    return postgres.database()


@pytest.fixture
def lookout(address):
    lookout = Lookout(address)
    yield lookout
    lookout.close()


def leading(address, link):
    """A journal that is open, whose server takes links."""
    desk = PostgresDesk(address)
    desk.open()
    desk.journal.publish(link)
    desk.rest(0)
    return desk


def test_a_leader_is_seen_from_its_first_renewal_until_it_gives_the_lease_back(address, lookout):
    desk = PostgresDesk(address)
    desk.open()
    assert lookout.look() is None, "it only begins"
    desk.rest(0)
    assert lookout.look()[:3:2] == (1, "")
    desk.journal.publish("one.example:2429")
    desk.settle()
    found = lookout.look()
    assert (found.epoch, found.link) == (1, "one.example:2429") == (desk.journal.epoch, "one.example:2429")
    assert "process" in found.address and 1 < found.left <= 3 and abs(found.since - time.time()) < 60
    desk.rest(1.1)
    again = lookout.look()
    assert again.since == found.since and again.left > 1
    desk.close()
    assert lookout.look() is None


def test_of_a_leader_that_has_died_its_successor_is_seen_once_it_takes_links(address, lookout):
    first = leading(address, "one:1")
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("UPDATE lease SET until = clock_timestamp() - interval '1 second'")
    found = lookout.look()
    assert (found.epoch, found.link) == (1, "one:1") and -2 < found.left < 0
    second = leading(address, "two:2")
    assert lookout.look()[:3:2] == (2, "two:2")
    first.rest(2)
    assert lookout.look()[:3:2] == (2, "two:2"), "who was deposed renews nothing"
    first.close()
    second.close()


def test_a_look_needs_no_right_but_to_read_two_tables(postgres, address, lookout):
    with closing(leading(address, "one:1")):
        postgres.sql(address, "CREATE ROLE doorman LOGIN")
        postgres.sql(address, "GRANT SELECT ON lease, fence TO doorman")
        other = Lookout(address.replace("chatroom@", "doorman@"))
        assert other.look().link == "one:1"
        other.close()


def test_a_database_that_does_not_say_is_one_line(postgres, address, lookout):
    with pytest.raises(
        JournalError, match=r'^the database \w+ at 127.0.0.1: PostgreSQL says: .*"lease" does not exist'
    ):
        lookout.look()
    with closing(leading(address, "one:1")):
        assert lookout.look().link == "one:1"
        [(count,)] = postgres.sql(
            "postgres",
            f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            f"WHERE pid = {lookout._connection.get().info.backend_pid}",
        )
        assert count == 1
        with pytest.raises(JournalError, match=r"cannot be reached"):
            lookout.look()
        assert lookout.look().link == "one:1", "by a new connection"


def test_a_database_of_the_version_before_is_brought_up_to_date(address, lookout):
    """Its last server has died, so the lease, which it wrote, is taken before there are the new columns."""
    with psycopg.connect(address, autocommit=True) as old:
        for script in scripts()[:2]:
            old.execute(script.encode())
        old.execute("INSERT INTO meta VALUES ('version', '2')")
        connection = Connection(address, Flag())
        assert take(connection, "old", "old", Flag().wait) == 1
        connection.close()
        old.execute("UPDATE lease SET until = 'epoch'")
        with closing(leading(address, "new:1")):
            assert version_of(old) == len(scripts()) >= 3
            assert lookout.look()[:3:2] == (2, "new:1")
        upgrade(old)
