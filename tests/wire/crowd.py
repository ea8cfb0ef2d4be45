"""A crowd of programs that chat as fast as they can, resume after every crash, and check all they are shown."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import cycle
from math import inf

from .clients import Object
from .processes import PATIENCE

IN_FLIGHT = 4
"""Lines of one writer that have not been acknowledged."""

parse = lru_cache(100_000)(json.loads)
"""Most lines come to everyone, so most are parsed once; what it returns is shared and only read."""


class Member:
    """
    One program in the crowd.

    :param rooms: the rooms that it enters; a writer talks in each in turn.
    """

    def __init__(self, nick: str, rooms: Sequence[str], *, writes: bool) -> None:
        self.nick = nick
        self.rooms = rooms
        self.writes = writes
        self.seen: dict[str, int] = {}
        """The last seq that it was shown, by room."""
        self.shown: list[Object] = []
        """The events that it was shown since `shown` was last emptied."""
        self.sent: dict[str, tuple[str, str]] = {}
        """Everything that it ever said, with its room, by the ref."""
        self.unanswered: dict[str, tuple[str, str]] = {}
        """What of that has not been acknowledged."""
        self.live = False
        self.talks = False
        self.patient = False
        """Whether it does not mind being told that nothing can be stored for a while."""
        self.most: float = inf
        """How many things it will have said at the end."""
        self.socket: socket.socket | None = None
        self._resume = ""
        self._rest = b""
        self._rooms = cycle(rooms)

    def connect(self, port: int) -> None:
        """Connect or reconnect, with the token and the seqs seen."""
        self.live = False
        self._rest = b""
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        hello: Object = {"type": "hello", "nick": self.nick, "rooms": self.rooms}
        if self._resume:
            hello |= {"resume": self._resume, "seen": self.seen}
        self._send([hello])

    def receive(self, data: bytes) -> None:
        """Parse received lines; half a line cut off by a crash doesn't count."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._told(parse(line))
        if self.live and self.talks:
            self._talk()

    def _told(self, value: Object) -> None:
        kind = value["type"]
        if "seq" in value and kind not in ("room", "read"):
            room, seq = value["room"], value["seq"]
            assert seq == self.seen[room] + 1, f"{self.nick} was at {self.seen[room]} of {room} and got {value}"
            self.seen[room] = seq
            self.shown.append(value)
            self.unanswered.pop(value.get("ref"), None)
        elif kind == "room":
            # Who resumes is shown what comes after what they have seen.
            assert value["seq"] == self.seen.setdefault(value["room"], value["seq"]), f"{self.nick} got {value}"
        elif kind == "read":
            assert value["room"] in self.rooms, f"{self.nick} got {value}"
        elif kind == "welcome":
            self._resume = value["resume"]
        elif kind == "live":
            self.live = True
            # All that was stored has been shown by now, with its ref: the rest was not, so it is said again.
            self._send([self._say(ref) for ref in self.unanswered])
        elif not self.patient or "ref" in value or value.get("code", "not_stored") != "not_stored":
            raise AssertionError(f"{self.nick} got {value}")

    def _talk(self) -> None:
        news = []
        while len(self.unanswered) < IN_FLIGHT and len(self.sent) < self.most:
            ref = str(len(self.sent) + 1)
            self.sent[ref] = self.unanswered[ref] = next(self._rooms), f"{self.nick} {ref}"
            news.append(self._say(ref))
        if news:
            self._send(news)

    def _say(self, ref: str) -> Object:
        room, text = self.sent[ref]
        return {"type": "say", "room": room, "text": text, "ref": ref}

    def _send(self, values: Sequence[Object]) -> None:
        assert self.socket is not None
        self.socket.sendall(b"".join(json.dumps(value).encode() + b"\n" for value in values))


class Crowd:
    """All of them, driven by one loop; use `close` at the end."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = members
        self.returns = False
        """Whether whoever loses the connection comes back at once."""
        self._port = 0
        self._selector = selectors.DefaultSelector()

    def connect(self, port: int) -> None:
        """Let everyone come in, or come back."""
        self._port = port
        for member in self.members:
            self._connect(member)

    def _connect(self, member: Member) -> None:
        member.connect(self._port)
        assert member.socket is not None
        self._selector.register(member.socket, selectors.EVENT_READ, member)

    def run(self, *, seconds: float = PATIENCE, until: Callable[[], bool] = lambda: False) -> bool:
        """Let them read and write for so many seconds, or until something is true; return whether it is."""
        deadline = time.monotonic() + seconds
        while not until():
            left = deadline - time.monotonic()
            if left <= 0 or not self._selector.get_map():
                return False
            for key, _ in self._selector.select(left):
                self._read(key.data)
        return True

    def talk(self, talks: bool) -> None:
        """Let the writers speak, or only wait for the acknowledgements."""
        for member in self.members:
            member.talks = talks and member.writes
            if member.talks and member.live:
                member.receive(b"")

    def read_to_the_end(self) -> None:
        """The server is dead: read what it had sent."""
        self.run(until=lambda: not self._selector.get_map())
        assert not self._selector.get_map()

    def close(self) -> None:
        """Close every connection."""
        for member in self.members:
            self._lose(member)
        self._selector.close()

    def _read(self, member: Member) -> None:
        assert member.socket is not None
        try:
            data = member.socket.recv(1 << 18)
            if data:
                member.receive(data)
                return
        except ConnectionError:
            pass
        self._lose(member)
        if self.returns:
            self._connect(member)

    def _lose(self, member: Member) -> None:
        member.live = False
        if member.socket is not None:
            self._selector.unregister(member.socket)
            member.socket.close()
            member.socket = None
