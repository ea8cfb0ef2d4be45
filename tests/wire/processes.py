"""Processes that a test starts: their output as it comes, with deadlines, and their certain end."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NoReturn, Self

import pytest

PATIENCE = 15.0
"""Seconds that anything may take on a busy machine; what takes longer has failed."""
THOROUGH = 20
"""Rounds of crashes from which on a run is thorough, so that times count whatever else the machine does."""

MATCH = 65_536
"""Characters that what a test waits for may have."""
SHOWN = 20_000
"""Characters of its last output that a failure shows."""


def program(name: str, *folders: str) -> str:
    """
    Find the program *name*: first among those installed with the Python that runs this, last in *folders*.

    Without it a test skips on a person's machine, and fails where ``CI`` is set.
    """
    searched = [str(Path(sys.executable).parent), os.environ.get("PATH", ""), *folders]
    path = shutil.which(name, path=os.pathsep.join(searched))
    if path is None:
        do_without(f"the program {name} is not installed")
    return path


def tool(name: str, path: str) -> Path:
    """Find the *path* in the environment *name* that ``.ci/prepare`` has made for these tests, as `program` does."""
    found = Path(__file__).parents[2] / ".tools" / name / path
    if not found.exists():
        do_without(f"{name} is not installed: see .ci/prepare")
    return found


def do_without(message: str) -> NoReturn:
    """Skip the test on a person's machine, and let it fail where ``CI`` is set."""
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def wait_until(true: Callable[[], object], why: str | Callable[[], str], seconds: float = PATIENCE) -> None:
    """Ask *true* again and again until it is so; for what tells nobody when it happens."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, why if isinstance(why, str) else why()
        time.sleep(0.02)


class Started:
    """
    A process; use it in a ``with`` statement, which ends it.

    Its output and its errors are read together, as they come.

    :param environment: variables that differ from this process's own; None removes one.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        cwd: Path | None = None,
        environment: Mapping[str, str | None] | None = None,
    ) -> None:
        variables = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1", **(environment or {})}
        self.process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env={name: value for name, value in variables.items() if value is not None},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group of its own, so that a pipeline ends as a whole.
            start_new_session=True,
        )
        self._output = ""
        self._over = False
        self._news = threading.Condition()
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self.process.pid

    @property
    def output(self) -> str:
        """What it has printed so far."""
        with self._news:
            return self._output

    def until(self, pattern: str, seconds: float = PATIENCE, after: int = 0) -> re.Match[str]:
        """Wait until it has printed what matches *pattern*, beyond the first *after* characters."""
        compiled = re.compile(pattern)
        searched = after

        def is_there() -> bool:
            # Much may come in many pieces: each is searched once, with the end of what came before it.
            nonlocal searched
            start, searched = max(after, searched - MATCH), len(self._output)
            return self._over or compiled.search(self._output, start) is not None

        with self._news:
            self._news.wait_for(is_there, seconds)
            found = compiled.search(self._output, after)
        assert found, f"no {pattern!r} in:\n{self._output[-SHOWN:]}"
        return found

    def type(self, text: str) -> None:
        """Give it *text* to read."""
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def end_input(self) -> None:
        """It has been given all there is."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def ended(self, seconds: float = PATIENCE) -> int:
        """Wait until it has ended; return its exit status, negative if by a signal."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running; it has printed:\n{self.output}") from None
        self._reader.join(seconds)
        return status

    def kill(self) -> None:
        """End it at once, with whatever it has started; harmless when it has ended."""
        if self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        self.ended()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def _read(self, stream: BinaryIO) -> None:
        while data := os.read(stream.fileno(), 65_536):
            with self._news:
                self._output += data.decode(errors="replace")
                self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()


def run(command: Sequence[str | Path], text: str = "", *, ok: bool = True, cwd: Path | None = None) -> str:
    """Run *command* on *text* to its end, which must be a success if *ok* and a failure if not; its output."""
    with Started(command, cwd=cwd) as started:
        started.type(text)
        started.end_input()
        status = started.ended()
        assert (status == 0) is ok, f"exit status {status}:\n{started.output}"
        return started.output
