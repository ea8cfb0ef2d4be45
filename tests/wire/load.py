"""A server under load: programs that resume, and people with nc, and a check that nothing is lost or doubled."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from .clients import JsonClient, TextClient
from .crowd import Crowd, Member
from .processes import PATIENCE
from .server import Server
from .starved import Pids, Stopwatch, check_time
from .test_crash import ROOMS, History, check_acknowledged, check_shown

WATCH_INTERVAL = 0.05
"""Seconds between two looks at how long processes have waited for a processor."""
LINES = 100
"""What each person with nc says at a time."""


class Talker:
    """A person with nc, who reads all the time."""

    def __init__(self, port: int, nick: str) -> None:
        self.nick = nick
        self.client = TextClient(port, nick)
        self.lines: list[str] = []
        self._said = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def talk(self, count: int = LINES) -> None:
        """Say the next *count* lines, or as many as there is a connection for."""
        for _ in range(count):
            self._said += 1
            with suppress(ConnectionError):
                self.client.type(f"{self.nick} {self._said}")

    def leave(self) -> None:
        """Quit, and read to the end."""
        with suppress(ConnectionError):
            self.client.type("/quit")
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive()
        self.client.socket.close()

    @property
    def lost(self) -> bool:
        """Whether the connection has been lost."""
        return not self._reader.is_alive()

    @property
    def sent(self) -> list[str]:
        """All that was said, in order."""
        return [f"{self.nick} {n}" for n in range(1, self._said + 1)]

    def heard(self, nick: str) -> list[str]:
        """Return what *nick* said, as it was shown here."""
        found = [re.fullmatch(rf"\d\d:\d\d <{nick}> (.*)", line) for line in self.lines]
        return [one[1] for one in found if one]

    def _read(self) -> None:
        with suppress(EOFError, ConnectionError):
            while True:
                with suppress(TimeoutError):
                    self.lines.append(self.client.line().decode())


class Beat:
    """
    Someone with nc says a line every ten milliseconds, and a program hears it; use it in a ``with`` statement.

    :param pids: the processes in between.
    """

    def __init__(self, sender: TextClient, hearer: JsonClient, pids: Pids) -> None:
        self._pids = pids
        self.silence = 0.0
        """The longest time between two lines, in seconds."""
        self.own_silence = 0.0
        """The same without the time in which processes waited for a processor."""
        self.said = 0
        self.heard: list[str] = []
        self._sender, self._hearer = sender, hearer
        self._over = threading.Event()
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._say, self._hear)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)
            assert not thread.is_alive()

    def check(self) -> None:
        """Check that each line was heard once, in order; call this afterwards."""
        assert self.heard == [f"beat {n}" for n in range(self.said)]

    def check_silence(self, most: float, *, thorough: bool) -> None:
        """Check that it was never silent for more than *most* seconds; see `Stopwatch.check`."""
        check_time(self.silence, self.own_silence, most, thorough=thorough)

    def _say(self) -> None:
        while not self._over.wait(0.01):
            self._sender.type(f"beat {self.said}")
            self.said += 1
        self._sender.type("over")

    def _hear(self) -> None:
        last = time.monotonic()
        watch = Stopwatch(self._pids)
        while (text := self._hearer.until("said", 2 * PATIENCE)[-1]["text"]) != "over":
            self.heard.append(text)
            now = time.monotonic()
            silence, last = now - last, now
            self.silence = max(self.silence, silence)
            if silence > self.own_silence:
                self.own_silence = max(self.own_silence, silence - watch.starved)
            if now > watch.begun + WATCH_INTERVAL:
                watch.start()


class Load:
    """
    Sixteen programs and some people with nc, who chat at a server; use it in a ``with`` statement.

    :param returns: whether programs that lose their connection come back at once, with their tokens.
    """

    def __init__(self, server: Server, *, returns: bool = False, talkers: int = 3) -> None:
        self._server = server
        writers = [Member(f"writer{n}", (ROOMS[n % 4], ROOMS[(n + 1) % 4]), writes=True) for n in range(6)]
        self.members = writers + [Member(f"reader{n}", ROOMS, writes=False) for n in range(10)]
        for member in self.members:
            member.patient = True
        self.crowd = Crowd(self.members)
        self.crowd.returns = returns
        self.talkers: list[Talker] = []
        self._count = talkers

    def __enter__(self) -> Self:
        self.crowd.connect(self._server.port)
        assert self.crowd.run(until=lambda: all(member.live for member in self.members))
        self.talkers = [Talker(self._server.port, f"talker{n}") for n in range(self._count)]
        self.crowd.talk(True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.crowd.close()
        for talker in self.talkers:
            talker.client.socket.close()

    def lasts(self, seconds: float) -> None:
        """Let everyone chat for a while."""
        self.crowd.run(seconds=seconds)

    def goes_on(self, seconds: float = PATIENCE) -> None:
        """Wait until all programs are there, and have said 100 more things."""
        enough = sum(len(member.sent) for member in self.members) + 100
        assert self.crowd.run(
            seconds=seconds,
            until=lambda: (
                all(one.live for one in self.members) and sum(len(one.sent) for one in self.members) > enough
            ),
        ), [one.nick for one in self.members if not one.live]

    def check(self) -> History:
        """
        Let everyone finish; check that nothing was lost, doubled or out of order.

        :returns: what is stored, before the people with nc leave.
        """
        self.crowd.talk(False)
        assert self.crowd.run(until=lambda: all(one.live and not one.unanswered for one in self.members))
        before = read_rooms(self._server.port)
        last = {room: max(events) - 2 for room, events in before.items()}
        assert self.crowd.run(
            until=lambda: all(one.seen[room] >= last[room] for one in self.members for room in one.rooms)
        )
        lost = [talker for talker in self.talkers if talker.lost]
        for talker in self.talkers:
            talker.leave()
        history = read_rooms(self._server.port)
        check_shown(self.members, history)
        check_acknowledged(self.members, history)
        said = [(room, event["text"]) for room in ROOMS for event in history[room].values() if event["type"] == "said"]
        programs = [one for one in said if not one[1].startswith("talker")]
        assert Counter(programs) == Counter(one for member in self.members for one in member.sent.values())
        for talker in self.talkers:
            stored = [text for _, text in said if text.startswith(f"{talker.nick} ")]
            # Of what somebody sent whose connection was lost, the end may be missing.
            assert stored == talker.sent[: len(stored)] if talker in lost else stored == talker.sent
            for other in self.talkers:
                heard = other.heard(talker.nick)
                if other is not talker:
                    assert heard == stored[: len(heard)] if other in lost else heard == stored
        return before


def read_rooms(port: int) -> History:
    """Read everything."""
    with JsonClient(port, "historian", rooms=ROOMS) as historian:
        history = {room: historian.history(room) for room in ROOMS}
        historian.ask("quit")
        historian.until("goodbye")
    return history


def check_nobody_left(history: History, nicks: Iterable[str]) -> None:
    """Check that everybody came in once, and did not leave."""
    for room, events in history.items():
        for nick in nicks:
            theirs = [one["type"] for one in events.values() if one["nick"] == nick]
            kinds = [kind for kind in theirs if kind in ("joined", "left")]
            assert kinds in ([], ["joined"]), (room, nick, kinds)
