"""WebSocket handshakes, and which requests may upgrade."""

from __future__ import annotations

import tracemalloc
from socket import gethostname

import pytest
from twisted.internet.address import IPv4Address

from chatroom.doors.web.http_connections import REQUEST_TIMEOUT
from chatroom.doors.web.settings import WebSettings
from tests.doors.web.asking import answers, ask, handshake, request
from tests.house import HERE, House, SecureWire, failures

THERE = IPv4Address("TCP", "203.0.113.5", 40_000)


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


def opened(wire):
    return wire.received.startswith(b"HTTP/1.1 101 ") and not wire.cut


def test_the_answer_is_the_one_of_the_standard(house):
    """RFC 6455, section 1.3."""
    head = bytes(ask(house, handshake()).received).lower()

    assert head.startswith(b"http/1.1 101 switching protocols\r\n") and head.endswith(b"\r\n\r\n")
    assert b"\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n" in head
    assert b"\r\nupgrade: websocket\r\n" in head and b"\r\nconnection: upgrade\r\n" in head


def test_nothing_is_compressed_and_no_other_protocol_spoken_inside(house):
    wire = ask(house, handshake(sec_websocket_extensions="permessage-deflate", sec_websocket_protocol="chat, \xff"))

    assert opened(wire) and b"xtensions" not in wire.received and b"rotocol:" not in wire.received


@pytest.mark.parametrize(
    "headers",
    [
        {"connection": None},
        {"connection": "keep-alive"},
        {"connection": "\xff\xfe"},
        {"upgrade": None},
        {"upgrade": "h2c"},
        {"sec_websocket_version": None},
        {"sec_websocket_version": "8"},
        {"sec_websocket_key": None},
        {"sec_websocket_key": "short"},
        {"sec_websocket_key": "x" * 22},
    ],
)
def test_what_is_no_proper_request_for_one_is_told_what_would_be(house, headers):
    wire = ask(house, handshake(**headers))

    [answered] = answers(wire)
    assert answered.status == 426 and answered.headers["sec-websocket-version"] == "13"
    assert answered.text == "Only WebSocket version 13 is supported here.\n"


@pytest.mark.parametrize("change", [(b"GET", b"HEAD"), (b"HTTP/1.1", b"HTTP/1.0")])
def test_neither_is_one_by_another_method_or_version(house, change):
    assert b" 426 " in ask(house, handshake().replace(*change)).received


def test_several_words_in_the_header_connection_do_no_harm(house):
    assert opened(ask(house, handshake(connection="keep-alive, Upgrade")))


@pytest.mark.parametrize("upgrade", ["h2c, websocket", "WebSocket,h2c"])
def test_other_protocols_in_the_header_upgrade_do_no_harm(house, upgrade):
    """RFC 6455, section 4.2.1."""
    assert opened(ask(house, handshake(upgrade=upgrade)))


def test_another_upgrade_is_passed_over(house):
    """RFC 9110, section 7.8."""
    wire = ask(house, request("/healthz", connection="Upgrade, HTTP2-Settings", upgrade="h2c"), request("/healthz"))

    assert [one.status for one in answers(wire)] == [200, 200]


@pytest.mark.parametrize("host", ["chat.example", "[::1]:2428", "x" * 200, "\xff"])
def test_a_host_may_be_called_anything(house, host):
    wire = ask(house, handshake(host=host))

    assert opened(wire) or b" 400 " in wire.received


# Origins.


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("chat.example:2428", "http://chat.example:2428"),
        ("chat.example:2428", "HTTP://Chat.Example:2428"),
        ("chat.example", "http://chat.example"),
        ("chat.example", "https://chat.example"),
        ("chat.example:443", "https://chat.example"),
        ("CHAT.example", "http://chat.example:80"),
        ("[::1]:2428", "http://[::1]:2428"),
        ("chat.example:2428", None),
    ],
)
def test_our_own_page_may_chat_and_so_may_programs(house, host, origin):
    assert opened(ask(house, handshake(host=host, origin=origin), address=THERE))


@pytest.mark.parametrize(
    ("site", "allowed"),
    [
        ("localhost:2428", True),
        ("LOCALHOST:2428", True),
        ("chat.localhost", True),
        ("127.0.0.1:2428", True),
        ("127.1.2.3", True),
        ("[::1]:2428", True),
        (f"{gethostname()}:2428", True),
        (f"{gethostname().partition('.')[0]}.local:2428", True),
        ("evil.example:2428", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("192.0.2.1:2428", False),
    ],
)
def test_on_this_machine_a_page_of_ours_has_a_name_that_nobody_can_take(house, site, allowed):
    """DNS rebinding: a page's host name may later point to this machine."""
    data = handshake(host=site, origin=f"http://{site}")

    assert opened(ask(house, data)) == allowed
    assert opened(ask(house, handshake(host=site)))


def test_over_tls_a_name_has_a_certificate_and_may_be_any():
    house = House()
    wire = house.connect(HERE, SecureWire)
    wire.carry(handshake(host="chat.example", origin="https://chat.example"))
    house.settle()

    assert opened(wire)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("chat.example:2428", "http://evil.example"),
        ("chat.example:2428", "http://chat.example"),
        ("chat.example:2428", "http://chat.example:2429"),
        ("chat.example", "http://chat.example.evil"),
        ("chat.example", "http://xchat.example"),
        ("chat.example", "null"),
        ("chat.example", ""),
        ("chat.example", "chat.example"),
        ("chat.example", "http://chat.example/page"),
        ("chat.example", "http://ann@chat.example"),
        ("chat.example", "http://chat.example:x"),
        ("chat.example", "file://"),
        ("chat.example:80", "https://chat.example"),
    ],
)
def test_pages_of_others_may_not(house, host, origin):
    wire = ask(house, handshake(host=host, origin=origin))

    [answered] = answers(wire)
    assert (answered.status, answered.text.count("\n")) == (403, 1) and "origins" in answered.text
    assert not house.web.connected


def test_several_origins_are_none(house):
    data = handshake(origin="http://chat.example:2428").replace(
        b"\r\n\r\n", b"\r\norigin: http://evil.example\r\n\r\n"
    )

    assert b" 403 " in ask(house, data).received


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ({"https://intranet.example"}, "https://intranet.example", True),
        ({"https://intranet.example"}, "https://INTRANET.example:443", True),
        ({"https://intranet.example"}, "http://intranet.example", False),
        ({"*"}, "null", True),
        ({"*"}, "http://evil.example", True),
    ],
)
def test_the_configuration_can_let_others_in(house, origins, origin, allowed):
    house.web.routes.settings = WebSettings(origins=frozenset(origins))

    assert opened(ask(house, handshake(origin=origin))) == allowed


# Half open.


@pytest.mark.slow
def test_ten_thousand_half_open_ones_cost_little_and_are_gone_in_time():
    house = House()
    half = handshake()[:-2]
    house.connect().carry(half)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    wires = []
    for _ in range(10_000):
        wire = house.connect()
        # A connection's own buffers are not what is measured here.
        wire.protocol.dataReceived(half)
        # Ten thousand calls at one moment take a test's clock many seconds.
        wire.loseConnection = wire.vanish
        wires.append(wire)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / 10_000 < 6_000
    assert len(house.web.http.all) == 10_001
    # One for those who have not finished asking.
    assert len([call for call in house.clock.getDelayedCalls() if call.active()]) == 1

    house.clock.advance(REQUEST_TIMEOUT)
    house.settle()
    assert all(wire.cut for wire in wires) and not house.web.http.all


def test_one_address_can_have_so_many_of_them_only():
    house = House(max_per_address=16)
    wires = [ask(house, handshake()[:-2], address=THERE) for _ in range(100)]

    assert sum(wire.cut for wire in wires) == 100 - 4 * 16
    assert b"What is your nick?" in ask(house, b"ann\n", address=IPv4Address("TCP", "203.0.113.6", 1)).received


def test_many_that_are_open_and_nameless_are_put_out():
    house = House()
    wires = [ask(house, handshake()) for _ in range(300)]
    house.advance(63)

    assert all(wire.cut for wire in wires) and not house.web.connected
