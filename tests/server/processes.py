"""Child processes in memory: what is said to each is noted, and a test says what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chatroom.server.child import Child


class FakeProcess:
    """A process that does what a test says."""

    count = 0

    def __init__(self, received: Callable[[bytes], object], finished: Callable[[int], object]) -> None:
        FakeProcess.count += 1
        self.pid = FakeProcess.count
        self.received = received
        self.finished = finished
        self.heard: list[Any] = []
        self.killed = False
        self.script: list[Callable[[], object]] = []
        """What it does, step by step, while somebody waits for it before the reactor runs."""

    def write(self, data: bytes) -> None:
        self.heard += [json.loads(line) for line in data.splitlines()]

    def kill(self) -> None:
        if not self.killed:
            self.killed = True
            self.script.insert(0, lambda: self.finished(-9))

    def read_now(self) -> None:
        assert self.script, "it would wait for ever"
        self.script.pop(0)()

    def say(self, *message: object) -> None:
        self.received(json.dumps(message).encode() + b"\n")

    def end(self, status: int = 0) -> None:
        self.finished(status)

    def die(self) -> None:
        """Die of having been killed."""
        assert self.killed
        self.script.pop(0)()


class Started:
    """Starts children, and remembers them and their processes."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.processes: list[FakeProcess] = []
        self.wishes: list[Any] = []
        self.failing: OSError | None = None

    def start(
        self,
        name: str,
        ended: Callable[[Child], object] = lambda child: None,
        asked: Callable[[Child, Any], object] | None = None,
    ) -> Child:
        if self.failing is not None:
            raise self.failing
        child = Child(name, self._launch, asked or (lambda child, message: self.wishes.append(message)), ended)
        self.children.append(child)
        return child

    def _launch(self, received: Callable[[bytes], object], finished: Callable[[int], object]) -> FakeProcess:
        process = FakeProcess(received, finished)
        self.processes.append(process)
        return process
