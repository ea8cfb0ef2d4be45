"""Starting processes."""

from __future__ import annotations

import os
import sys

import pytest

from chatroom.server.launch import command, launcher

ECHO = "import sys\nfor line in sys.stdin: print('heard', line, end='', flush=True)\nsys.exit(3)"


class Reactor:
    """A reactor whose readers are called one after the other, until there are none."""

    def __init__(self):
        self.readers = set()
        self.addReader, self.removeReader = self.readers.add, self.readers.discard


class Running:
    """A process, and what was noted of it."""

    def __init__(self, code, descriptors=()):
        self.reactor = Reactor()
        self.output, self.ends = b"", []
        launch = launcher(self.reactor, [sys.executable, "-c", code], b"begin\n", descriptors)
        self.process = launch(self.received, self.ends.append)

    def received(self, data):
        self.output += data

    def until(self, text):
        while text not in self.output:
            self.process.read_now()

    def to_the_end(self):
        while self.reactor.readers:
            self.process.read_now()
        return self.ends


def test_the_command_is_this_python_with_the_code_that_is_installed():
    assert command("door", ["--port", "1"]) == [sys.executable, "-P", "-m", "chatroom.process", "door", "--port", "1"]


def test_it_is_told_how_to_begin_and_what_follows():
    running = Running(ECHO)
    running.until(b"heard begin\n")
    running.process.write(b"go\n")
    running.until(b"heard go\n")

    running.process._input.close()

    assert running.to_the_end() == [3]


def test_an_end_by_a_signal_is_reaped_and_noticed():
    running = Running(ECHO)
    running.until(b"begin")
    running.process.kill()

    assert running.to_the_end() == [-9]
    with pytest.raises(ChildProcessError):
        os.waitpid(running.process.pid, os.WNOHANG)
    running.process.connectionLost(None)
    assert running.ends == [-9], "once"


def test_words_for_the_dead_are_dropped():
    running = Running("")
    os.waitid(os.P_PID, running.process.pid, os.WEXITED | os.WNOWAIT)
    running.process.write(b"go\n")

    assert running.to_the_end() == [0]


def test_who_does_not_read_for_too_long_is_killed():
    running = Running("import time; time.sleep(60)")
    running.process.write(b"x" * 200_000)

    assert running.to_the_end() == [-9]


def test_errors_are_output_too():
    running = Running("import sys; print('oh', file=sys.stderr)")

    assert running.to_the_end() == [0] and running.output == b"oh\n"


def test_it_inherits_what_it_is_to_and_nothing_else():
    ours, theirs = (os.open(os.devnull, os.O_RDONLY) for _ in range(2))
    os.set_inheritable(ours, True)
    running = Running("import os; print(*sorted(os.listdir('/proc/self/fd')))", [theirs])
    running.to_the_end()

    found = set(map(int, running.output.split()))
    assert {0, 1, 2, theirs} <= found and ours not in found
    os.close(ours)
    os.close(theirs)


def test_what_is_typed_at_the_terminal_is_not_for_it():
    running = Running("import os; print(os.getpgrp() == os.getpid())")
    running.to_the_end()

    assert running.output == b"True\n"


def test_what_cannot_be_started_is_told():
    with pytest.raises(FileNotFoundError):
        launcher(Reactor(), ["/none/at/all"], b"")(str, str)
