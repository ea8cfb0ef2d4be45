"""One server as people run it: started, killed, stopped and started again on the same folder and port."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from .processes import PATIENCE, Started, program, wait_until

UPGRADED = """
import sys
import chatroom
from twisted.scripts.twistd import run
chatroom.__version__ = sys.argv.pop(1)
run()
"""
"""What twistd does, for a chatroom of another version; ``-c`` stands where the program's name does."""


class Server:
    """
    A server in a process of its own; use it in a ``with`` statement, which ends it.

    :param folder: where it runs, and keeps its data in ``data``.
    :param options: for ``twistd chatroom``.
    :param database: the connection string of a PostgreSQL database, for its data instead.
    """

    host = "127.0.0.1"
    """The address at which it listens."""

    def __init__(self, folder: Path, *options: str, database: str = "") -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = 0
        self._options = options
        self.database = database
        self.store: Sequence[str] = ("--database", database) if database else ("--data", "data")
        """The words that say where its data are, also for ``chatroom-admin`` in its folder."""
        self._started: Started | None = None

    def twistd(self) -> Sequence[str | Path]:
        """Return the words that run ``twistd``."""
        return (program("twistd"),)

    def listening(self) -> str:
        """Return the endpoint at which it listens."""
        return f"tcp:{self.port}:interface={self.host}"

    def environment(self) -> Mapping[str, str | None]:
        """Return the variables that differ from this process's own; None removes one."""
        return {}

    @property
    def process(self) -> Started:
        """The process, running or not."""
        assert self._started is not None
        return self._started

    @property
    def log(self) -> str:
        """What it has printed since it was started last."""
        return self.process.output

    def start(self, version: str = "") -> Self:
        """
        Start it, for the second time at the same port, and wait until it says that it listens.

        :param version: what it takes itself for, as after an upgrade; "": what it is.
        """
        self.starting(version)
        self.wait_until_listening()
        return self

    def starting(self, version: str = "") -> Self:
        """Start it, and do not wait."""
        upgraded = (sys.executable, "-c", UPGRADED, version)
        self._started = Started(
            [
                *(upgraded if version else self.twistd()),
                *("-n", "--pidfile=", "chatroom", *self.store),
                *("--listen", self.listening(), *self._options),
            ],
            cwd=self.folder,
            environment=self.environment(),
        )
        return self

    def wait_until_listening(self) -> None:
        """Wait until it says where it listens."""
        # With doors it is several programs that start, and one after the other when the machine is busy.
        self.port = int(self.process.until(rf"Listening on {re.escape(self.host)}:(\d+)", 3 * PATIENCE)[1])
        self.process.until("Join with")

    def children(self, role: str = "") -> list[int]:
        """Return the process ids of its children with this *role*, ``house`` or ``door``, or with any; no spares."""
        return [child for child in self._children(role) if not self._is_spare(child)]

    def spares(self) -> list[int]:
        """Return the process ids of houses that wait, without the journal, for the one that has it to end."""
        return [child for child in self._children("house") if self._is_spare(child)]

    def _children(self, role: str = "") -> list[int]:
        parent = self.process.pid
        try:
            found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            # It has ended; or nobody tells of another process here.
            return []
        return [child for child in map(int, found) if f"chatroom.process\0{role}" in command_of(child)]

    def _is_spare(self, child: int) -> bool:
        with suppress(OSError):
            there = any(file.startswith(f"{self.data}/") for file in open_files(child))
            return not self.database and "chatroom.process\0house" in command_of(child) and not there
        return False

    @property
    def pids(self) -> list[int]:
        """The process ids of all that it consists of; the first is the one that was started."""
        return [self.process.pid, *self._children()]

    @property
    def working(self) -> list[int]:
        """The same without a spare, which is loaded some time after the start."""
        return [self.process.pid, *self.children()]

    def kill(self) -> None:
        """Kill all its processes, as a power cut does; it can do nothing about it."""
        assert self.process.process.poll() is None, f"the server has ended by itself:\n{self.log}"
        pids = self.pids
        # Or one that is killed a moment later than the first would shut down in order, and send everyone off.
        self.tell_all(signal.SIGSTOP)
        self.tell_all(signal.SIGKILL)
        self.process.ended()
        wait_until(lambda: not any(map(command_of, pids)), "killed, and still there")

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.process.send_signal(number)

    def tell_all(self, number: signal.Signals) -> None:
        """Send all its processes a signal, which stops or kills them, or lets them go on."""
        # The first one first: it would start others in the places of those that end.
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop; return its exit status."""
        self.tell(number)
        return self.process.ended()

    def limit_files(self, size: int) -> None:
        """
        Let it write to no file beyond *size* bytes from now on, as if the disk were full.

        The pipe that its log goes to is no file.
        """
        for pid in self.pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def resident(self) -> int:
        """Return the bytes of memory that it uses."""
        pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.working]
        return sum(pages) * resource.getpagesize()

    def open_files(self) -> int:
        """Count the files and connections that it has open; not a supervisor's, which has pipes to the others."""
        serving = self.children() or [self.process.pid]
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in serving)

    def __enter__(self) -> Self:
        try:
            return self if self._started is not None else self.start()
        except BaseException:
            # It may be running all the same.
            self.__exit__(None, None, None)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._started is not None:
            if self._started.process.poll() is None:
                self.tell_all(signal.SIGKILL)
            self._started.__exit__(kind, error, trace)
        if error is not None:
            print(f"The server printed:\n{self.log}")


def command_of(pid: int) -> str:
    """Return the words of the process *pid*, each with a NUL behind it; "" if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def open_files(pid: int) -> set[str]:
    """
    Return the paths of the files that the process *pid* has open.

    :raises OSError: if it has ended.
    """
    found = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        # It may be closed meanwhile.
        with suppress(FileNotFoundError):
            found.add(str(file.readlink()))
    return found
