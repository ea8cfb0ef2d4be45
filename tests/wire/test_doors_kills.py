"""Processes are killed, stopped and replaced while a crowd chats at two doors: nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.postgres import Postgres

from .clients import JsonClient, TextClient
from .load import Beat, Load, check_nobody_left
from .processes import PATIENCE, THOROUGH, wait_until
from .server import Server, command_of
from .starved import worked
from .test_crash import survive
from .test_doors import Processes

pytestmark = pytest.mark.slow

KILLED = "does not answer: killing it"
KILLED_FOR, HANDED_OVER = 1.0, 0.5
"""Seconds for which nobody hears anything, at most, when the house is killed, and when it is replaced."""


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Server]:
    """A running server with two doors."""
    with made(tmp_path) as running:
        yield running


def made(folder: Path, settings: str = "") -> Server:
    """Make a server with two doors; it is not started yet."""
    config = folder / "chatroom.toml"
    # What arrives together is one line each.
    config.write_text(f"rate = 0\npaste = 1\ndoors = 2\n{settings}")
    return Server(folder, "--config", str(config))


def apart(server: Server, first: str, second: str) -> tuple[TextClient, TextClient]:
    """Let two people in, by different doors."""
    processes = Processes(server)
    one = TextClient(server.port, first)
    while True:
        # The kernel chooses.
        other = TextClient(server.port, second)
        if processes.of(other) != processes.of(one):
            return one, other
        other.type("/quit")
        other.rest()
        other.socket.close()


def test_when_the_house_is_killed_nobody_is_disconnected_and_nothing_is_lost(doors: Server, crash_rounds: int):
    random = Random(1616)
    with Load(doors) as load:
        for _ in range(crash_rounds):
            load.lasts(random.uniform(0.05, 0.5))
            for talker in load.talkers:
                talker.talk()
            [house] = doors.children("house")
            os.kill(house, signal.SIGKILL)
            load.goes_on()
        nobody_noticed(load)


def nobody_noticed(load: Load) -> None:
    assert all(member.socket is not None for member in load.members), "somebody was disconnected"
    assert not any(talker.lost for talker in load.talkers)
    check_nobody_left(load.check(), [one.nick for one in (*load.members, *load.talkers)])


@pytest.mark.timeout(120)
def test_a_house_that_does_not_answer_is_killed_and_nobody_is_disconnected(doors: Server):
    with Load(doors) as load:
        load.lasts(0.3)
        for talker in load.talkers:
            talker.talk()
        [house] = doors.children("house")
        os.kill(house, signal.SIGSTOP)
        load.crowd.run(seconds=30, until=lambda: KILLED in doors.log)
        assert f"The house {KILLED}" in doors.log
        load.goes_on(30)
        assert house not in doors.children("house")
        nobody_noticed(load)


def test_when_a_door_is_killed_programs_go_on_at_another_and_nothing_is_lost(doors: Server, crash_rounds: int):
    random = Random(3232)
    with Load(doors, returns=True, talkers=4) as load:
        for links in range(3, 3 + crash_rounds):
            load.lasts(random.uniform(0.05, 0.5))
            for talker in load.talkers:
                talker.talk()
            os.kill(random.choice(doors.children("door")), signal.SIGKILL)
            load.goes_on(30)
            # One that ends again before it works is started later and later.
            assert load.crowd.run(seconds=30, until=lambda links=links: doors.log.count("is connected") >= links)
        check_nobody_left(load.check(), [member.nick for member in load.members])


def test_who_does_not_come_back_to_a_killed_door_has_left_once_after_the_grace(tmp_path: Path):
    with made(tmp_path, "grace = 3\n") as server:
        ann, bob = apart(server, "ann", "bob")
        killed = Processes(server).of(ann)
        with ann, bob:
            os.kill(killed, signal.SIGKILL)
            begun = time.monotonic()
            bob.until("-- ann left #lobby (connection lost)")
            # Its clock and ours do not begin together.
            assert time.monotonic() - begun > 2.5
            with TextClient(server.port, "ann") as again:
                bob.until("-- ann joined #lobby")
                again.type("here again")
                bob.until("<ann> here again")
                with JsonClient(server.port, "dan") as dan:
                    theirs = [event["type"] for event in dan.history("lobby").values() if event["nick"] == "ann"]
            assert theirs == ["joined", "left", "joined", "said"]


@pytest.mark.parametrize(("grace", "pause"), [(30, 6.5), (1, 7.5)], ids=["within the grace", "beyond it"])
def test_a_door_that_is_stopped_for_a_while_keeps_its_clients(tmp_path: Path, grace: int, pause: float):
    """The house gives a silent link up after five seconds, the supervisor a silent process after ten."""
    with made(tmp_path, f"grace = {grace}\n") as server:
        ann, bob = apart(server, "ann", "bob")
        with ann, bob:
            stopped = Processes(server).of(ann)
            os.kill(stopped, signal.SIGSTOP)
            begun = time.monotonic()
            ann.type("said while it is stopped")
            bob.type("and another")
            if grace < pause:
                bob.until("-- ann left #lobby (connection lost)")
            wait_until(lambda: time.monotonic() - begun > pause, "")
            os.kill(stopped, signal.SIGCONT)
            ann.until("<bob> and another")
            if grace < pause:
                ann.until("-- You are no longer in #lobby.")
                ann.type("/join lobby")
                bob.until("-- ann joined #lobby")
            else:
                bob.until("<ann> said while it is stopped")
            ann.type("back")
            assert not any("ann left" in line for line in bob.lines_until("<ann> back"))
            bob.type("welcome")
            ann.until("<bob> welcome")
            assert Processes(server).of(ann) == stopped


def test_an_upgrade_under_load_is_hardly_noticed(doors: Server, crash_rounds: int):
    """The house and the doors are replaced; what one says every 10 ms comes to another all the time."""
    sender, hearer = TextClient(doors.port, "sender"), JsonClient(doors.port, "hearer", rooms=["beat"])
    with sender, hearer, Load(doors, returns=True) as load:
        sender.type("/join beat")
        sender.until("You are in #beat")
        with Beat(sender, hearer, lambda: doors.pids) as beat:
            for count in range(1, 2 if crash_rounds < 5 else 4):
                doors.tell(signal.SIGUSR2)
                assert load.crowd.run(
                    seconds=60, until=lambda count=count: doors.log.count("have been replaced") == count
                ), doors.log
                for talker in load.talkers:
                    talker.talk()
                load.goes_on(30)
        beat.check()
        beat.check_silence(HANDED_OVER, thorough=crash_rounds >= THOROUGH)
        nobody_noticed(load)


def test_a_house_that_is_killed_is_succeeded_by_its_spare_within_a_second(doors: Server, crash_rounds: int):
    sender, hearer = TextClient(doors.port, "sender"), JsonClient(doors.port, "hearer", rooms=["beat"])
    with sender, hearer:
        sender.type("/join beat")
        sender.until("You are in #beat")
        seen = 0
        for _ in range(crash_rounds):
            seen = doors.process.until("A spare process of the house is ready", 3 * PATIENCE, seen).end()
            [house], [spare] = doors.children("house"), doors.spares()
            before = worked(spare)
            with Beat(sender, hearer, lambda: doors.pids) as beat:
                wait_until(lambda beat=beat: beat.heard, "nothing is heard")
                os.kill(house, signal.SIGKILL)
                wait_until(lambda spare=spare: doors.children("house") == [spare], lambda: doors.log)
                count = len(beat.heard)
                wait_until(lambda beat=beat, count=count: len(beat.heard) > count + 10, "nothing is heard any more")
            beat.check()
            beat.check_silence(KILLED_FOR, thorough=crash_rounds >= THOROUGH)
            # The lines that have come meanwhile included; the start of a Python process takes as long.
            print(f"{worked(spare) - before:.2f} s of the spare's processor time")
            assert worked(spare) - before < KILLED_FOR


def test_when_the_supervisor_is_killed_all_end_and_the_next_start_has_everything(doors: Server, crash_rounds: int):
    def kill() -> None:
        pids = doors.pids
        doors.tell(signal.SIGKILL)
        doors.process.ended()
        wait_until(lambda: not any(map(command_of, pids)), lambda: f"still there: {[*map(command_of, pids)]}", 30)

    survive(doors, crash_rounds, 6, kill, patient=True)


def test_nobody_loses_anything_when_postgresql_crashes(tmp_path: Path, crash_rounds: int):
    with (
        Postgres() as database,
        Server(tmp_path, "--rate", "0", "--doors", "2", database=database.database()) as server,
        Load(server, talkers=0) as load,
    ):
        for _ in range(crash_rounds):
            load.lasts(0.5)
            database.kill()
            load.lasts(0.3)
            database.start()
            load.goes_on(30)
        assert all(member.socket is not None for member in load.members), "somebody was disconnected"
        check_nobody_left(load.check(), [member.nick for member in load.members])
