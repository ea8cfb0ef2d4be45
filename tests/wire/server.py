"""One server as people run it: started, killed, stopped and started again on the same folder and port."""

from __future__ import annotations

import re
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from .processes import PATIENCE, Started, program

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
        self._store = ("--database", database) if database else ("--data", "data")
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
                *("-n", "--pidfile=", "chatroom", *self._store),
                *("--listen", self.listening(), *self._options),
            ],
            cwd=self.folder,
            environment=self.environment(),
        )
        return self

    def wait_until_listening(self) -> None:
        """Wait until it says where it listens."""
        # Several processes are loaded if there are doors.
        patience = PATIENCE * (2 if "--doors" in self._options else 1)
        self.port = int(self.process.until(rf"Listening on {re.escape(self.host)}:(\d+)", patience)[1])
        self.process.until("Join with")

    def kill(self) -> None:
        """Kill it, as ``kill -9`` does; it can do nothing about it."""
        assert self.process.process.poll() is None, f"the server has ended by itself:\n{self.log}"
        self.process.kill()

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop; return its exit status."""
        self.tell(number)
        return self.process.ended()

    def limit_files(self, size: int) -> None:
        """
        Let it write to no file beyond *size* bytes from now on, as if the disk were full.

        The pipe that its log goes to is no file.
        """
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def resident(self) -> int:
        """Return the bytes of memory that it uses."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize()

    def open_files(self) -> int:
        """Count the files and connections that it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

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
            self._started.__exit__(kind, error, trace)
        if error is not None:
            print(f"The server printed:\n{self.log}")
