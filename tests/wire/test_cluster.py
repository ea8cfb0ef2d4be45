"""Several machines with one database: whoever has the house, people at the doors of the others chat on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from chatroom.journal.postgres.lease import LENGTH
from tests.postgres import Postgres

from .clients import TextClient
from .cluster import Machine, certificates
from .load import Load
from .processes import PATIENCE, wait_until
from .starved import Stopwatch, descendants
from .test_doors_kills import HANDED_OVER, nobody_noticed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def database(postgres: Postgres) -> str:
    return postgres.database()


@pytest.fixture
def machines(tmp_path: Path, made: Path, database: str) -> Iterator[list[Machine]]:
    """Three of them; the first one leads."""
    with ExitStack() as stack:
        found = []
        for name in ("one", "two", "three"):
            machine = Machine(tmp_path / name, name, made, database)
            found.append(stack.enter_context(machine.start()))
            if name == "one":
                machine.process.until("This machine has the house now, epoch 1")
        yield found


@contextmanager
def two_people(two: Machine, three: Machine) -> Iterator[tuple[TextClient, TextClient]]:
    """Ann and bob, at two machines, who have heard each other."""
    ann, bob = TextClient(two.port, "ann"), TextClient(three.port, "bob")
    with ann, bob:
        ann.until("bob joined")
        ann.type("hello")
        bob.until("<ann> hello")
        yield ann, bob


def watch(postgres: Postgres, *machines: Machine) -> Stopwatch:
    """Measure from now on what these machines and the database do."""
    return Stopwatch(lambda: descendants(postgres.pid, *(machine.process.pid for machine in machines)))


def talk_on(ann: TextClient, bob: TextClient, watch: Stopwatch, most: float, *, thorough: bool) -> None:
    """Let them talk on, on the connections that they have; the first line has to come within *most* seconds."""
    bob.type("are you there?")
    seen = ann.lines_until("<bob> are you there?", 2 * PATIENCE)
    watch.check(most, thorough=thorough)
    ann.type("yes")
    seen += bob.lines_until("<ann> yes", 20)
    assert not any("joined" in line or "left" in line or "disconnected" in line for line in seen), seen


def leading(machines: list[Machine]) -> list[Machine]:
    return [machine for machine in machines if machine.leads]


def test_people_at_other_machines_chat_on_when_the_one_that_leads_dies(
    machines: list[Machine], postgres: Postgres, thorough: bool
):
    one, two, three = machines
    with two_people(two, three) as (ann, bob):
        one.kill()
        talk_on(ann, bob, watch(postgres, two, three), LENGTH + 1, thorough=thorough)
        assert len(leading([two, three])) == 1


def test_a_machine_that_stops_hands_over_and_says_goodbye_to_its_own_people_only(
    machines: list[Machine], postgres: Postgres, thorough: bool
):
    one, two, three = machines
    with two_people(two, three) as (ann, bob), TextClient(one.port, "carol") as carol:
        ann.until("carol joined")
        bob.until("carol joined")
        passing = watch(postgres, one, two, three)
        one.tell(signal.SIGTERM)
        bob.type("are you there?")
        ann.until("<bob> are you there?")
        passing.check(HANDED_OVER, thorough=thorough)
        assert "shutting down" in carol.lines_until("shutting down")[-1]
        assert one.process.ended() == 0
        ann.type("yes")
        bob.until("<ann> yes")
        assert len(leading([two, three])) == 1


def test_a_house_that_was_paused_for_too_long_ends_and_waits_for_its_turn(
    machines: list[Machine], postgres: Postgres, thorough: bool
):
    one, two, three = machines
    with two_people(two, three) as (ann, bob):
        [house] = one.children("house")
        os.kill(house, signal.SIGSTOP)
        talk_on(ann, bob, watch(postgres, two, three), LENGTH + 1, thorough=thorough)
        os.kill(house, signal.SIGCONT)
        one.process.until("Another server has taken over the database; this one ends")
        one.process.until("Starting the house again now")
        wait_until(lambda: one.children("house") not in ([], [house]), lambda: one.log, 20)
        bob.type("again?")
        ann.until("<bob> again?")


def test_the_killed_process_of_the_house_is_succeeded_too(machines: list[Machine], postgres: Postgres, thorough: bool):
    one, two, three = machines
    with two_people(two, three) as (ann, bob), TextClient(one.port, "carol") as carol:
        ann.until("carol joined")
        bob.until("carol joined")
        [house] = one.children("house")
        os.kill(house, signal.SIGKILL)
        talk_on(ann, bob, watch(postgres, one, two, three), LENGTH + 1, thorough=thorough)
        carol.until("<ann> yes")
        carol.type("me too")
        ann.until("<carol> me too")


def test_a_machine_that_waits_stops_at_once(machines: list[Machine]):
    since = time.monotonic()
    assert machines[1].stop() == 0
    assert time.monotonic() - since < PATIENCE
    assert not machines[1].leads


def test_house_and_doors_may_be_on_different_machines(tmp_path: Path, made: Path, database: str):
    with (
        Machine(tmp_path / "one", "one", made, database, "--role", "house", doors=0) as one,
        Machine(tmp_path / "two", "two", made, database, "--role", "door") as two,
        TextClient(two.port, "ann") as ann,
        TextClient(two.port, "bob") as bob,
    ):
        bob.type("hello")
        ann.until("<bob> hello")
        assert one.children("door") == [] == two.children("house")
        status = [sys.executable, "-m", "chatroom.admin", "cluster", "status", "--database", database]
        said = subprocess.run(status, capture_output=True, text=True, check=True).stdout
        assert f"Doors on other machines reach it at 127.0.0.1:{one.link_port}." in said


def test_a_machine_of_another_authority_is_refused_and_both_say_so(tmp_path: Path, made: Path, database: str):
    others = certificates(tmp_path / "others")
    with (
        Machine(tmp_path / "one", "one", made, database, "--role", "house", doors=0) as one,
        Machine(tmp_path / "two", "two", others, database, "--role", "door").starting() as two,
    ):
        one.process.until(r"Refused a link from 127\.0\.0\.1: ")
        two.process.until(rf"The house at 127\.0\.0\.1:{one.link_port} refuses the link: certificate verify failed \(")


def test_while_the_database_is_away_doors_keep_their_house_and_afterwards_it_is_the_same_one(
    tmp_path: Path, made: Path
):
    with Postgres() as own, ExitStack() as stack:
        database = own.database()
        one, two, three = (Machine(tmp_path / name, name, made, database) for name in ("one", "two", "three"))
        stack.enter_context(one)
        one.process.until("This machine has the house now, epoch 1")
        stack.enter_context(two)
        stack.enter_context(three)
        with two_people(two, three) as (ann, bob):
            own.kill()
            two.process.until("Which house leads is not known: the database .* cannot be reached")
            bob.type("are you there?")
            own.start()
            ann.until("<bob> are you there?", 20)
            two.process.until("The database says again which house leads")
            ann.type("yes")
            bob.until("<ann> yes")
            assert leading([two, three]) == [] and two.log.count("Linked to the house") == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "paused"])
def test_under_load_nobody_notices_whose_house_it_is(
    machines: list[Machine], postgres: Postgres, crash_rounds: int, number: signal.Signals
):
    def leads(machine: Machine) -> bool:
        link = f"link LIKE '%:{machine.link_port}' AND fence.epoch = lease.epoch"
        return bool(postgres.sql(machine.database, f"SELECT 1 FROM lease, fence WHERE {link}"))

    with Load(machines[2]) as load:
        for _ in range(crash_rounds):
            load.lasts(0.3)
            for talker in load.talkers:
                talker.talk()
            [leader] = [machine for machine in machines if leads(machine)]
            [house] = leader.children("house")
            os.kill(house, number)
            assert load.crowd.run(seconds=20, until=lambda leader=leader: not leads(leader))
            os.kill(house, signal.SIGCONT) if number == signal.SIGSTOP else None
            load.goes_on(30)
        nobody_noticed(load)
