"""What a child says, and its end, as its supervisor sees them."""

from __future__ import annotations

import pytest

from chatroom.server import child as module
from chatroom.server.child import LOADED, READY, ChildEnded
from tests.log_lines import log_lines

from .processes import Started


@pytest.fixture
def started():
    return Started()


@pytest.fixture
def child(started):
    return started.start("door 1")


@pytest.fixture
def process(started, child):
    return started.processes[0]


def result(deferred):
    found = []
    deferred.addBoth(found.append)
    return found


def test_what_is_waited_for_comes_with_what_was_said_of_it(child, process):
    loaded, ready = result(child.until(LOADED)), result(child.until(READY))

    process.say("loaded")
    assert loaded == [None] and ready == []
    process.say("ready", {"left": 2})

    assert ready == [{"left": 2}] == result(child.until(READY))


def test_lines_may_come_in_pieces(child, process):
    process.received(b'["load')
    process.received(b'ed"]\n["ready", 1]\n["re')

    assert child.said == {LOADED: None, READY: 1}


def test_who_waits_is_told_of_the_end_and_why(child, process):
    waiting, over = result(child.until(READY)), result(child.until_over())
    process.say("failed", "port 1 is in use")

    process.end(1)

    [failure] = waiting
    assert failure.check(ChildEnded) and str(failure.value) == "port 1 is in use"
    assert over == [None] == result(child.until_over())
    [late] = result(child.until(READY))
    assert late.check(ChildEnded)


@pytest.mark.parametrize(
    ("status", "reason"), [(-9, "door 1 was ended by signal 9"), (3, "door 1 has ended with status 3")]
)
def test_an_end_without_a_word_is_described(child, process, status, reason):
    process.end(status)

    assert child.over and child.reason == reason


def test_nothing_is_said_to_the_dead(child, process):
    child.send("go")
    process.end()
    child.send("reload")
    child.kill()

    assert process.heard == [["go"]] and not process.killed


def test_the_log_of_a_child_has_its_name_in_front(started, child, process):
    house = started.start("the house")
    with log_lines("chatroom") as lines:
        process.say("log", "warn", "chatroom", "careful")
        process.say("log", "nonsense", "chatroom", "two\nlines")
        process.received(b"Traceback\n\n")
        process.received(b"the end")
        process.end()
        started.processes[1].say("log", "info", "chatroom", "Stopped.")

    assert lines == [
        "door 1: careful",
        "door 1: two\nlines",
        "door 1: Traceback",
        "door 1: the end",
        "house: Stopped.",
    ]
    assert not house.over


def test_endless_lines_are_logged_in_pieces(child, process, monkeypatch):
    monkeypatch.setattr(module, "MAX_LINE", 10)
    with log_lines("chatroom") as lines:
        process.received(b"x" * 11)
        process.received(b"y" * 3 + b"\n")

    assert lines == ["door 1: " + "x" * 11, "door 1: yyy"]


def test_wishes_go_to_the_supervisor(started, process):
    process.say("stop", "an admin said so")
    process.say("beat")

    assert started.wishes == [["stop", "an admin said so"]]


def test_silence_counts_once_it_is_ready(child, process):
    assert [child.look(), child.look()] == [0, 0]
    process.say("ready")
    assert [child.look(), child.look()] == [1, 2]

    process.say("beat")

    assert child.look() == 1


def test_before_the_reactor_runs_it_is_waited_for(child, process):
    process.script = [lambda: process.say("loaded"), lambda: process.say("ready", 5)]
    assert child.wait(READY) == 5
    process.script = [lambda: process.end(1)]
    child.wait_over()

    assert child.over


def test_before_the_reactor_runs_its_end_is_noticed(child, process):
    process.script = [lambda: process.say("failed", "no"), lambda: process.end(1)]

    with pytest.raises(ChildEnded, match="no"):
        child.wait(READY)
