"""Launching: starts a process with pipes and inherited sockets, on the reactor or before it runs."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from subprocess import PIPE, STDOUT, Popen
from typing import Any

from twisted.internet.interfaces import IReadDescriptor
from zope.interface import implementer

from .child import Launch

_READ = 65_536
"""Bytes read in one turn."""

MODULE = "chatroom.process"


def command(role: str, words: Sequence[str]) -> list[str]:
    """
    Write the command of a child process: this Python again, with the code that is installed now.

    :param role: ``house`` or ``door``.
    :param words: the command line of ``twistd chatroom``.
    """
    # -P: modules that somebody has put into the current folder are none of ours.
    return [sys.executable, "-P", "-m", MODULE, role, *words]


def launcher(reactor: Any, words: Sequence[str], begin: bytes, descriptors: Sequence[int] = ()) -> Launch:
    """
    Make what starts a process.

    :param words: its command.
    :param begin: written to its standard input first.
    :param descriptors: what it inherits besides the pipes.
    """

    def launch(received: Callable[[bytes], object], finished: Callable[[int], object]) -> Launched:
        started = Launched(reactor, words, descriptors, received, finished)
        started.write(begin)
        return started

    return launch


@implementer(IReadDescriptor)
class Launched:
    """A running process; its output and its end are noticed by the end of its pipe, not by a signal."""

    def __init__(
        self,
        reactor: Any,
        words: Sequence[str],
        descriptors: Sequence[int],
        received: Callable[[bytes], object],
        finished: Callable[[int], object],
    ) -> None:
        self._reactor = reactor
        self._received = received
        self._finished = finished
        # A process group of its own: what is typed at the terminal is for the supervisor.
        self._process = Popen(
            words, stdin=PIPE, stdout=PIPE, stderr=STDOUT, pass_fds=descriptors, bufsize=0, process_group=0
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self.pid = self._process.pid
        os.set_blocking(self._input.fileno(), False)
        os.set_blocking(self._output.fileno(), False)
        reactor.addReader(self)

    def write(self, data: bytes) -> None:
        """Write *data*; a process that has not read 64 KiB of it is as good as dead, and killed."""
        # If it has ended, that is noticed by itself.
        with suppress(BrokenPipeError):
            if self._input.write(data) != len(data):
                self.kill()

    def kill(self) -> None:
        """Kill it, as ``kill -9`` does."""
        self._process.kill()

    def read_now(self) -> None:
        """Wait for output, or the end, and handle it."""
        select.select([self._output], [], [])
        self.doRead()

    def fileno(self) -> int:
        """Return the descriptor that the reactor watches."""
        return self._output.fileno()

    def logPrefix(self) -> str:
        """Name this for the log."""
        return "chatroom"

    def doRead(self) -> None:
        """Read some output; nothing means the end."""
        with suppress(BlockingIOError):
            data = os.read(self._output.fileno(), _READ)
            if data:
                self._received(data)
            else:
                self._end()

    def connectionLost(self, reason: object) -> None:
        """End it: it has closed the pipe, and everything was read; or the reactor has stopped."""
        self._end()

    def _end(self) -> None:
        self._reactor.removeReader(self)
        if self._output.closed:
            return
        # It has closed its output, which ours never do while they run.
        self.kill()
        status = self._process.wait()
        self._input.close()
        self._output.close()
        self._finished(status)
