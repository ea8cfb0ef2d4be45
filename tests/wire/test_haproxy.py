"""HAProxy before several machines with one database, as the guides have it: one dies, and people go on elsewhere."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.postgres import free_port, started

from .clients import JsonClient, TextClient
from .cluster import DOCUMENT, Machine, certificates
from .processes import PATIENCE, Started, program, wait_until
from .server import Server

pytestmark = pytest.mark.slow

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
    """
    Servers, and HAProxy, at ``port``.

    :param guide: has the configuration of HAProxy.
    """

    def __init__(self, folder: Path, servers: Sequence[Server], guide: Path) -> None:
        self.port = free_port()
        self.servers = servers
        [listen] = re.findall(r"^(?:defaults\n(?: .*\n)+\n)?listen chat\n(?: .*\n)+", guide.read_text(), re.MULTILINE)
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
    """Two of them, of which the first came first."""
    with started() as postgres, ExitStack() as stack:
        database = postgres.database()
        options = ("--standby", "--rate", "0")
        servers = [Proxied(tmp_path / name, free_port(), *options, database=database) for name in ("one", "two")]
        machines = Machines(tmp_path, servers, GUIDE)
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


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Machines]:
    """Three machines of a cluster, of which the first one leads."""
    made = certificates(tmp_path / "certificates")
    with started() as postgres, ExitStack() as stack:
        database = postgres.database()
        found = [Machine(tmp_path / name, name, made, database, proxied=True) for name in ("one", "two", "three")]
        machines = Machines(tmp_path, found, DOCUMENT)
        for machine in found:
            stack.enter_context(machine.start())
            if machine is found[0]:
                machine.process.until("This machine has the house now")
        stack.enter_context(machines.haproxy())
        machines.wait_until_led()
        yield machines


def test_in_a_cluster_whoever_is_at_another_machine_stays_and_others_resume_there(cluster: Machines):
    one = cluster.servers[0]
    # HAProxy goes around, and at each machine are some.
    people = [cluster.connect(f"ann{number}") for number in range(6)]
    for person in people:
        person.ask("say", text=f"hello from {person.welcome['nick']}", ref="1")
        person.until_ref("1")
    one.kill()
    gone = time.monotonic()
    stayed, lost = [], []
    for person in people:
        try:
            person.ask("say", text="still here", ref="2")
            person.until_ref("2")
            stayed.append(person)
        except (AssertionError, EOFError, OSError):
            lost.append(person)
    assert len(stayed) == 4 and len(lost) == 2
    print(f"Nobody could talk for {time.monotonic() - gone:.2f} s.")
    for person in lost:
        again = cluster.connect(person.welcome["nick"], resume=person.welcome["resume"], seen={"lobby": 1})
        again.ask("say", text="back", ref="3")
        again.until_ref("3")
        again.__exit__(None, None, None)
    for person in people:
        person.__exit__(None, None, None)
    with Elsewhere(cluster.port, "bob") as bob:
        bob.type("/sessions")
        bob.until("127.0.0.9")
