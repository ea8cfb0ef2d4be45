"""A child's end of its pipes: what the supervisor says, what the child says to it, and its log."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import Any

from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.task import LoopingCall
from twisted.logger import LogEvent, LogLevel, eventAsText
from zope.interface import implementer

BEAT_INTERVAL = 1.0
"""Seconds between signs of life."""

ORPHANED = "its supervisor has ended"
"""The reason for the end of a child whose supervisor has gone."""

LAST_WORDS = 30.0
"""Seconds that a child without a supervisor has for its goodbyes, at most."""

_READ = 65_536


@implementer(IReadDescriptor)
class Parent:
    """
    The supervisor, as one of its children sees it; `child.Child` lists what is said.

    :param source: the descriptor to read from.
    :param target: the descriptor to write to.
    """

    def __init__(self, source: int = 0, target: int = 1) -> None:
        self._source = source
        self._target = target
        self._buffer = b""
        self._heard: Callable[[Sequence[Any]], object] = str
        self._reactor: Any = None
        self._beating = LoopingCall(self._beat)
        self._beaten = 0.0
        """When it last gave a sign of life."""
        # Log lines come from any thread.
        self._writing = Lock()

    def say(self, *message: object) -> None:
        """Say something; harmless if nobody listens."""
        line = json.dumps(message).encode() + b"\n"
        with self._writing, suppress(BrokenPipeError):
            while line:
                line = line[os.write(self._target, line) :]

    def alive(self) -> None:
        """Give a sign of life, if one is due: call this within work that may take long, after each part of it."""
        if self._reactor is not None and self._reactor.seconds() - self._beaten >= BEAT_INTERVAL:
            self._beat()

    def _beat(self) -> None:
        self._beaten = self._reactor.seconds()
        self.say("beat")

    def observe(self, event: LogEvent) -> None:
        """
        Hand an event of the log to the supervisor, which writes it.

        What Twisted says of ports and reactors it says of each process, so only its warnings are handed on.
        """
        level, namespace = event["log_level"], event.get("log_namespace", "")
        if level >= LogLevel.warn or namespace.startswith("chatroom"):
            text = eventAsText(event, includeTimestamp=False, includeSystem=False)
            self.say("log", level.name, namespace, text)

    def next(self) -> Sequence[Any]:
        """Wait for what is said next, before the reactor runs; a supervisor that has gone says ``stop``."""
        while b"\n" not in self._buffer:
            data = os.read(self._source, _READ)
            if not data:
                return ["stop", ORPHANED]
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: Sequence[Any] = json.loads(line)
        return message

    def gives_up(self, seconds: float) -> bool:
        """Wait for *seconds* at most, before the reactor runs; return whether the supervisor wants this to end."""
        if select.select([self._source], [], [], seconds)[0]:
            data = os.read(self._source, _READ)
            self._buffer += data
            if not data:
                return True
        said = [json.loads(line)[0] for line in self._buffer.split(b"\n")[:-1]]
        return "stop" in said or "hand over" in said

    def attend(self, reactor: Any, heard: Callable[[Sequence[Any]], object]) -> None:
        """Call *heard* with whatever is said from now on, and give signs of life."""
        self._reactor, self._heard = reactor, heard
        reactor.addReader(self)
        # What was said before the reactor ran may be here already.
        reactor.callWhenRunning(self._listen)
        self._beating.clock = reactor
        self._beating.start(BEAT_INTERVAL)

    def guard(self) -> None:
        """End the process soon after its supervisor, whatever it is doing, such as waiting for a disk."""
        Thread(target=self._guard, name="guard", daemon=True).start()

    def _guard(self) -> None:
        watched = select.poll()
        # No event is asked for: the end is always told.
        watched.register(self._source, 0)
        watched.poll()
        if self._reactor is not None:
            time.sleep(LAST_WORDS)
        os._exit(1)

    def fileno(self) -> int:
        """Return the descriptor that the reactor watches."""
        return self._source

    def logPrefix(self) -> str:
        """Name this for the log."""
        return "chatroom"

    def doRead(self) -> None:
        """Read what is said."""
        data = os.read(self._source, _READ)
        self._buffer += data
        self._listen()
        if not data:
            self.connectionLost(None)

    def _listen(self) -> None:
        while b"\n" in self._buffer:
            self._heard(self.next())

    def connectionLost(self, reason: object) -> None:
        """Stop without a supervisor, unless it is only the reactor that has stopped."""
        self._reactor.removeReader(self)
        if self._reactor.running:
            self._heard(["stop", ORPHANED])
