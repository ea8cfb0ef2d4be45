"""The supervisor: the order in which processes start, are replaced, and stop."""

from __future__ import annotations

import io
import resource
from types import SimpleNamespace

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatroom.server.errors import CannotStart
from chatroom.server.keeper import SILENCE
from chatroom.server.spare import DELAY
from chatroom.server.supervisor import DOORS_TIMEOUT, HOUSE_TIMEOUT, Supervisor
from chatroom.tls.pair import BadPair
from tests.log_lines import log_lines

from .processes import Started

HOUSE = {"left": 0, "fingerprints": []}


class Reactor(Clock):
    """A clock that tasks may be given to, as a reactor."""


class Supervised:
    """A supervisor of processes in memory, with a record of what happened in which order."""

    def __init__(self, doors=2, certificates=(), listener=None, **more):
        self.clock = Reactor()
        self.started = Started()
        self.events = []
        self.errors = io.StringIO()
        self.plan = {}
        """What a process does, by its name, while it is waited for at the start; nothing: it gets ready."""
        here = listener or SimpleNamespace(open=lambda factory: self.note("bind", "a port"))
        alone = SimpleNamespace(open=lambda factory: self.note("bind for one door"))
        self.supervisor = Supervisor(
            self.clock,
            SimpleNamespace(
                listen=lambda: self.note("let connections come"), close=lambda: self.note("close the ports")
            ),
            [here],
            [alone],
            SimpleNamespace(open=lambda: self.note("open link"), close=lambda: self.note("close link")),
            self.spawn,
            doors,
            lambda ports, house: self.note(f"announce {ports} {house}"),
            lambda: self.note("halt"),
            certificates,
            self.errors,
            **more,
        )

    def note(self, what, outcome=None):
        self.events.append(what)
        return outcome

    def spawn(self, door, asked, ended):
        name = "the house" if door is None else f"door {door + 1}"
        child = self.started.start(name, ended, asked)
        process = self.started.processes[-1]
        ready = [lambda: process.say("loaded"), lambda: process.say("ready", HOUSE if door is None else None)]
        process.script = self.plan.get(name, lambda process: ready)(process)
        return child

    def start(self):
        self.supervisor.startService()
        return self

    def stop(self):
        self.stopping = []
        self.supervisor.stopService().addCallback(self.stopping.append)

    def process(self, name, number=-1):
        """Return the newest of the processes with that name, or another one."""
        found = [
            process
            for child, process in zip(self.started.children, self.started.processes, strict=True)
            if child.name == name
        ]
        return found[number]

    def heard(self, name, number=-1):
        """Return what that process was told, after ``go``."""
        return self.process(name, number).heard[1:]


@pytest.fixture(autouse=True)
def same_limits():
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, soft)


@pytest.fixture
def running():
    return Supervised().start()


# Start.


def test_the_ports_are_bound_before_anything_is_started_and_all_is_announced_when_all_are_ready(running):
    assert running.events == [
        *("open link", "bind", "bind for one door", "let connections come"),
        f"announce ['a port'] {HOUSE}",
    ]
    assert [child.name for child in running.started.children] == ["the house", "door 1", "door 2"]
    assert running.supervisor.running and running.errors.closed


def test_nobody_can_connect_before_the_house_has_its_journal():
    supervised = Supervised()

    def ready(process):
        assert "let connections come" not in supervised.events
        assert [supervised.process(name).heard for name in ("door 1", "door 2")] == [[], []]
        process.say("ready", HOUSE)

    supervised.plan["the house"] = lambda process: [lambda: ready(process)]
    supervised.start()

    assert [supervised.process(name).heard for name in ("door 1", "door 2")] == [[["go"]], [["go"]]]


def test_a_certificate_that_cannot_be_used_comes_first():
    def bad():
        raise BadPair("cert.pem: No such file or directory")

    supervised = Supervised(certificates=[SimpleNamespace(open=lambda: None), SimpleNamespace(open=bad)])
    with pytest.raises(CannotStart, match=r"cannot start: cert\.pem: No such file"):
        supervised.start()

    assert supervised.started.processes == []


def loads(process):
    """All that a process says while another machine has the house."""
    return [lambda: process.say("loaded")]


def test_in_a_cluster_nobody_waits_for_the_house():
    supervised = Supervised(begun="loaded")
    supervised.plan = dict.fromkeys(("the house", "door 1", "door 2"), loads)
    supervised.start()
    assert supervised.events[-1] == "announce ['a port'] None"

    supervised.supervisor.replace()
    supervised.process("the house").say("loaded")
    supervised.process("the house", 0).end()
    assert supervised.heard("the house", 0) == [["hand over"]]
    assert [child.name for child in supervised.started.children][3:] == ["the house", "door 1"], "the doors come next"


def test_a_machine_may_have_no_house():
    supervised = Supervised(house=False, begun="loaded").start()
    assert [child.name for child in supervised.started.children] == ["door 1", "door 2"]

    supervised.supervisor.replace()
    replaced(supervised, "door 1")
    replaced(supervised, "door 2")
    supervised.stop()
    for process in supervised.started.processes:
        process.end()
    assert supervised.stopping == [None]
    supervised.clock.advance(60)
    assert len(supervised.started.processes) == 4


@pytest.mark.parametrize("name", ["the house", "door 2"])
def test_a_process_that_cannot_start_is_explained_as_it_says_itself_and_nothing_stays(name):
    written = []
    supervised = Supervised()
    supervised.errors.close = lambda: written.append(supervised.errors.getvalue())
    supervised.plan[name] = lambda process: [
        lambda: process.say("failed", "the database is locked"),
        lambda: process.end(1),
    ]

    with pytest.raises(CannotStart, match=r"^chatroom cannot start: the database is locked$"):
        supervised.start()

    assert written == ["chatroom cannot start: the database is locked\n"]
    assert all(child.over for child in supervised.started.children)
    assert supervised.events[-2:] == ["close the ports", "close link"]
    supervised.clock.advance(60)
    assert len(supervised.started.processes) == 3


def test_a_port_in_use_starts_nothing():
    def fail(factory):
        raise CannotStart("port 2428 is in use")

    supervised = Supervised(listener=SimpleNamespace(open=fail))
    with pytest.raises(CannotStart):
        supervised.start()

    assert supervised.started.processes == [] and supervised.events[-2:] == ["close the ports", "close link"]


# While it runs.


def test_what_ends_is_started_again(running):
    running.process("door 2").end(-9)
    running.process("the house").end(-9)
    running.clock.advance(0)

    assert len(running.started.processes) == 5
    assert running.process("door 2").heard == [["go"]] == running.process("the house").heard


def test_what_does_not_answer_is_killed(running):
    for _ in range(SILENCE):
        running.process("door 1").say("beat")
        running.process("door 2").say("beat")
        running.clock.advance(1)

    assert running.process("the house").killed and not running.process("door 1").killed


def test_a_reload_is_for_all(running):
    running.supervisor.reload()

    assert [running.heard(name) for name in ("the house", "door 1", "door 2")] == [[["reload"]]] * 3


def test_a_reload_that_the_house_asks_for_it_has_done_itself(running):
    running.process("the house").say("reload")

    assert [running.heard(name) for name in ("the house", "door 1", "door 2")] == [[], [["reload"]], [["reload"]]]


def test_an_admin_of_the_house_stops_everything(running):
    running.process("the house").say("stop", "a new version")

    assert running.events[-1] == "halt" and running.supervisor.reason == "a new version"


def test_doors_stop_nothing(running):
    with log_lines("chatroom") as lines:
        running.process("door 1").say("stop", "mischief")

    assert "halt" not in running.events and lines == ["door 1 has said something unknown: ['stop', 'mischief']"]


def replaced(running, name, *ends):
    """Let the replacement of *name* get ready; *ends*: the old one ends."""
    running.process(name).say("loaded")
    if ends:
        running.process(name, -2).end()
    running.process(name).say("ready", None)


def test_the_house_is_replaced_first_then_door_by_door(running):
    with log_lines("chatroom") as lines:
        running.supervisor.replace()
        assert len(running.started.processes) == 4
        replaced(running, "the house", "ends")
        assert len(running.started.processes) == 5
        replaced(running, "door 1")
        replaced(running, "door 2")

    assert running.heard("the house", 0) == [["hand over"]]
    assert running.heard("door 1", 0) == [["retire"]] == running.heard("door 2", 0)
    assert lines[-1] == "All processes have been replaced."
    running.supervisor.replace()
    assert len(running.started.processes) == 7, "it can be done again"


def test_a_replacement_that_fails_changes_nothing(running):
    with log_lines("chatroom") as lines:
        running.supervisor.replace()
        running.supervisor.replace()
        running.process("the house").say("failed", "a mistake in line 1")
        running.process("the house").end(1)

    assert lines[1:] == [
        "The processes are being replaced already.",
        "Not all processes could be replaced: a mistake in line 1. Those that run go on.",
    ]
    assert running.heard("the house", 0) == [] and len(running.started.processes) == 4


@pytest.fixture
def spared():
    """One that has had the time to load a spare house."""
    supervised = Supervised(spare=True).start()
    supervised.clock.advance(DELAY)
    supervised.process("the house").say("loaded")
    return supervised


def test_a_spare_house_takes_over_at_once_and_has_a_successor_later(spared):
    assert [child.name for child in spared.started.children][3:] == ["the house"]
    assert spared.process("the house").heard == []

    spared.process("the house", 0).end(-9)
    spared.clock.advance(0)
    assert spared.process("the house").heard == [["go"]] and len(spared.started.processes) == 4

    spared.process("the house").say("ready", HOUSE)
    spared.clock.advance(DELAY)
    assert len(spared.started.processes) == 5


def test_a_reload_replaces_the_spare_house_which_hears_nothing(spared):
    for reload in (spared.supervisor.reload, lambda: spared.process("the house", 0).say("reload")):
        before = spared.process("the house")
        reload()
        spared.process("the house").say("loaded")
        assert before.killed and before.heard == [] == spared.process("the house").heard
        before.die()


def test_an_upgrade_takes_a_new_house_and_ends_the_spare(spared):
    spared.supervisor.replace()
    new = spared.process("the house")
    assert new is not spared.process("the house", 1) and not spared.process("the house", 1).killed
    new.say("loaded")
    assert spared.process("the house", 1).killed
    spared.process("the house", 0).end()
    assert new.heard == [["go"]]


def test_a_stop_ends_the_spare_house_first(spared):
    spared.stop()
    assert spared.process("the house", 1).killed
    spared.process("the house", 1).die()
    for process in spared.started.processes[:3]:
        process.end()
    assert spared.stopping == [None]
    spared.clock.advance(600)
    assert len(spared.started.processes) == 4


# End.


def test_doors_stop_accepting_then_the_house_says_goodbye_then_all_end(running):
    running.stop()

    stop = ["stop", "it was asked to stop"]
    assert running.heard("door 1") == [stop] == running.heard("door 2") == running.heard("the house")
    assert running.events[-1] == "close the ports" and not running.stopping
    running.process("door 1").end()
    running.process("the house").end()
    assert not running.stopping
    running.process("door 2").end()

    assert running.stopping == [None] and running.events[-1] == "close link"
    running.clock.advance(60)
    assert len(running.started.processes) == 3 and not running.clock.getDelayedCalls()


def test_what_does_not_end_is_killed(running):
    running.stop()
    running.clock.advance(HOUSE_TIMEOUT)
    running.process("the house").die()
    running.process("door 1").end()
    running.clock.advance(DOORS_TIMEOUT)
    running.process("door 2").die()

    assert running.stopping == [None]


def test_doors_that_were_replaced_are_stopped_too(running):
    running.supervisor.replace()
    replaced(running, "the house", "ends")
    replaced(running, "door 1")
    running.stop()

    assert running.heard("door 1", 0) == [["retire"], ["stop", "it was asked to stop"]]
    assert running.heard("door 1") == [["stop", "it was asked to stop"]]
    for process in running.started.processes:
        if process is not running.process("the house", 0):
            process.end()
    assert isinstance(running.supervisor.stopService(), Deferred) and running.stopping == [None]


def test_a_stop_without_a_house_ends_the_doors(running):
    running.process("the house").end(-9)
    running.stop()
    running.process("door 1").end()
    running.process("door 2").end()

    assert running.stopping == [None]
    running.clock.advance(60)
    assert len(running.started.processes) == 3


def test_reloading_replaces_all_processes_if_other_code_is_installed_and_only_then():
    code = ["old"]
    supervised = Supervised(code=lambda: code[0]).start()
    before = len(supervised.started.processes)
    supervised.supervisor.reload()
    assert len(supervised.started.processes) == before

    code[0] = "new"
    supervised.supervisor.reload()
    assert len(supervised.started.processes) == before + 1, "the next house is loaded"
    supervised.supervisor.reload()
    assert len(supervised.started.processes) == before + 2, "and another one, which reads the configuration of now"
    assert supervised.process("the house", 1).killed and supervised.process("the house", 1).heard == []
    supervised.process("the house", 1).die()
    replaced(supervised, "the house", "ends")
    assert supervised.heard("the house", 0) == [["reload"], ["reload"], ["reload"], ["hand over"]]


def test_a_replacement_that_has_failed_is_tried_again_by_the_next_reload():
    code = ["old"]
    supervised = Supervised(code=lambda: code[0]).start()
    code[0] = "new"
    supervised.supervisor.reload()
    supervised.process("the house").say("failed", "no module named chess")
    supervised.process("the house").end(1)
    before = len(supervised.started.processes)
    supervised.supervisor.reload()
    assert len(supervised.started.processes) == before + 1
