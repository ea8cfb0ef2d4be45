"""
Scripts that follow a room, beside as many members over WebSocket: what each costs the server's processor.

``python -m benchmarks.followers``: the same lines are said in one room, to members and to followers in turn, and the
server's processor time for one delivery is compared.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import select
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.peers.built import CHATROOM
from benchmarks.servers import pin, running

LINES = 400
"""Lines said in one measurement."""
IN_FLIGHT = 2
"""Lines on their way at a time: few, so that nearly every delivery is a write of its own."""
SAID = b'"type":"said"'
TICKS = os.sysconf("SC_CLK_TCK")

Connect = Callable[[int, str, str, int], socket.socket]


class Program:
    """Somebody with JSON lines."""

    def __init__(self, port: int, nick: str, room: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")
        self.asks("live", type="hello", nick=nick, rooms=[room])

    def asks(self, kind: str, **values: object) -> dict[str, object]:
        """Send a command, and wait for an object of the type *kind*."""
        self.socket.sendall(json.dumps(values).encode() + b"\n")
        while True:
            found: dict[str, object] = json.loads(self.file.readline())
            if found["type"] == kind:
                return found


def make_token(port: int) -> str:
    """Register somebody, and make a token."""
    owner = Program(port, "owner", "office")
    owner.asks("logged_in", type="register", password="correct horse")
    made = owner.asks("notice", type="token", action="add", name="watch")
    found = re.search(r"[a-z2-7]{32}", str(made["text"]))
    assert found, made
    return found[0]


def member(port: int, token: str, room: str, number: int) -> socket.socket:
    """Join *room* over WebSocket."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    hello = json.dumps({"type": "hello", "nick": f"{room}m{number}", "rooms": [room]}).encode()
    # A mask of zeros changes nothing.
    connection.sendall(bytes([0x81, 0x80 | len(hello)]) + bytes(4) + hello)
    read_until(connection, b'"type":"live"')
    return connection


def follower(port: int, token: str, room: str, number: int) -> socket.socket:
    """Follow *room* by server-sent events."""
    connection = socket.create_connection(("127.0.0.1", port))
    head = f"GET /rooms/{room}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    connection.sendall(head.encode())
    read_until(connection, b"id: ")
    return connection


def read_until(connection: socket.socket, text: bytes) -> None:
    """Read up to *text*."""
    seen = b""
    while text not in seen:
        data = connection.recv(1 << 16)
        assert data, seen
        seen = seen[-len(text) :] + data


def processor(pid: int) -> float:
    """Return the processor time that a process has used, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(pid: int, port: int, token: str, room: str, count: int, connect: Connect) -> tuple[float, float]:
    """Let *count* readers be shown `LINES` lines; return the server's processor time and the time, per delivery."""
    # Those of the measurements before may still be expected back.
    speaker = Program(port, f"speaker{time.monotonic_ns()}", room)
    readers = [connect(port, token, room, number) for number in range(count)]
    poller, by_file = select.epoll(), {reader.fileno(): reader for reader in readers}
    for reader in readers:
        reader.setblocking(False)
        poller.register(reader, select.EPOLLIN)
    # What comes of the arrivals is not measured.
    drain(poller, by_file, 1.0)
    line = json.dumps({"type": "say", "text": "x" * 60}).encode() + b"\n"
    used, begun, seen = processor(pid), time.monotonic(), 0
    for sent in range(0, LINES, IN_FLIGHT):
        speaker.socket.sendall(line * IN_FLIGHT)
        while seen < (sent + IN_FLIGHT) * count:
            seen += sum(by_file[file].recv(1 << 18).count(SAID) for file, _ in poller.poll())
    used, spent = processor(pid) - used, time.monotonic() - begun
    for reader in (*readers, speaker.socket):
        reader.close()
    time.sleep(1.0)
    return used / (LINES * count), spent / (LINES * count)


def drain(poller: select.epoll, by_file: dict[int, socket.socket], quiet: float) -> None:
    """Read until nothing has come for *quiet* seconds."""
    while ready := poller.poll(quiet):
        for file, _ in ready:
            by_file[file].recv(1 << 18)


def main() -> None:
    """Measure in turn, and print each result, and the medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.followers", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="members, and followers")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    cores = sorted(os.sched_getaffinity(0))
    pin(cores[0])
    costs: dict[str, list[float]] = {"members over WebSocket": [], "followers": []}
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(describe([CHATROOM], Path(folder))))
        with running(CHATROOM, cores[-1], Path(folder)) as (pid, port):
            token = make_token(port)
            for run in range(given.runs):
                for (name, found), connect in zip(costs.items(), (member, follower), strict=True):
                    used, spent = measure(pid, port, token, f"room{run}", given.count, connect)
                    found.append(used)
                    print(
                        f"{given.count} {name}: {used * 1e6:.2f} µs of the processor, {spent * 1e6:.2f} µs", flush=True
                    )
    members, followers = (statistics.median(found) for found in costs.values())
    print(f"medians: {members * 1e6:.2f} and {followers * 1e6:.2f} µs, {followers / members:.2f} times as much")


if __name__ == "__main__":
    main()
