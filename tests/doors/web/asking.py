"""Somebody who asks over HTTP, byte by byte if need be."""

from __future__ import annotations

from dataclasses import dataclass

from tests.house import HERE, House, Wire
from tests.web_person import SITE


@dataclass(frozen=True)
class Answered:
    """One answer, as it was read."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def request(path: str = "/", method: str = "GET", version: str = "1.1", **headers: str | None) -> bytes:
    """Write a request; underlines in the names of headers are hyphens, and None leaves one out."""
    given = {"host": SITE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"{name}: {value}" for name, value in given.items() if value is not None]
    return "\r\n".join([f"{method} {path} HTTP/{version}", *lines, "", ""]).encode()


def handshake(**headers: str | None) -> bytes:
    """Write a request for a WebSocket."""
    usual = {"connection": "Upgrade", "upgrade": "websocket", "sec_websocket_version": "13"}
    return request("/ws", **{**usual, "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ==", **headers})


def frame(opcode: int, data: bytes, *, fin: bool = True, masked: bool = True) -> bytes:
    """Write a frame of a WebSocket, whether there may be one like it or not (RFC 6455, section 5.2)."""
    size = len(data)
    length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
    mask = b"mask" if masked else b""
    key = mask or bytes(4)
    body = bytes(one ^ key[place % 4] for place, one in enumerate(data))
    return bytes([fin << 7 | opcode, length[0] | masked << 7]) + length[1:] + mask + body


def ask(house: House, *data: bytes, address: object = HERE) -> Wire:
    """Send requests from a new connection, piece by piece."""
    wire = house.connect(address)
    for piece in data:
        wire.carry(piece)
        house.settle()
    return wire


def answer(house: House, path: str = "/", method: str = "GET", address: object = HERE, **headers: str) -> Answered:
    """Ask for *path*, and read the answer."""
    [only] = answers(ask(house, request(path, method, **headers), address=address), method)
    return only


def answers(wire: Wire, method: str = "GET") -> list[Answered]:
    """Take apart all that was answered."""
    rest, found = bytes(wire.received), []
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        size = 0 if method == "HEAD" or "content-length" not in headers else int(headers["content-length"])
        found.append(Answered(int(first.split()[1]), headers, rest[:size]))
        rest = rest[size:]
    return found
