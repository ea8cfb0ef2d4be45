"""HAProxy before two servers on one database, as the guide has it: one dies, and people go on with the other."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.postgres import free_port, started

from .clients import JsonClient, TextClient
from .processes import PATIENCE, Started, program, wait_until
from .server import Server

GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"


class Proxied(Server):
    """A server that HAProxy leads to: it is told the addresses of clients."""

    def __init__(self, folder: Path, port: int, *options: str, database: str) -> None:
        folder.mkdir()
        super().__init__(folder, *options, database=database)
        self.port = port

    def listening(self) -> str:
        """Return the endpoint."""
        return f"haproxy:tcp:{self.port}:interface={self.host}"


class Elsewhere(TextClient):
    """Someone with nc at another address."""

    def connect(self, port: int) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), PATIENCE, ("127.0.0.9", 0))


class Machines:
    """Two servers, of which the first came first, and HAProxy, at ``port``."""

    def __init__(self, folder: Path, database: str) -> None:
        self.port = free_port()
        self.servers = [
            Proxied(folder / name, free_port(), "--standby", "--rate", "0", database=database)
            for name in ("one", "two")
        ]
        [listen] = re.findall(r"^listen chat\n(?: .*\n)+", GUIDE.read_text(), re.MULTILINE)
        listen = listen.replace("bind :2428", f"bind 127.0.0.1:{self.port}")
        for number, server in enumerate(self.servers, 1):
            listen = listen.replace(f"10.0.0.{number}:2428", f"127.0.0.1:{server.port}")
        self._config = folder / "haproxy.cfg"
        self._config.write_text(f"global\n    maxconn 100\n\n{listen}")

    def wait_until_led(self) -> None:
        """Wait until HAProxy has found the server that listens."""
        self.connect("first").__exit__(None, None, None)

    def haproxy(self) -> Started:
        """Start HAProxy."""
        return Started([program("haproxy", "/usr/sbin"), "-db", "-f", self._config])

    def connect(self, nick: str, **hello: object) -> JsonClient:
        """Come in through HAProxy, as soon as there is a way."""
        found: list[JsonClient] = []

        def come_in() -> bool:
            with suppress(AssertionError, EOFError, OSError):
                found.append(JsonClient(self.port, nick, **hello))
            return bool(found)

        wait_until(come_in, "nobody gets in")
        return found[0]


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with started() as postgres, ExitStack() as stack:
        machines = Machines(tmp_path, postgres.database())
        stack.enter_context(machines.servers[0])
        stack.enter_context(machines.servers[1].starting())
        machines.servers[1].process.until("Waiting for the database")
        stack.enter_context(machines.haproxy())
        machines.wait_until_led()
        yield machines


def test_people_go_on_at_the_other_machine(machines: Machines):
    first, second = machines.servers
    ann = machines.connect("ann")
    ann.ask("say", text="before", ref="1")
    seen = ann.until_ref("1")[-1]["seq"]
    with TextClient(machines.port, "bob"):
        first.kill()
        gone = time.monotonic()
    again = machines.connect("ann", resume=ann.welcome["resume"], seen={"lobby": seen})
    print(f"Nobody could talk for {time.monotonic() - gone:.2f} s.")
    again.ask("say", text="after", ref="2")
    last = again.until_ref("2")[-1]["seq"]
    texts = [event["text"] for seq, event in sorted(again.history("lobby").items()) if event["type"] == "said"]
    assert texts == ["before", "after"] and last > seen
    assert "people were marked as disconnected." in second.log
    for client in (ann, again):
        client.__exit__(None, None, None)


def test_the_server_knows_the_addresses_of_clients(machines: Machines):
    with Elsewhere(machines.port, "ann") as ann:
        ann.type("/sessions")
        ann.until("127.0.0.9")
