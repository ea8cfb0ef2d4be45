"""Attacks on what comes before the chat, and beside it: connections, HTTP, WebSocket frames and TLS."""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from .attacks import attack
from .crew import Crew
from .wires import Wire, frame

HELLO = b"\x16\x03\x01\x40\x00"
"""The head of a TLS record that is not going to come."""


def request(path: str, *headers: str) -> bytes:
    """Build the head of a request."""
    return "\r\n".join([f"{path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


async def send_on(crew: Crew, wires: int, reach: Callable[[], Awaitable[Wire]], *pieces: bytes) -> None:
    """Have so many connections, each made by *reach*, send *pieces* forever and read the answers."""

    async def one() -> None:
        wire = await reach()
        reading = asyncio.create_task(wire.read_on())
        try:
            while not reading.done():
                for piece in pieces:
                    wire.send(piece)
                    await wire.drain()
        finally:
            reading.cancel()
            wire.reset()

    await crew.again_and_again(wires, one)


async def by_http(crew: Crew, wires: int, data: bytes) -> None:
    """Have so many connections send *data*, HTTP requests, again and again."""
    await send_on(crew, wires, crew.dial, data)


@attack("one connection asks for /healthz without waiting for the answers")
async def health_checks(crew: Crew) -> None:
    await by_http(crew, 1, request("GET /healthz") * 100)


@attack("64 connections ask for /healthz without waiting for the answers")
async def many_health_checks(crew: Crew) -> None:
    await by_http(crew, 64, request("GET /healthz") * 100)


@attack("64 connections send bodies in chunks of one byte")
async def chunked_bodies(crew: Crew) -> None:
    head = request("POST /healthz", "Transfer-Encoding: chunked")
    await by_http(crew, 64, head + b"1\r\nx\r\n" * 10_000 + b"0\r\n\r\n")


@attack("connections ask for /metrics without waiting for the answers", loopback_only=True)
async def metrics(crew: Crew) -> None:
    await by_http(crew, 4, request("GET /metrics") * 100)


@attack("the page and its files, without waiting for the answers, and not to be kept")
async def pages(crew: Crew) -> None:
    await by_http(crew, 16, b"".join(request(f"GET {path}") for path in ("/", "/nothing", "/../..", "/healthz")))


@attack("heads of requests with as many headers as they hold, a few bytes at a time")
async def headers(crew: Crew) -> None:
    whole = request("GET /healthz", *[f"a{number}: b" for number in range(600)])
    # No piece is a whole line.
    pieces = [whole[at : at + 7] for at in range(0, len(whole), 7)]

    async def one() -> None:
        wire = await crew.dial()
        reading = asyncio.create_task(wire.read_on())
        try:
            while not reading.done():
                for piece in pieces:
                    wire.send(piece)
                    await asyncio.sleep(0)
        finally:
            reading.cancel()
            wire.reset()

    await crew.again_and_again(32, one)


@attack("connections that come and go, having said nothing, or half of something")
async def doorbells(crew: Crew) -> None:
    openings = (b"", b"GET", b"{", b"\xff", b"\x16\x03", b"NICK a\r\n", b"half a nick", b"\n" * 100)

    async def ring() -> None:
        for opening in openings:
            wire = await crew.dial()
            wire.send(opening)
            await wire.drain()
            wire.reset()

    await crew.again_and_again(16, ring)


@attack("the first five bytes of a TLS record, on many connections")
async def five_bytes(crew: Crew) -> None:
    async def knock() -> None:
        wire = crew.keep(await crew.dial())
        wire.send(HELLO)
        await wire.drain()
        crew.count("knocked")

    for _ in range(crew.many(1_000, 200) // 50):
        await crew.at_once(*[knock] * 50)


@attack("TLS handshakes, one after the other")
async def handshakes(crew: Crew) -> None:
    async def shake() -> None:
        wire = await crew.dial("plain tls")
        wire.reset()
        crew.count("handshakes")

    await crew.again_and_again(8, shake)


class OpenSSL:
    """As much of OpenSSL as it takes to change the keys of a connection, which Python's own ``ssl`` cannot."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("ssl")
        if name is None:
            raise RuntimeError("OpenSSL's library is not installed")
        self._library = ctypes.CDLL(name)
        for function in ("TLS_client_method", "SSL_CTX_new", "SSL_new"):
            getattr(self._library, function).restype = ctypes.c_void_p
        method = ctypes.c_void_p(self._library.TLS_client_method())
        self._context = ctypes.c_void_p(self._library.SSL_CTX_new(method))

    def connect(self, handle: socket.socket) -> Callable[[], bool]:
        """Shake hands on *handle*, which blocks; return what changes the keys and asks for the same."""
        library = self._library
        session = ctypes.c_void_p(library.SSL_new(self._context))
        library.SSL_set_fd(session, handle.fileno())
        if library.SSL_connect(session) != 1:
            raise ConnectionRefusedError("no TLS")

        def update() -> bool:
            return library.SSL_key_update(session, 1) == 1 and library.SSL_do_handshake(session) == 1

        return update


KEY_UPDATE = 27
"""Bytes of one: a record's head, the message, its type and the tag."""


@attack("connections that change the keys of TLS again and again")
async def key_updates(crew: Crew) -> None:
    library, where = OpenSSL(), crew.where
    stopped = False

    def change(source: str) -> None:
        with socket.create_connection((where.host, where.port), 2.0, (source, 0)) as handle:
            handle.setblocking(True)
            update = library.connect(handle)
            while not stopped and update():
                crew.count("updates")
                crew.tally.sent += KEY_UPDATE

    sources = [where.sources[number % len(where.sources)] for number in range(4)]
    try:
        await asyncio.gather(*(asyncio.to_thread(change, source) for source in sources), return_exceptions=True)
    finally:
        stopped = True


# WebSockets.


async def by_web(crew: Crew, wires: int, *pieces: bytes) -> None:
    """Have so many people send *pieces* over WebSocket again and again, each by itself."""
    await send_on(crew, wires, partial(crew.enter, door="web"), *pieces)


@attack("WebSocket frames that say nothing: pings and pongs")
async def web_pings(crew: Crew) -> None:
    await by_web(crew, 8, frame(b"x" * 125, 9) * 50, frame(b"x" * 125, 10) * 50)


@attack("WebSocket messages in fragments of one byte, and of none")
async def web_fragments(crew: Crew) -> None:
    text = b'{"type":"ping"}'
    whole = frame(text[:1], 1, last=False) + b"".join(frame(text[at : at + 1], 0, last=False) for at in range(1, 15))
    await by_web(crew, 8, (whole + frame(b"", 0, last=False) * 50 + frame(b"", 0)) * 20)


@attack("data behind a WebSocket's close frame, and all other ways to end one")
async def after_the_close(crew: Crew) -> None:
    endings = (
        frame(b"\x03\xe8", 8) + frame(b'{"type":"ping"}') * 3,
        frame(b"\x03\xe8", 8) * 3,
        frame(b"", 8) + b"\x00" * 100,
        frame(b"\x03", 8),
        frame(b"\xff\xfe", 2) + frame(b"x", 9),
        b"\xff" * 50 + frame(b"\x03\xe8", 8),
    )

    async def end() -> None:
        for ending in endings:
            wire = await crew.enter(door="web")
            wire.send(ending)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await wire.read_on()
            wire.close()

    await crew.again_and_again(4, end)


async def telnet_noise(crew: Crew, wire: Wire) -> None:
    """Send telnet's commands, which no text is in."""
    wire.send(b"\xff\xfb\x01\xff\xfd\x03\xff\xf6\xff\xfa\x18\x00x\xff\xf0" * 500)
    await wire.drain()


@attack("telnet's questions, without waiting for the answers")
async def telnet_questions(crew: Crew) -> None:
    async def one() -> None:
        wire = await crew.dial()
        reading = asyncio.create_task(wire.read_on())
        try:
            wire.send(b"\xff\xfd\x03" + b"x1\r\n")
            while not reading.done():
                await telnet_noise(crew, wire)
        finally:
            reading.cancel()
            wire.reset()

    await crew.again_and_again(8, one)
