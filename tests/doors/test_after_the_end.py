"""What comes after the end of a conversation is passed over at every door: nothing is said, and nothing is logged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chatroom.dialects.telnet import AYT, DO, IAC, IP
from tests.doors.web.asking import frame, handshake, request
from tests.doors.web.test_websocket import CLOSE, TEXT
from tests.house import House, Person, failures
from tests.wires import SecureWire, Wire

pytestmark = pytest.mark.slow

LATE = "too late"
HELLO = b'{"type":"hello","nick":"ann"}'
SAY = b'{"type":"say","text":"too late"}'

ENDS = {
    "exit": b"ann\nexit\n",
    "quit": b"ann\n/quit\n",
    "interrupted telnet": bytes([IAC, DO, 1]) + b"ann\n" + bytes([IAC, IP]),
    "json": HELLO + b'\n{"type":"quit"}\n',
    "json, exit": HELLO + b'\n{"type":"line","text":"exit"}\n',
    "websocket": handshake() + frame(TEXT, HELLO) + frame(TEXT, b'{"type":"quit"}'),
    "websocket, closed": handshake() + frame(TEXT, HELLO) + frame(CLOSE, (1000).to_bytes(2)),
    "connection: close": request("/healthz", connection="close"),
    "http/1.0": request("/healthz", version="1.0"),
    "a body": request("/healthz", "POST", content_length="5") + b"hello",
    "no request": b"GET /healthz\r\n\r\n",
    "ssh": b"SSH-1.5-x\r\n",
}
AFTER = {
    "line": f"{LATE}\n".encode(),
    "lines": f"{LATE}\n".encode() * 300,
    "json": SAY + b"\n",
    "frame": frame(TEXT, SAY),
    "closed again": frame(CLOSE, (1000).to_bytes(2)) * 2,
    "telnet": bytes([IAC, AYT, IAC, IP, IAC]),
    "request": request("/healthz"),
    "handshake": handshake() + frame(TEXT, HELLO) + frame(TEXT, SAY),
    "bytes": bytes(range(256)),
}


@pytest.fixture
def house(houses: type[House]) -> Iterator[House]:
    with failures() as broken:
        yield houses()
    assert not broken, broken[0]


@pytest.mark.parametrize("after", AFTER.values(), ids=AFTER)
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("together", [True, False], ids=["together", "later"])
def test_it_is_passed_over(house: House, end: bytes, after: bytes, together: bool):
    """A transport that was told to close may still have something that it had read before."""
    bob, wire = house.join("bob"), house.connect()
    for data in [end + after] if together else [end, after, after]:
        wire.protocol.dataReceived(data)
    check(house, bob, wire)


@pytest.mark.parametrize("after", AFTER.values(), ids=AFTER)
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_so_it_is_in_further_records_of_tls(house: House, end: bytes, after: bytes):
    bob, wire = house.join("bob"), house.connect(kind=SecureWire)
    for data in (end, after, after):
        wire.carry(data)
    check(house, bob, wire)


@pytest.mark.parametrize("after", AFTER.values(), ids=AFTER)
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_so_is_what_comes_outside_of_tls_after_its_end(house: House, end: bytes, after: bytes):
    bob, wire = house.join("bob"), house.connect(kind=SecureWire)
    wire.carry_last(end)
    wire.carry_raw(after)
    wire.half_close_raw()
    check(house, bob, wire)


def check(house: House, bob: Person, wire: Wire) -> None:
    """See that only the end was read, and that the connection closes."""
    house.advance(10)
    assert wire.cut and not bob.talk and LATE not in house.words()
    assert wire.received.count(b"HTTP/1.1 ") <= 1
