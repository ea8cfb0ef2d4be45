"""
Many people who try passwords at one server, again and again: a program of its own, beside the load generator.

``python -m benchmarks.rush PORT COUNT EVERY``: so many connections, each from an address of its own, try a
wrong password every so many seconds, spread evenly.  It prints a line when all have come in, and when its
input ends the count of each answer as JSON.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time
from collections import Counter

ROOM = 50
"""People in one room, so that this is not about how fast a lobby fills."""


class Guesser:
    """One of them, at nicks that nobody has: each guess costs as much as any other."""

    def __init__(self, number: int, port: int) -> None:
        self.number = number
        self.guesses = 0
        address = f"127.1.{number // 250}.{1 + number % 250}"
        self.socket = socket.create_connection(("127.0.0.1", port), source_address=(address, 0))
        hello = {"type": "hello", "nick": f"guesser{number}", "rooms": [f"cell{number // ROOM}"]}
        self.socket.sendall(json.dumps(hello).encode() + b"\n")
        while b'"type":"live"' not in self.socket.recv(1 << 20):
            pass
        self.socket.setblocking(False)

    def guess(self) -> None:
        """Try a password."""
        self.guesses += 1
        nick = f"nobody{self.number}x{self.guesses}"
        login = {"type": "login", "nick": nick, "password": "correct horse", "ref": "1"}
        self.socket.sendall(json.dumps(login).encode() + b"\n")

    def answers(self) -> list[str]:
        """Read what has arrived; return the codes of the refusals in it."""
        lines = self.socket.recv(1 << 20).split(b"\n")
        # What others do comes in the same way; an answer is short and comes in one piece.
        return [json.loads(line)["code"] for line in lines if line.startswith(b'{"type":"refused"')]


def rush(port: int, count: int, every: float) -> Counter[str]:
    """Let *count* people come in, and guess until the input ends."""
    guessers = [Guesser(number, port) for number in range(count)]
    print("ready", flush=True)
    poller = select.epoll()
    for guesser in guessers:
        poller.register(guesser.socket, select.EPOLLIN)
    poller.register(sys.stdin, select.EPOLLIN)
    by_file = {guesser.socket.fileno(): guesser for guesser in guessers}
    codes: Counter[str] = Counter()
    begun, tried = time.monotonic(), 0
    while True:
        for file, _ in poller.poll(every / count):
            if file == sys.stdin.fileno():
                return codes
            codes.update(by_file[file].answers())
        due = int((time.monotonic() - begun) / every * count)
        for turn in range(tried, due):
            guessers[turn % count].guess()
        tried = due


if __name__ == "__main__":
    # What is measured beside this goes first.
    os.nice(19)
    print(json.dumps(rush(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
