"""Small clients of our own, for what no installed program does; every wait has a deadline."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import time
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import InvalidMessage
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_once

from .processes import PATIENCE, Started, program

Object = dict[str, Any]

AGAIN = 5
"""
How often a program connects once more at most because it was greeted as a person.

On a busy machine more time may pass before it sends its first bytes than people wait for a greeting.
"""


def connect(address: str, **options: Any) -> ClientConnection:
    """Open a WebSocket, as ``websockets.sync.client.connect`` does."""
    for _ in range(AGAIN):
        with suppress(InvalidMessage):
            return connect_once(address, **options)
    return connect_once(address, **options)


class Client:
    """
    A connection that is read by the line; use it in a ``with`` statement, which closes it.

    :param tls: how it is encrypted; None: not at all.
    """

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.socket = self.connect(port) if tls is None else self._connect_securely(port, tls)
        self._lines: deque[bytes] = deque()
        self._rest = b""

    def connect(self, port: int) -> socket.socket:
        """Open the connection."""
        return socket.create_connection(("127.0.0.1", port), PATIENCE)

    def _connect_securely(self, port: int, tls: ssl.SSLContext) -> ssl.SSLSocket:
        for _ in range(AGAIN):
            try:
                return tls.wrap_socket(self.connect(port), server_hostname="localhost")
            except ssl.SSLError as error:
                if error.reason != "WRONG_VERSION_NUMBER":
                    raise
        return tls.wrap_socket(self.connect(port), server_hostname="localhost")

    def send(self, data: bytes) -> None:
        """Send *data* as it is."""
        self.socket.settimeout(PATIENCE)
        self.socket.sendall(data)

    def line(self, seconds: float = PATIENCE) -> bytes:
        """
        Read one line.

        :raises EOFError: if the server has closed the connection.
        :raises TimeoutError: if none comes.
        """
        deadline = time.monotonic() + seconds
        while not self._lines:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            data = self.socket.recv(1 << 20)
            if not data:
                raise EOFError
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._lines += lines
        return self._lines.popleft()

    def vanish(self) -> None:
        """Be gone without a goodbye: the server gets a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()


class TextClient(Client):
    """Someone with nc who comes in as *nick*."""

    def __init__(self, port: int, nick: str, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(port, tls)
        self.type(nick)
        self.until(f"-- Welcome, {nick}.")
        self.until("-- You are in #lobby.")

    def type(self, text: str) -> None:
        """Send a line."""
        self.send(text.encode() + b"\n")

    def until(self, text: str, seconds: float = PATIENCE) -> str:
        """Read up to the line that has *text* in it, and return that."""
        return self.lines_until(text, seconds)[-1]

    def lines_until(self, text: str, seconds: float = PATIENCE) -> list[str]:
        """Read up to the line that has *text* in it."""
        deadline = time.monotonic() + seconds
        seen = [""]
        try:
            while text not in seen[-1]:
                seen.append(self.line(deadline - time.monotonic()).decode())
        except (EOFError, TimeoutError, ConnectionError) as error:
            raise AssertionError(f"no {text!r} but {error!r} after {seen[1:]}") from None
        return seen[1:]

    def rest(self) -> list[str]:
        """Read until the server closes."""
        lines = []
        try:
            while True:
                lines.append(self.line().decode())
        except EOFError:
            return lines


class Netcat:
    """
    Someone with the real nc who comes in as *nick*; use it in a ``with`` statement, which ends it.

    :param password: of the account of that nick, if it has one.
    :param room: where they are then.
    """

    def __init__(self, port: int, nick: str, password: str | None = None, room: str = "lobby") -> None:
        self.nc = Started([program("nc"), "127.0.0.1", str(port)])
        self._read = 0
        self.type(nick)
        if password is not None:
            self.nc.until(f"-- Password for {nick} .*: $")
            self.type(password)
        self.until(f"-- Welcome, {nick}.")
        self.until(f"-- You are in #{room}.")

    def type(self, text: str) -> None:
        """Type a line, and Enter."""
        self.nc.type(f"{text}\n")

    def until(self, text: str) -> str:
        """Read up to the line that has *text* in it, and return that."""
        return self.lines_until(text)[-1]

    def lines_until(self, text: str) -> list[str]:
        """Read up to the line that has *text* in it."""
        begun = self._read
        self._read = self.nc.until(f"{re.escape(text)}.*\n", after=begun).end()
        return self.nc.output[begun : self._read].splitlines()

    def ask(self, line: str, answer: str) -> str:
        """Type *line*, and read up to the *answer*."""
        self.type(line)
        return self.until(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.nc.__exit__(kind, error, trace)


class JsonClient(Client):
    """
    A program that comes in as *nick*; *hello* are further fields of its first object.

    ``welcome`` is what it was answered, and ``met`` all that came before it was up to date.
    """

    def __init__(self, port: int, nick: str, tls: ssl.SSLContext | None = None, **hello: Any) -> None:
        for _ in range(1 + AGAIN):
            super().__init__(port, tls)
            self.ask("hello", nick=nick, **hello)
            answer = self.line()
            if not answer.startswith(b"-- Welcome to "):
                break
            self.socket.close()
        self.welcome = json.loads(answer)
        assert self.welcome["type"] == "welcome", self.welcome
        self.met = self.until("live")

    def ask(self, kind: str, **values: Any) -> None:
        """Send a command."""
        self.send(json.dumps({"type": kind, **values}).encode() + b"\n")

    def object(self, seconds: float = PATIENCE) -> Object:
        """Read one object."""
        value = json.loads(self.line(seconds))
        assert isinstance(value, dict)
        return value

    def until(self, kind: str, seconds: float = PATIENCE, **values: Any) -> list[Object]:
        """Read up to the object of this type and with these *values*, which comes last in the list."""
        deadline = time.monotonic() + seconds
        seen: list[Object] = []
        wanted = {"type": kind, **values}.items()
        while not (seen and wanted <= {name: seen[-1].get(name) for name in ("type", *values)}.items()):
            try:
                seen.append(self.object(deadline - time.monotonic()))
            except (EOFError, TimeoutError, ConnectionError) as error:
                raise AssertionError(f"no {kind} with {values} but {error!r} after {seen[-20:]}") from None
        return seen

    def until_ref(self, ref: str) -> list[Object]:
        """Read up to the answer with *ref*."""
        seen = [self.object()]
        while seen[-1].get("ref") != ref:
            seen.append(self.object())
        return seen

    def history(self, room: str, after: int = 0) -> dict[int, Object]:
        """Page through everything that happened in *room* after the seq *after*: the events by their seq."""
        events: dict[int, Object] = {}
        before: Object = {}
        while True:
            self.ask("history", room=room, count=200, all=True, ref="page", **before)
            page = self.until("history", ref="page")[-1]
            assert all(event["room"] == room for event in page["events"])
            seqs = [event["seq"] for event in page["events"]]
            # Each once, and in order: a page ends just below the one before it.
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), seqs
            assert not events or seqs[-1] == min(events) - 1
            events |= {event["seq"]: event for event in page["events"] if event["seq"] > after}
            if not page["more"] or seqs[0] <= after + 1:
                assert seqs[0] <= after + 1
                return dict(sorted(events.items()))
            before = {"before": seqs[0]}
