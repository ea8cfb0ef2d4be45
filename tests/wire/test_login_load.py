"""A thousand people at the door with a password each: everyone is answered, nobody is in who should not be."""

from __future__ import annotations

import json
import re
import resource
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread, Timer
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pytest

from .clients import JsonClient, Object
from .processes import PATIENCE

if TYPE_CHECKING:
    from .server import Server

ATTEMPTS = 1_000
OWNERS = 8
"""Those of them who have an account, and know its password."""
NOT_NOW = {"not_now", "too_soon"}
"""The codes of the refusals that say to try again."""
AGAIN = 0.5
"""Seconds after which they do."""
HASHED = 30
"""Passwords that may wait to be checked; meanwhile there is time to chat."""
ONE_HASH = 64 << 20
"""Bytes that a thread fills while it hashes; there are two threads at most."""
GROWTH = 64 << 20
"""Bytes that a thousand connections may take beside that: 64 KiB each."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


class Attempt:
    """
    One connection from a distinct address: *nick* tries to log in as *whose*.

    :param owner: whether the password is right; an owner tries again when told to.
    """

    def __init__(self, number: int, nick: str, whose: str, password: str, owner: bool = False) -> None:
        self.nick = nick
        self.owner = owner
        self.password = password
        self.whose = whose
        self.told: list[Object] = []
        """What it was told so far, by replies only."""
        self.answers: list[Object] = []
        """What it was told of that when it tried to log in."""
        self._address = f"127.0.{1 + number // 250}.{1 + number % 250}"
        self._rest = b""

    def connect(self, port: int) -> None:
        """Come in, into a room where nobody else is: this is not about how fast a lobby fills."""
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE, (self._address, 0))
        self.ask("hello", nick=self.nick, rooms=[f"room-of-{self.nick}"])

    def log_in(self) -> None:
        """Try."""
        self.ask("login", nick=self.whose, password=self.password, ref="login")

    def was_told(self, kind: str) -> bool:
        """Tell whether it was told anything of this type."""
        return any(one["type"] == kind for one in self.told)

    @property
    def answered(self) -> bool:
        """Whether its last try was answered and was final."""
        return bool(self.answers) and not (self.owner and self.answers[-1].get("code") in NOT_NOW)

    def receive(self) -> None:
        """Read the received lines."""
        data = self.socket.recv(1 << 18)
        assert data, f"the server hung up on {self.nick}"
        *lines, self._rest = (self._rest + data).split(b"\n")
        for value in map(json.loads, lines):
            self.told.append(value)
            if value.get("ref") == "login" and value["type"] in ("logged_in", "refused"):
                self.answers.append(value)
                if not self.answered:
                    Timer(AGAIN, self.log_in).start()

    def ask(self, kind: str, **values: object) -> None:
        """Send a command."""
        self.socket.sendall(json.dumps({"type": kind, **values}).encode() + b"\n")


class Rush:
    """All attempts, driven by one loop; use it in a ``with`` statement, which closes every connection."""

    def __init__(self, port: int, attempts: Sequence[Attempt]) -> None:
        self.attempts = attempts
        self.owners = [one for one in attempts if one.owner]
        self._selector = selectors.DefaultSelector()
        for attempt in attempts:
            attempt.connect(port)
            self._selector.register(attempt.socket, selectors.EVENT_READ, attempt)
        self._read_until("live", attempts)

    def register(self) -> None:
        """Let the owners make their accounts, and be guests again."""
        for owner in self.owners:
            owner.ask("register", password=owner.password)
            self._read_until("logged_in", [owner])
            owner.ask("logout")
        self._read_until("logged_out", self.owners)

    def log_in(self) -> None:
        """Let everyone try at once, and read until all are answered."""
        for attempt in self.attempts:
            attempt.log_in()
        self._read(lambda: all(attempt.answered for attempt in self.attempts))

    def _read_until(self, kind: str, attempts: Sequence[Attempt]) -> None:
        self._read(lambda: all(attempt.was_told(kind) for attempt in attempts))

    def _read(self, until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 6 * PATIENCE
        while not until():
            assert time.monotonic() < deadline, {one.nick: one.told[-1] for one in self.attempts if not one.answered}
            for key, _ in self._selector.select(0.1):
                key.data.receive()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for attempt in self.attempts:
            attempt.socket.close()
        self._selector.close()


def everyone() -> list[Attempt]:
    """Owners with their passwords, and strangers with those at others' nicks, or with any at nobody's."""
    owners = [Attempt(n, f"owner{n}", f"owner{n}", f"the password of {n}", owner=True) for n in range(OWNERS)]
    strangers = [
        Attempt(n, f"stranger{n}", f"owner{n % OWNERS}" if n % 2 else f"nobody{n}", f"the password of {n}")
        for n in range(OWNERS, ATTEMPTS)
    ]
    # Their turn comes when the queue is full.
    return [*strangers[: ATTEMPTS // 2], *owners, *strangers[ATTEMPTS // 2 :]]


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process have a socket for each attempt."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < ATTEMPTS + 200:
        pytest.skip(f"a process may have {hard} open files only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def chat_while(work: Thread, ann: JsonClient, bob: JsonClient) -> int:
    """Have *ann* say one line after the other to *bob* until *work* is done; return how many."""
    work.start()
    count = 0
    while work.is_alive():
        count += 1
        ann.ask("say", text=f"line {count}")
        bob.until("said", text=f"line {count}")
        ann.until("said", text=f"line {count}")
    work.join()
    return count


def peak(server: Server) -> int:
    """Return the most bytes of memory that *server* has used."""
    total = 0
    for pid in server.pids:
        status = Path(f"/proc/{pid}/status").read_text()
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        assert found, status
        total += int(found[1]) * 1024
    return total


def test_a_thousand_logins_at_once_are_all_answered_while_the_chat_goes_on(server: Server, many_files: None):
    port = server.port
    with JsonClient(port, "ann") as ann, JsonClient(port, "bob") as bob, Rush(port, everyone()) as rush:
        rush.register()
        before = server.resident()
        chatted = chat_while(Thread(target=rush.log_in), ann, bob)
        after, most = server.resident(), peak(server)

        codes = Counter(answer.get("code", "in") for one in rush.attempts for answer in one.answers)
        print(f"{dict(codes)}; {chatted} lines meanwhile; MB: {before >> 20}, {after >> 20}, at most {most >> 20}")
        assert all(one.answered for one in rush.attempts)
        assert codes.keys() <= {"in", "wrong_password", *NOT_NOW}
        for attempt in rush.attempts:
            ann.ask("whois", nick=attempt.nick)
            account = ann.until("whois")[-1]["account"]
            assert account == (attempt.nick if attempt.owner else "")
            assert attempt.owner or not attempt.was_told("logged_in")
        assert chatted > HASHED
        assert after - before < GROWTH
        assert most - before < GROWTH + 2 * ONE_HASH
