"""Child processes: what the supervisor says to one, what it says, and its end."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger, LogLevel

MAX_LINE = 2**20
"""Bytes of a line that a child writes; what is longer is logged in pieces."""

LOADED, READY, CLOSED = "loaded", "ready", "closed"
"""
What a child says when everything is imported, so that it waits for ``go``; when it works; and when it has closed what
its successor opens, so that it has only to end.
"""

log = Logger(namespace="chatroom")


class Process(Protocol):
    """A running process; the supervisor writes to its standard input and reads from its standard output."""

    pid: int

    def write(self, data: bytes) -> None:
        """Write *data*; harmless if the process has ended."""

    def kill(self) -> None:
        """Kill it."""

    def read_now(self) -> None:
        """Wait for output, or the end, and handle it; for a supervisor whose reactor does not run yet."""


Launch = Callable[[Callable[[bytes], object], Callable[[int], object]], Process]
"""Start a process, with what is called with its output, and with its exit status when it has been reaped."""


class ChildEnded(Exception):
    """A child has ended instead of doing what was waited for; the text says why, in one line."""


class Child:
    """
    One process, from its start to its end.

    Both sides write lines of JSON, arrays that begin with a word.  The supervisor says ``begin`` with everything that
    the process needs, and then ``go``, ``reload``, ``stop``, ``retire`` or ``hand over``.  The child says ``loaded``,
    ``ready`` with an object, ``failed`` with a reason, ``log`` with a level, a namespace and a text, and ``beat`` once
    a second; the house also ``closed``, ``stop`` with a reason, and ``reload``.  Lines that are not of this form, such
    as tracebacks, are logged.

    After an upgrade, the supervisor is older than its children: they must do without what is new in ``begin``.

    :param name: such as ``the house`` or ``door 2``.
    :param launch: starts the process.
    :param asked: called with each array that is a wish of the child.
    :param ended: called when it has ended and been reaped.
    """

    def __init__(
        self,
        name: str,
        launch: Launch,
        asked: Callable[[Child, Sequence[Any]], object],
        ended: Callable[[Child], object],
    ) -> None:
        self.name = name
        self.reason = ""
        """Why it could not start, as it said itself, or how it has ended."""
        self.over = False
        self.silence = 0
        """How many times in a row `look` has found nothing said."""
        self.said: dict[str, Any] = {}
        """What it has said of itself: `LOADED`, `READY` and `CLOSED`, each with an object or None."""
        self._asked = asked
        self._ended = ended
        self._buffer = b""
        self._waiting: defaultdict[str, list[Deferred[Any]]] = defaultdict(list)
        self.process = launch(self._received, self._finished)

    def send(self, *message: object) -> None:
        """Say something to it."""
        if not self.over:
            self.process.write(json.dumps(message).encode() + b"\n")

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        if not self.over:
            self.process.kill()

    def until(self, word: str) -> Deferred[Any]:
        """Wait until it has said *word*; the result is what came with it, or a `ChildEnded`."""
        waiting: Deferred[Any] = Deferred()
        if word in self.said:
            waiting.callback(self.said[word])
        elif self.over:
            waiting.errback(ChildEnded(self.reason))
        else:
            self._waiting[word].append(waiting)
        return waiting

    def until_over(self) -> Deferred[None]:
        """Wait until it has ended."""
        done: Deferred[None] = Deferred()
        if self.over:
            done.callback(None)
        else:
            self._waiting[""].append(done)
        return done

    def wait(self, word: str) -> Any:
        """
        Wait until it has said *word*, before the reactor runs.

        :raises ChildEnded: if it ends instead.
        """
        while word not in self.said:
            if self.over:
                raise ChildEnded(self.reason)
            self.process.read_now()
        return self.said[word]

    def wait_over(self) -> None:
        """Wait until it has ended, before the reactor runs."""
        while not self.over:
            self.process.read_now()

    def look(self) -> int:
        """Count how often nothing was said since the last look; 0 until it is ready, which may take long."""
        self.silence = self.silence + 1 if READY in self.said else 0
        return self.silence

    def _received(self, data: bytes) -> None:
        self.silence = 0
        *lines, rest = (self._buffer + data).split(b"\n")
        if len(rest) > MAX_LINE:
            lines.append(rest)
            rest = b""
        self._buffer = rest
        for line in lines:
            self._line(line)

    def _line(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        match message:
            case ["beat"]:
                pass
            case ["log", str(level), str(namespace), str(text)]:
                self._log(level, namespace, text)
            case ["loaded" | "ready" | "closed" as word, *more]:
                self.said[word] = more[0] if more else None
                for waiting in self._waiting.pop(word, []):
                    waiting.callback(self.said[word])
            case ["failed", str(reason)]:
                self.reason = reason
            case [str(), *_]:
                self._asked(self, message)
            case _:
                if line:
                    self._log("warn", "chatroom", line.decode(errors="backslashreplace"))

    def _log(self, level: str, namespace: str, text: str) -> None:
        try:
            importance = LogLevel.lookupByName(level)
        except ValueError:
            importance = LogLevel.warn
        Logger(namespace=namespace).emit(
            importance, "{child}: {text}", child=self.name.removeprefix("the "), text=text
        )

    def _finished(self, status: int) -> None:
        self.over = True
        if self._buffer:
            self._line(self._buffer)
        if not self.reason:
            how = f"was ended by signal {-status}" if status < 0 else f"has ended with status {status}"
            self.reason = f"{self.name} {how}"
        over = self._waiting.pop("", [])
        for waiting in [one for many in self._waiting.values() for one in many]:
            waiting.errback(ChildEnded(self.reason))
        self._waiting.clear()
        for done in over:
            done.callback(None)
        self._ended(self)
