"""Three machines behind HAProxy: the one with the house is cut off, and the others chat on without it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from chatroom.journal.postgres.lease import LENGTH
from tests.postgres import Postgres, free_port

from .clients import JsonClient, TextClient
from .cluster import Machine, certificates
from .networks import Network
from .processes import PATIENCE, Started, do_without, program, wait_until
from .starved import Stopwatch, descendants
from .test_sessions import PASSWORD, Device

pytestmark = pytest.mark.slow

PROXY = """
global
    maxconn 100

listen chat
    bind 127.0.0.1:{port}
    mode tcp
    timeout client 1h
    timeout server 1h
    timeout connect 1s
    option redispatch
    balance roundrobin
    default-server check inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
"""


class Apart(Machine):
    """A machine in a network of a test; its number is its place there."""

    def __init__(self, folder: Path, number: int, made: Path, database: str, network: Network) -> None:
        self.host = network.address(number)
        self.within = network.machine(number)
        super().__init__(folder, ("one", "two", "three")[number], made, database, "--allow-plain-login")
        self.port = 2428

    def twistd(self) -> Sequence[str | Path]:
        """Run it on its machine."""
        return [*self.within, *super().twistd()]

    @property
    def clients(self) -> int:
        """How many connections it has with people."""
        table = [line.split() for line in Path(f"/proc/{self.process.pid}/net/tcp").read_text().splitlines()]
        # Its own end, and that it is established; see proc_net_tcp.txt in the kernel's documentation.
        return sum(words[1].endswith(f":{self.port:04X}") and words[3] == "01" for words in table)


class Three:
    """
    The machines, the first of which has the house; ``port`` is HAProxy's.

    :param others: HAProxy and the database.
    """

    def __init__(self, machines: Sequence[Apart], network: Network, port: int, others: Sequence[int]) -> None:
        self.machines = machines
        self.others = others
        self.network = network
        self.port = port

    def where(self, before: Sequence[int]) -> int:
        """Return which machine has one client more than *before*."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [n for n, each in enumerate(self.machines) if each.clients == before[n] + 1]
            return len(found) == 1

        wait_until(look, "nobody has come in")
        return found[0]

    def working(self) -> list[int]:
        """Return the processes by which people hear each other while the first machine is away."""
        return descendants(*self.others, *(machine.process.pid for machine in self.machines[1:]))

    @property
    def counts(self) -> list[int]:
        """How many clients each has."""
        return [machine.clients for machine in self.machines]


@pytest.fixture
def network() -> Iterator[Network]:
    with ExitStack() as stack:
        try:
            network = stack.enter_context(Network())
        except OSError as error:
            do_without(f"no network namespace can be made here: {error}")
        yield network


@pytest.fixture
def three(tmp_path: Path, network: Network) -> Iterator[Three]:
    haproxy, port = program("haproxy", "/usr/sbin"), free_port()
    made = certificates(tmp_path / "certificates")
    postgres = Postgres(fsync="off", listen_addresses="*")
    postgres.admit(network.everything)
    with postgres, ExitStack() as stack:
        database = postgres.database().replace("127.0.0.1", network.here)
        machines = [Apart(tmp_path / str(n), n, made, database, network) for n in range(3)]
        for machine in machines:
            stack.enter_context(machine.starting())
            machines[0].process.until("This machine has the house now, epoch 1", 3 * PATIENCE)
        for machine in machines:
            machine.wait_until_listening()
        servers = [f"    server m{n} {each.host}:{each.port}\n" for n, each in enumerate(machines)]
        (tmp_path / "haproxy.cfg").write_text(PROXY.format(port=port) + "".join(servers))
        proxy = stack.enter_context(Started([haproxy, "-db", "-f", tmp_path / "haproxy.cfg"]))
        wait_until(lambda: listens(port), "HAProxy does not listen")
        yield Three(machines, network, port, [proxy.pid, postgres.pid])


def listens(port: int) -> bool:
    """Tell whether somebody takes connections at *port*."""
    with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), PATIENCE):
        return True
    return False


def come_in(three: Three, stack: ExitStack, nick: str, places: set[int]) -> tuple[Device, int]:
    """Let dora in with one more device, at one of the machines in *places*."""
    for _ in range(12):
        device, before = Device(nick, JsonClient, password=PASSWORD, rooms=["lobby"]), three.counts
        with suppress(AssertionError, EOFError, OSError):
            device.connect(three.port)
            place = three.where(before)
            if place in places:
                stack.callback(close, device)
                return device, place
            device.client.ask("quit")
            device.client.until("goodbye")
            close(device)
            wait_until(lambda before=before: three.counts == before, "somebody stays")
    raise AssertionError(f"nobody comes to {places}")


def close(device: Device) -> None:
    """Close the connection that it has now."""
    device.client.__exit__(None, None, None)


def hears(device: Device, text: str) -> float:
    """Read until *text* was said; return when that was."""
    while device.lines[-1:] != [text]:
        device._told(device.client.object())
    return time.monotonic()


@pytest.mark.timeout(180)
def test_when_the_machine_with_the_house_is_cut_off_chat_goes_on(three: Three, thorough: bool):
    first = three.machines[0]
    with ExitStack() as stack:
        with JsonClient(three.port, "dora") as dora:
            dora.ask("register", password=PASSWORD)
            dora.until("logged_in", account="dora")
            dora.ask("quit")
            dora.until("goodbye")
        wait_until(lambda: three.counts == [0, 0, 0], lambda: f"{three.counts}")
        phone, _ = come_in(three, stack, "dora", {0})
        laptop, place = come_in(three, stack, "dora", {1, 2})
        before = three.counts
        bob = stack.enter_context(TextClient(three.port, "bob"))
        print(f"The laptop is at machine {place}, bob at machine {three.where(before)}.")
        carol = stack.enter_context(Started([*first.within, program("nc"), first.host, str(first.port)]))
        carol.until("What is your nick")
        carol.type("carol\n")
        bob.until("-- carol joined")
        bob.type("hello")
        hears(phone, "hello")
        hears(laptop, "hello")
        carol.until("<bob> hello")

        three.network.cut(0)
        watch = Stopwatch(three.working)
        laptop.says("are you there?")
        carol.type("said where nobody hears it\n")
        bob.until("<dora> are you there?", 2 * PATIENCE)
        watch.check(LENGTH + 1, thorough=thorough)
        bob.type("yes")
        hears(laptop, "yes")
        # HAProxy has noticed, too: the other device comes back at another machine.
        phone.reads_to_the_end()
        phone.connect(three.port)
        hears(phone, "yes")
        assert "<dora>" not in carol.output

        three.network.mend(0)
        first.process.until("Another server has taken over the database; this one ends", 30)
        bob.until("<carol> said where nobody hears it", 30)
        carol.until("<dora> are you there[?]\n(.*\n)*.*<bob> yes\n", 30)
        bob.type("all together")
        hears(phone, "all together")
        hears(laptop, "all together")
        carol.until("<bob> all together")
        said = ["hello", "are you there?", "yes", "said where nobody hears it", "all together"]
        assert phone.lines == laptop.lines == said
        left = [event["nick"] for event in laptop.shown if event["type"] == "left"]
        assert not {"bob", "carol"} & set(left)
        assert not any("Traceback" in machine.log for machine in three.machines)
