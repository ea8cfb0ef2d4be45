"""
Members who come by SSH: what each costs the server's processor and memory, beside a bare server of the same library.

``python -m benchmarks.ssh_members``: members without a terminal are in one room, and somebody else says something a
fixed number of times a second; the same bytes are sent by a server that encrypts and sends, and does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.connection import SSHConnection
from twisted.conch.ssh.transport import SSHClientTransport
from twisted.conch.ssh.userauth import SSHUserAuthClient
from twisted.internet.defer import Deferred, succeed

from benchmarks.followers import processor
from benchmarks.logins import memory
from benchmarks.machine import describe
from benchmarks.peers import Peer, Site
from benchmarks.peers.built import CHATROOM, HERE, chatroom_version
from benchmarks.servers import pin, running

TEXT = b"x" * 60
LINE = b"12:34 <speaker> " + TEXT + b"\n"
"""What a member is shown."""


def bare(site: Site) -> list[str]:
    """Start the server that only encrypts and sends."""
    return [sys.executable, str(HERE / "bare_conch.py"), str(site.port)]


BARE = Peer("bare-conch", "ssh", bare, chatroom_version)


class Client(SSHClientTransport):
    """A member, who reads the socket until they are in the room; after that, bytes are only counted."""

    def __init__(self, port: int, nick: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.nick = nick.encode()
        self.channel: Channel | None = None
        self.makeConnection(self)

    # What Conch writes to.

    def write(self, data: bytes) -> None:
        self.socket.sendall(data)

    def loseConnection(self) -> None:
        self.socket.close()

    def setTcpNoDelay(self, on: bool) -> None:
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, on)

    def logPrefix(self) -> str:
        return "client"

    # What Conch asks for.

    def verifyHostKey(self, pubKey: bytes, fingerprint: bytes) -> Deferred[bool]:
        return succeed(True)

    def connectionSecure(self) -> None:
        self.requestService(Login(self.nick, SSHConnection()))

    def reads_until(self, done: Callable[[], bool]) -> None:
        """Take part in the protocol until *done*."""
        while not done():
            data = self.socket.recv(1 << 16)
            assert data, "the server has hung up"
            self.dataReceived(data)


class Login(SSHUserAuthClient):
    """A guest."""

    preferredOrder = (b"keyboard-interactive",)

    def getGenericAnswers(self, name: bytes, instruction: bytes, prompts: list[Any]) -> Deferred[list[str]]:
        return succeed([])

    def ssh_USERAUTH_SUCCESS(self, packet: bytes) -> None:
        super().ssh_USERAUTH_SUCCESS(packet)
        transport: Any = self.transport
        transport.channel = Channel(conn=self.instance)
        self.instance.openChannel(transport.channel)


class Channel(SSHChannel):
    """The session of a member."""

    name = b"session"

    def __init__(self, **more: Any) -> None:
        super().__init__(localWindow=2**31, **more)
        self.ready = False

    def channelOpen(self, specificData: bytes) -> None:
        asked: Deferred[Any] = self.conn.sendRequest(self, b"shell", b"", wantReply=True)
        asked.addCallback(self._opened)

    def _opened(self, result: object) -> None:
        self.ready = True


def member(port: int, nick: str) -> Client:
    """Let somebody come in."""
    client = Client(port, nick)
    client.reads_until(lambda: client.channel is not None and client.channel.ready)
    return client


def half_open(port: int) -> socket.socket:
    """Begin to come in, and go no further than the keys."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"SSH-2.0-x\r\n")
    connection.recv(1 << 16)
    return connection


@contextmanager
def listening(clients: list[Client]) -> Iterator[Callable[[int], int]]:
    """Count what *clients* receive; gives what waits for so many bytes, or for a second of silence (0)."""
    poller, by_file = select.epoll(), {client.socket.fileno(): client.socket for client in clients}
    for one in clients:
        one.socket.setblocking(False)
        poller.register(one.socket, select.EPOLLIN)

    def read(wanted: int) -> int:
        seen = 0
        while not wanted or seen < wanted:
            ready = poller.poll(1.0 if not wanted else 10.0)
            if not ready:
                break
            for file, _ in ready:
                seen += len(by_file[file].recv(1 << 18))
        return seen

    yield read
    poller.close()


def measure(peer: Peer, options: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Measure one server once."""
    with running(peer, options.server_core, folder) as (pid, port):
        warm = member(port, "speaker")
        time.sleep(0.5)
        before = memory(pid, "VmRSS")
        waiting = [half_open(port) for _ in range(options.half_open)]
        time.sleep(0.5)
        half = (memory(pid, "VmRSS") - before) / max(1, len(waiting))
        for one in waiting:
            one.close()
        time.sleep(0.5)
        before, used = memory(pid, "VmRSS"), processor(pid)
        members = [member(port, f"m{n}") for n in range(options.members)]
        time.sleep(1.0)
        figures = {
            "half_open_kib": half / 1024,
            "session_kib": (memory(pid, "VmRSS") - before) / len(members) / 1024,
            "login_ms": (processor(pid) - used) / len(members) * 1000,
        }
        said = TEXT + b"\n" if peer is CHATROOM else LINE
        with listening(members) as read:
            read(0)
            warm.channel.write(said)
            size = read(0)
            used, begun = processor(pid), time.monotonic()
            for number in range(options.lines):
                time.sleep(max(0.0, begun + number / options.rate - time.monotonic()))
                warm.channel.write(said)
                read(size)
            figures["delivery_us"] = (processor(pid) - used) / (options.lines * len(members)) * 1e6
        for one in (*members, warm):
            one.socket.close()
    return figures


def main() -> None:
    """Measure both servers in turn, and print the medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ssh_members", description=__doc__)
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--half-open", type=int, default=500)
    parser.add_argument("--rate", type=float, default=20.0, help="lines a second")
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    options.server_core = cores[-1]
    pin(cores[0])
    found: dict[str, list[dict[str, float]]] = {CHATROOM.name: [], BARE.name: []}
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        print(json.dumps(describe([CHATROOM], Path(folder))))
        for _ in range(options.runs):
            for peer in (CHATROOM, BARE):
                found[peer.name].append(measure(peer, options, Path(folder)))
    print(f"{options.members:,} members by SSH, {options.rate:g} lines a second; medians of {options.runs}")
    for name, runs in found.items():
        middle = {figure: statistics.median(one[figure] for one in runs) for figure in runs[0]}
        print(
            f"{name:12} {middle['delivery_us']:6.2f} µs of processor a delivery, {middle['login_ms']:.2f} ms a login, "
            f"{middle['session_kib']:.1f} KiB a session, {middle['half_open_kib']:.2f} KiB half open"
        )
    pairs = zip(found[CHATROOM.name], found[BARE.name], strict=True)
    ratio = statistics.median(ours["delivery_us"] / bare["delivery_us"] for ours, bare in pairs)
    print(f"a delivery costs {ratio:.2f} times that of the bare server")


if __name__ == "__main__":
    main()
