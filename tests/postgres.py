"""A PostgreSQL server that tests start, on a port of its own, as a user that may: and databases in it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg

from tests.wire.processes import program, wait_until

_FOLDERS = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
"""Debian does not have the server on the PATH."""
_numbers = count(1)


def free_port() -> int:
    """Find a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Postgres:
    """
    One server with its data in a folder of its own; use it in a ``with`` statement, which ends it.

    It does not run as root, so then it runs as the user ``postgres``.
    """

    def __init__(self, **settings: str) -> None:
        initdb = program("initdb", *_FOLDERS)
        self._prepare(settings)
        self.run(initdb, "-D", self.data, "-A", "trust", "-U", "chatroom", "-E", "UTF8", "--no-locale", "--no-sync")

    def _prepare(self, settings: dict[str, str]) -> None:
        """Make a folder, and choose a port."""
        self.port = free_port()
        self._user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        if self._user is not None:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        self.data = self._folder / "data"
        self._settings = {
            "max_connections": "60",
            "listen_addresses": "127.0.0.1",
            **settings,
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str | Path) -> None:
        """Run one of PostgreSQL's programs as its user, to its end."""
        subprocess.run(self._as_user(*command), check=True, capture_output=True, cwd=self._folder)

    def admit(self, network: str) -> None:
        """Let connections come from *network*; call this before `start`."""
        with (self.data / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {network} trust\n")

    def _as_user(self, *command: str | Path) -> list[str]:
        words = [str(word) for word in command]
        return (
            words
            if self._user is None
            else ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words]
        )

    def __enter__(self) -> Postgres:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._as_user(program("postgres", *_FOLDERS), "-D", self.data, *settings),
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
            )
        wait_until(self._answers, lambda: (self._folder / "log").read_text(errors="replace")[-2000:], 60)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def standby(self) -> Postgres:
        """Make a standby of this server, which runs; it is started by using it in a ``with`` statement."""
        made = Postgres.__new__(Postgres)
        made._prepare({**self._settings, "synchronous_standby_names": ""})
        made.run(
            *(program("pg_basebackup", *_FOLDERS), "-h", "127.0.0.1", "-p", str(self.port), "-U", "chatroom"),
            *("-D", made.data, "-R", "--no-sync", "-c", "fast"),
        )
        return made

    def promote(self) -> None:
        """Make a standby the primary."""
        self.sql("postgres", "SELECT pg_promote()")

    def kill(self) -> None:
        """End it at once, with all its processes, as a power cut does; harmless if it does not run."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    @property
    def pid(self) -> int:
        """The number of its first process, which has started the others."""
        assert self._process is not None
        return self._process.pid

    def pause(self) -> None:
        """Stop it in its tracks."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End a pause."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to all processes of the server: each of them has a session of its own."""
        assert self._process is not None
        first = self._process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def address(self, name: str) -> str:
        """The connection string of the database *name*."""
        return f"postgresql://chatroom@127.0.0.1:{self.port}/{name}"

    def database(self, **options: str) -> str:
        """Make a new, empty database; return its connection string."""
        name = f"journal{next(_numbers)}"
        given = "".join(f" {option} {value}" for option, value in options.items())
        self.sql("postgres", f"CREATE DATABASE {name}{given}")
        return self.address(name)

    def sql(self, name: str, statement: str) -> list[tuple[object, ...]]:
        """Execute *statement* in the database *name*, or at a connection string."""
        address = name if "://" in name else self.address(name)
        with closing(psycopg.connect(address, autocommit=True)) as connection:
            answer = connection.execute(statement.encode())
            return answer.fetchall() if answer.description is not None else []


@contextmanager
def started(**settings: str) -> Iterator[Postgres]:
    """Run a server, whose crashes the disk need not survive."""
    with Postgres(**{"fsync": "off", **settings}) as server:
        yield server
