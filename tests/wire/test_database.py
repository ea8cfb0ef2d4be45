"""A server on PostgreSQL whose database crashes, pauses, fails over, or is taken over: people only wait."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres, started

from .clients import JsonClient, TextClient
from .crowd import Crowd
from .processes import wait_until
from .server import Server
from .test_crash import ROOMS, History, check_acknowledged, check_presence, check_shown, everyone, read_on

pytestmark = pytest.mark.slow


@pytest.fixture
def database() -> Iterator[Postgres]:
    """A database server of its own, which a test may kill."""
    with Postgres() as own:
        yield own


@pytest.fixture
def server(tmp_path: Path, database: Postgres) -> Iterator[Server]:
    with Server(tmp_path, "--rate", "0", database=database.database()) as running:
        yield running


def check_all(crowd: Crowd, server: Server) -> int:
    """Let everyone finish, then compare what they were shown with what is stored; return how much that was."""
    crowd.talk(False)
    assert crowd.run(until=lambda: all(not member.unanswered for member in crowd.members), seconds=30)
    history: History = {room: {} for room in ROOMS}
    read_on(server.port, history)
    shown = check_shown(crowd.members, history)
    check_acknowledged(crowd.members, history)
    check_presence(history)
    return shown


def test_nobody_loses_anything_when_the_database_crashes(server: Server, database: Postgres, crash_rounds: int):
    crowd = Crowd(everyone(20))
    try:
        crowd.connect(server.port)
        for _ in range(crash_rounds):
            crowd.talk(True)
            crowd.run(seconds=0.5)
            killed = time.monotonic()
            database.kill()
            crowd.run(seconds=0.3)
            database.start()
            if time.monotonic() - killed > 1:
                # On a slow machine: who has waited for two seconds is told.
                for member in crowd.members:
                    member.patient = True
            crowd.run(seconds=0.7)
        # They are still connected, all of them, without having come back.
        assert check_all(crowd, server) > 1000
    finally:
        crowd.close()


def test_people_are_told_while_the_database_does_not_answer(server: Server, database: Postgres):
    with TextClient(server.port, "ann") as ann, TextClient(server.port, "bob") as bob:
        ann.type("one")
        bob.until("<ann> one")
        database.pause()
        ann.type("two")
        bob.until("Storing takes long (the database does not answer). What you say now is shown when")
        database.go_on()
        bob.until("<ann> two")
        bob.until("Messages can be stored again.")
        ann.type("three")
        bob.until("<ann> three")


def test_of_two_servers_the_one_that_was_paused_too_long_ends(tmp_path: Path, server: Server, database: Postgres):
    other = tmp_path / "other"
    other.mkdir()
    with JsonClient(server.port, "ann") as ann:
        ann.ask("say", text="before", ref="1")
        ann.until_ref("1")
        server.tell(signal.SIGSTOP)
        with Server(other, database=server.database) as second:
            server.tell(signal.SIGCONT)
            assert server.process.ended() == 0
            assert "Another server has taken over the database" in server.log
            with JsonClient(second.port, "bob") as bob:
                texts = [event.get("text") for event in bob.history("lobby").values()]
            assert "before" in texts


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_a_server_on_standby_goes_on_in_its_place(tmp_path: Path, server: Server, number: signal.Signals):
    """The one that had the database is killed, stopped, or paused; programs come back with their tokens."""
    other = tmp_path / "other"
    other.mkdir()
    second = Server(other, "--standby", database=server.database)
    with JsonClient(server.port, "ann") as ann, second.starting():
        second.process.until("Waiting for the database: another chatroom uses it, on ")
        ann.ask("say", text="before", ref="1")
        seen = ann.until_ref("1")[-1]["seq"]
        server.tell(number)
        gone = time.monotonic()
        second.wait_until_listening()
        print(f"Nobody listened for {time.monotonic() - gone:.2f} s.")
        with JsonClient(second.port, "ann", resume=ann.welcome["resume"], seen={"lobby": seen}) as again:
            assert again.welcome["nick"] == "ann"
            texts = [event.get("text") for event in again.history("lobby").values()]
            assert texts.count("before") == 1
            again.ask("say", text="after", ref="2")
            assert again.until_ref("2")[-1]["seq"] > seen
        if number == signal.SIGSTOP:
            server.tell(signal.SIGCONT)
            assert server.process.ended() == 0
            assert "Another server has taken over the database" in server.log


def test_a_server_on_standby_waits_for_a_database_that_is_not_there_yet(tmp_path: Path, database: Postgres):
    address = database.database()
    database.kill()
    with Server(tmp_path, "--standby", database=address).starting() as server:
        server.process.until("Waiting for the database: the database cannot be reached")
        database.start()
        server.wait_until_listening()
        with JsonClient(server.port, "ann") as ann:
            ann.ask("say", text="here", ref="1")
            ann.until_ref("1")


def test_a_server_that_waits_ends_when_it_is_told_to(tmp_path: Path, server: Server):
    other = Server(tmp_path, "--standby", database=server.database)
    with other.starting():
        other.process.until("Waiting for the database")
        other.tell(signal.SIGINT)
        other.process.ended()
        assert "Traceback" not in other.log


def test_a_second_server_does_not_start_on_the_same_database(tmp_path: Path, server: Server):
    other = Server(tmp_path, database=server.database)
    with pytest.raises(AssertionError):
        other.start()
    assert other.process.ended() == 1
    assert "another chatroom uses it, on " in other.log
    assert "Traceback" not in other.log


def test_a_server_stops_in_time_though_its_database_is_gone(server: Server, database: Postgres):
    with TextClient(server.port, "ann") as ann:
        database.kill()
        ann.type("never stored")
        assert server.stop() == 0
        assert "Traceback" not in server.log


def test_a_promoted_standby_has_everything_that_anyone_was_shown(tmp_path: Path):
    with (
        started(synchronous_standby_names="*", wal_level="replica", fsync="on") as primary,
        primary.standby() as standby,
    ):
        name = primary.database()
        with Server(tmp_path, "--rate", "0", database=both(primary, standby, name)) as server:
            crowd = Crowd(everyone(20))
            for member in crowd.members:
                member.patient = True
            try:
                crowd.connect(server.port)
                crowd.talk(True)
                crowd.run(seconds=1.0)
                primary.kill()
                crowd.run(seconds=0.3)
                standby.promote()
                crowd.run(seconds=2.0)
                assert check_all(crowd, server) > 1000
            finally:
                crowd.close()


def both(primary: Postgres, standby: Postgres, address: str) -> str:
    """The connection string for whichever of two servers is the primary."""
    name = address.rpartition("/")[2]
    return f"postgresql://chatroom@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/{name}"


def test_a_stalled_standby_holds_up_commits_and_not_the_lease(tmp_path: Path):
    with (
        started(synchronous_standby_names="*", wal_level="replica") as primary,
        primary.standby() as standby,
        Server(tmp_path, database=primary.database()) as server,
        TextClient(server.port, "ann") as ann,
        TextClient(server.port, "bob") as bob,
    ):
        ann.type("one")
        bob.until("<ann> one")
        standby.pause()
        ann.type("two")
        bob.until("Storing takes long")
        [(until,)] = primary.sql(server.database, "SELECT until FROM lease")
        wait_until(
            lambda: primary.sql(server.database, f"SELECT 1 FROM lease WHERE until > '{until}'"),
            "the lease is not renewed",
        )
        standby.go_on()
        bob.until("<ann> two")
