"""The house is killed while a crowd chats at its doors: nobody is disconnected, nothing is lost or doubled."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from tests.wire.test_crash import ROOMS, check_acknowledged, check_shown

from .clients import JsonClient, Object, TextClient
from .crowd import Crowd, Member
from .processes import PATIENCE
from .server import Server

LINES = 100
"""What each person with nc says between two kills."""


def children(server: Server, role: str) -> list[int]:
    """Return the process ids of the *server*'s children with this *role*: ``house`` or ``door``."""
    supervisor = server.process.pid
    found = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    words = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in found}
    return [pid for pid, line in words.items() if b"chatroom.process" in line and role.encode() in line]


class Talker:
    """A person with nc, who reads all the time."""

    def __init__(self, port: int, nick: str) -> None:
        self.nick = nick
        self._client = TextClient(port, nick)
        self._said = 0
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def talk(self, count: int) -> None:
        """Say the next *count* lines."""
        for _ in range(count):
            self._said += 1
            self._client.type(f"{self.nick} {self._said}")

    def leave(self) -> None:
        """Quit, and read to the end."""
        self._client.type("/quit")
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive()

    @property
    def sent(self) -> list[str]:
        """All that was said."""
        return [f"{self.nick} {n}" for n in range(1, self._said + 1)]

    def heard(self, nick: str) -> list[str]:
        """Return what *nick* said, as it was shown here."""
        found = [re.fullmatch(rf"\d\d:\d\d <{nick}> (.*)", line) for line in self.lines]
        return [one[1] for one in found if one]

    def _read(self) -> None:
        self.lines += self._client.rest()


def read_rooms(port: int) -> dict[str, dict[int, Object]]:
    """Read everything."""
    with JsonClient(port, "historian", rooms=ROOMS) as historian:
        history = {room: historian.history(room) for room in ROOMS}
        historian.ask("quit")
        historian.until("goodbye")
    return history


def check_nobody_noticed(history: dict[str, dict[int, Object]], nicks: Sequence[str]) -> None:
    """Check that everybody came in once, and did not leave before the end."""
    for room, events in history.items():
        for nick in nicks:
            theirs = [one["type"] for one in events.values() if one["nick"] == nick]
            kinds = [kind for kind in theirs if kind in ("joined", "left")]
            assert kinds in ([], ["joined"]), (room, nick, kinds)


@pytest.fixture
def doors(tmp_path: Path):
    """A running server with two doors."""
    config = tmp_path / "chatroom.toml"
    # What arrives together is one line each.
    config.write_text("rate = 0\npaste = 1\ndoors = 2\n")
    with Server(tmp_path, "--config", str(config)) as running:
        yield running


def test_when_the_house_is_killed_nobody_is_disconnected_and_nothing_is_lost(doors: Server, crash_rounds: int):
    random = Random(1616)
    writers = [Member(f"writer{n}", (ROOMS[n % 4], ROOMS[(n + 1) % 4]), writes=True) for n in range(6)]
    members = writers + [Member(f"reader{n}", ROOMS, writes=False) for n in range(10)]
    for member in members:
        member.patient = True
    crowd = Crowd(members)
    with ExitStack() as stack:
        stack.callback(crowd.close)
        crowd.connect(doors.port)
        assert crowd.run(until=lambda: all(member.live for member in members))
        talkers = [Talker(doors.port, f"talker{n}") for n in range(3)]
        crowd.talk(True)
        for _ in range(crash_rounds):
            crowd.run(seconds=random.uniform(0.05, 0.5))
            for talker in talkers:
                talker.talk(LINES)
            [house] = children(doors, "house")
            os.kill(house, signal.SIGKILL)
            enough = sum(len(member.sent) for member in members) + 100
            assert crowd.run(until=lambda enough=enough: sum(len(one.sent) for one in members) > enough)
        crowd.talk(False)
        assert crowd.run(until=lambda: not any(member.unanswered for member in members))
        assert all(member.socket is not None for member in members), "somebody was disconnected"

        history = read_rooms(doors.port)
        check_nobody_noticed(history, [one.nick for one in (*members, *talkers)])
        last = {room: max(events) - 2 for room, events in history.items()}
        assert crowd.run(until=lambda: all(m.seen[room] >= last[room] for m in members for room in m.rooms))
        for talker in talkers:
            talker.leave()
        history = read_rooms(doors.port)
    check_shown(members, history)
    check_acknowledged(members, history)
    said = [event["text"] for event in history["lobby"].values() if event["type"] == "said"]
    for talker in talkers:
        assert [text for text in said if text.startswith(f"{talker.nick} ")] == talker.sent
    for first in talkers:
        for second in talkers:
            if first is not second:
                assert second.heard(first.nick) == first.sent
