"""Connections of the kit, many at a time: text, JSON lines, WebSocket and plain bytes, each over TLS if wanted."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import struct
from dataclasses import dataclass
from typing import Any

from ..clients import Object

LONGEST = 1 << 24
"""Bytes of a line that is read: the longest answers are lists of thousands."""


def trusting() -> ssl.SSLContext:
    """Speak TLS with anyone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(slots=True)
class Tally:
    """Counts the bytes that were sent on all connections that share it."""

    sent: int = 0


class Wire:
    """
    One connection.

    It sends and reads lines; over a `WebSocket` they are messages.
    """

    nick = ""
    """Who has come in by it."""
    token = ""
    """What resumes its session."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tally: Tally) -> None:
        self.reader = reader
        self.writer = writer
        self._tally = tally

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._tally.sent += len(data)
        self.writer.write(data)

    def send_line(self, line: bytes) -> None:
        """Send a line, without its end."""
        self.send(line + b"\n")

    async def line(self) -> bytes:
        """
        Read a line.

        :raises EOFError: if the server has closed the connection.
        """
        line = await self.reader.readline()
        if not line:
            raise EOFError
        return line

    async def drain(self) -> None:
        """Wait until the server has read most of the sent bytes."""
        await self.writer.drain()

    # For JSON.

    def ask(self, kind: str, **values: Any) -> None:
        """Send a command."""
        self.send_line(json.dumps({"type": kind, **values}, ensure_ascii=False).encode())

    async def object(self) -> Object:
        """
        Read one object.

        :raises ConnectionRefusedError: if it is none, as where there are too many connections.
        """
        line = await self.line()
        try:
            value: Object = json.loads(line)
        except ValueError:
            raise ConnectionRefusedError(line) from None
        return value

    async def until(self, *kinds: str, **values: Any) -> Object:
        """Read up to the object of one of these types and with these *values*."""
        while True:
            value = await self.object()
            if value.get("type") in kinds and all(value.get(name) == wanted for name, wanted in values.items()):
                return value

    async def answer(self, ref: str) -> Object:
        """Read up to the answer with *ref*."""
        while (value := await self.object()).get("ref") != ref:
            pass
        return value

    async def read_on(self) -> None:
        """Read whatever comes, to the end."""
        while await self.reader.read(1 << 16):
            pass

    # The end.

    def close(self) -> None:
        """Hang up."""
        self.writer.close()

    def reset(self) -> None:
        """Be gone without a goodbye."""
        handle = self.writer.get_extra_info("socket")
        if handle is not None and handle.fileno() != -1:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class WebSocket(Wire):
    """A WebSocket; its mask is zero, which is a mask like any other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tally: Tally) -> None:
        super().__init__(reader, writer, tally)
        self._lines: list[bytes] = []

    async def shake_hands(self, host: str) -> None:
        """Turn HTTP into a WebSocket."""
        self.send(
            f"GET /ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 "):
            raise ConnectionRefusedError(head.decode("latin-1"))

    def send_line(self, line: bytes) -> None:
        """Send a message."""
        self.send(frame(line))

    async def line(self) -> bytes:
        """Read a line of a message, and answer pings meanwhile."""
        while not self._lines:
            try:
                kind, payload = await self._frame()
            except asyncio.IncompleteReadError:
                raise EOFError from None
            if kind == 1:
                self._lines = payload.split(b"\n")
            elif kind == 9:
                self.send(frame(payload, 10))
            elif kind == 8:
                raise EOFError
        return self._lines.pop(0)

    async def _frame(self) -> tuple[int, bytes]:
        first, size = await self.reader.readexactly(2)
        if size > 125:
            size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
        return first & 15, await self.reader.readexactly(size)


def frame(payload: bytes, kind: int = 1, last: bool = True) -> bytes:
    """Build a frame as a client sends it (RFC 6455, section 5.2)."""
    size = len(payload)
    length = bytes([128 | size]) if size < 126 else struct.pack("!BH", 254, size)
    return bytes([128 * last | kind]) + length + bytes(4) + payload


async def dial(
    host: str, port: int, source: str, door: str = "plain", *, tally: Tally | None = None, buffer: int = 0
) -> Wire:
    """
    Connect from *source*.

    :param door: "web" for a WebSocket, anything else for plain bytes; "… tls" over TLS.
    :param buffer: bytes that the kernel holds for us at most; 0: as many as it likes.
    """
    handle = socket.socket()
    handle.setblocking(False)
    try:
        handle.bind((source, 0))
        if buffer:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        await asyncio.get_running_loop().sock_connect(handle, (host, port))
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls = trusting() if door.endswith("tls") else None
        reader, writer = await asyncio.open_connection(
            sock=handle, ssl=tls, server_hostname="localhost" if tls else None, limit=4 * buffer or LONGEST
        )
    except BaseException:
        handle.close()
        raise
    if door.startswith("web"):
        web = WebSocket(reader, writer, tally or Tally())
        await web.shake_hands(host)
        return web
    return Wire(reader, writer, tally or Tally())


def some_nick() -> str:
    """Invent a nick that nobody has."""
    return f"x{os.urandom(6).hex()}"
