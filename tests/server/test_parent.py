"""A child's end of its pipes."""

from __future__ import annotations

import json
import os
import sys
from subprocess import PIPE, Popen

import pytest
from twisted.internet.task import Clock
from twisted.logger import Logger, LogLevel, LogPublisher

from chatroom.server.parent import ORPHANED, Parent


class Reactor(Clock):
    """A reactor whose readers a test calls."""

    def __init__(self):
        super().__init__()
        self.readers, self.running = set(), True
        self.addReader, self.removeReader = self.readers.add, self.readers.discard

    def callWhenRunning(self, call):
        self.callLater(0, call)


class Pipes:
    """A child's end of its pipes, and the supervisor's of the same."""

    def __init__(self):
        source, self.target = os.pipe()
        self.source, target = os.pipe()
        self.parent = Parent(source, target)
        self.reactor = Reactor()
        self.heard = []

    def attend(self):
        self.parent.attend(self.reactor, self.heard.append)

    def tell(self, *messages):
        os.write(self.target, b"".join(json.dumps(message).encode() + b"\n" for message in messages))

    def said(self):
        return [json.loads(line) for line in os.read(self.source, 65_536).splitlines()]


@pytest.fixture
def pipes():
    return Pipes()


def test_what_is_said_first_is_waited_for(pipes):
    pipes.tell(["begin", {"name": "door 1"}], ["go"])

    assert pipes.parent.next() == ["begin", {"name": "door 1"}]
    assert pipes.parent.next() == ["go"]


def test_a_supervisor_that_has_gone_says_stop(pipes):
    os.close(pipes.target)

    assert pipes.parent.next() == ["stop", ORPHANED]


@pytest.mark.parametrize("last", [["stop", "why"], ["hand over"]])
def test_while_something_else_is_waited_for_it_is_known_that_this_is_to_end(pipes, last):
    assert not pipes.parent.gives_up(0)
    pipes.tell(["reload"])
    assert not pipes.parent.gives_up(0)
    os.write(pipes.target, json.dumps(last).encode())
    assert not pipes.parent.gives_up(0), "it has not been said to its end"
    os.write(pipes.target, b"\n")
    assert pipes.parent.gives_up(0) and pipes.parent.gives_up(0)
    assert [pipes.parent.next(), pipes.parent.next()] == [["reload"], last], "it is heard later all the same"


def test_without_its_supervisor_it_waits_for_nothing(pipes):
    os.close(pipes.target)
    assert pipes.parent.gives_up(60)


def test_what_is_said_later_is_heard_when_it_comes(pipes):
    pipes.tell(["go"], ["reload"])
    pipes.parent.next()
    pipes.attend()
    pipes.reactor.advance(0)
    assert pipes.heard == [["reload"]]

    os.write(pipes.target, b'["retire"]\n["sto')
    pipes.parent.doRead()
    os.write(pipes.target, b'p", "why"]\n')
    pipes.parent.doRead()

    assert pipes.heard[1:] == [["retire"], ["stop", "why"]]


@pytest.mark.parametrize("noticed", ["doRead", "connectionLost"])
def test_without_its_supervisor_it_stops(pipes, noticed):
    pipes.attend()
    os.close(pipes.target)

    pipes.parent.doRead() if noticed == "doRead" else pipes.parent.connectionLost(None)

    assert pipes.heard == [["stop", ORPHANED]] and not pipes.reactor.readers


def test_when_the_reactor_has_stopped_nothing_is_left_to_stop(pipes):
    pipes.attend()
    pipes.reactor.running = False
    pipes.parent.connectionLost(None)

    assert pipes.heard == []


def test_it_gives_signs_of_life(pipes):
    pipes.attend()
    pipes.reactor.pump([1, 1])

    assert pipes.said() == [["beat"]] * 3


def test_in_long_work_it_gives_signs_of_life_no_more_often(pipes):
    # Before, its supervisor does not look.
    pipes.parent.alive()
    pipes.attend()
    for _ in range(25):
        pipes.reactor.rightNow += 0.1
        pipes.parent.alive()

    assert pipes.said() == [["beat"]] * 3


def test_its_log_is_the_supervisors(pipes):
    publisher = LogPublisher(pipes.parent.observe)
    ours, twisted = (Logger(namespace=name, observer=publisher) for name in ("chatroom", "twisted.internet"))
    ours.info("{count} lines", count=2)
    twisted.info("starting on 2428")
    twisted.emit(LogLevel.error, "no more files")
    try:
        raise ZeroDivisionError("oh")
    except ZeroDivisionError:
        ours.failure("A bug.")

    [lines, error, bug] = pipes.said()
    assert lines == ["log", "info", "chatroom", "2 lines"]
    assert error == ["log", "error", "twisted.internet", "no more files"]
    assert bug[:2] == ["log", "critical"] and bug[3].startswith("A bug.\nTraceback") and "ZeroDivisionError" in bug[3]


def test_nobody_listens_to_the_last_words(pipes):
    os.close(pipes.source)

    pipes.parent.say("ready")


GUARDED = """
import os, sys, time
from chatroom.server import parent as module
module.LAST_WORDS = 0.1
parent = module.Parent()
parent.guard()
parent._reactor = sys.argv[1] == "attends" or None
print("begun", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("state", ["attends", "still opens its journal"])
def test_without_its_supervisor_it_ends_whatever_it_is_doing(state):
    process = Popen([sys.executable, "-c", GUARDED, state], stdin=PIPE, stdout=PIPE)
    process.stdout.readline()

    process.stdin.close()

    assert process.wait(30) == 1
    process.stdout.close()
