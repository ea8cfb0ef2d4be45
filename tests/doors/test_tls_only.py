"""TLS-only servers: connections without TLS are refused in their own protocol."""

from __future__ import annotations

import json
from ipaddress import ip_network

import pytest
from twisted.internet.address import IPv4Address

from chatroom.doors.closed import TLS_ONLY
from chatroom.doors.front.front_door import SILENCE_TIMEOUT
from chatroom.doors.web.https_redirect import HEAD_TIMEOUT
from chatroom.doors.web.request_heads import MAX_HEAD
from tests.house import ClientPerson, House, JsonPerson, failures, over_tls
from tests.wires import SecureWire, Wire

THERE = IPv4Address("TCP", "203.0.113.5", 40_000)


@pytest.fixture
def house():
    with failures() as broken:
        yield House(tls_only=True)
    assert not broken, broken[0]


def answer_to(house, *pieces):
    wire = house.connect()
    for piece in pieces:
        wire.carry(piece)
    house.settle()
    return wire


def test_whoever_comes_by_tls_is_let_in(house):
    ann, bob = house.join("ann", over_tls(ClientPerson)), house.join("bob", over_tls(JsonPerson))

    ann.types("hello")

    assert bob.heard("<ann> hello")


def test_whoever_waits_for_a_greeting_is_told(house):
    wire = house.connect()
    house.clock.advance(SILENCE_TIMEOUT - 0.01)
    assert wire.received == b""

    house.clock.advance(0.01)
    house.settle()
    assert wire.received == f"!! {TLS_ONLY}\r\n".encode() and wire.cut


def test_browsers_put_that_off_for_nobody(house):
    browser = house.connect(kind=SecureWire)
    browser.carry(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    house.settle()
    assert browser.received.startswith(b"HTTP/1.1 200 OK\r\n")

    wire = house.connect()
    house.clock.advance(SILENCE_TIMEOUT)
    assert wire.received.startswith(b"!! Only TLS is accepted here")


@pytest.mark.parametrize("opening", [b"ann\n", b"\xff\xfd\x01", b"\x16\x04", b"GETTY"])
@pytest.mark.parametrize("size", [1, 1000])
def test_whatever_else_begins_gets_one_line(house, opening, size):
    wire = answer_to(house, *(opening[n : n + size] for n in range(0, len(opening), size)))

    assert wire.received == f"!! {TLS_ONLY}\r\n".encode() and wire.cut and not house.text.connected


def test_ssh_needs_no_tls(house):
    """It is encrypted itself."""
    assert answer_to(house, b"SSH-2.0-x\r\n").received.startswith(b"SSH-2.0-chatroom\r\n")


def test_an_irc_client_is_told_as_those_are(house):
    wire = answer_to(house, b"CAP LS 302\r\n")

    assert wire.received == f"ERROR :{TLS_ONLY}\r\n".encode() and wire.cut


def test_a_program_is_told_as_programs_are(house):
    wire = answer_to(house, b'{"type":"hello","nick":"bot"}\n')

    assert json.loads(wire.received) == {"type": "refused", "code": "tls_only", "text": TLS_ONLY} and wire.cut


def test_the_client_shows_that_and_does_not_try_again(house):
    ann = ClientPerson(house)
    ann.joins("ann")

    assert ann.shown == [f"!! {TLS_ONLY}"] and ann.conversation.failed


# Browsers.


@pytest.mark.parametrize(
    ("request_", "location"),
    [
        (b"GET / HTTP/1.1\r\nHost: chat.example:2428\r\n\r\n", b"https://chat.example:2428/"),
        (
            b"GET /a/b?c=%0d%0a HTTP/1.1\r\naccept: */*\r\nhOST:\t chat.example \r\n\r\n",
            b"https://chat.example/a/b?c=%0d%0a",
        ),
        (b"HEAD /style.css HTTP/1.0\nHost: [::1]:2428\n\n", b"https://[::1]:2428/style.css"),
        (b"POST /ws HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", b"https://x/ws"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_a_browser_is_sent_to_the_same_address_with_https(house, request_, location, size):
    wire = answer_to(house, *(request_[n : n + size] for n in range(0, len(request_), size)))

    head, _, page = bytes(wire.received).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 307 Temporary Redirect\r\n") and b"\r\nLocation: " + location + b"\r\n" in head
    assert b"\r\nConnection: close" in head and wire.cut
    assert bool(page) is not request_.startswith(b"HEAD") and (not page or page.startswith(TLS_ONLY.encode()))


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example/path\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: <script>\r\n\r\n",
        b"GET / HTTP/1.1\r\nX-Host: x\r\n\r\n",
        b"GET //evil.example HTTP/2\r\nHost: x\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\rSet-Cookie:x HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET \r\n\r\n",
        b"GET /" + b"x" * MAX_HEAD,
    ],
)
def test_where_it_cannot_be_told_where_to_go_the_reason_is(house, request_):
    wire = answer_to(house, request_)

    head, _, page = bytes(wire.received).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n") and b"Location" not in head and wire.cut
    assert page.startswith(TLS_ONLY.encode()) and f"Content-Length: {len(page)}".encode() in head


def test_who_does_not_finish_their_request_is_hung_up_on(house):
    wire = answer_to(house, b"GET / HTTP/1.1\r\nHost: x\r\n")
    house.advance(HEAD_TIMEOUT - 1)
    assert not wire.cut

    house.advance(1)
    assert wire.cut and wire.received == b"" and house.clock.getDelayedCalls() == []


def test_who_vanishes_in_their_request_leaves_nothing_behind(house):
    answer_to(house, b"GET / HTTP/1.1\r\nHost: x\r\n").vanish()
    answer_to(house, b"GET / HTTP/1.1\r\nHost: x\r\n").half_close()
    house.settle()

    assert house.clock.getDelayedCalls() == []


def test_a_proxy_that_is_trusted_is_not_sent_in_a_circle(house):
    """It has spoken TLS with the browser, and would come back as it came."""
    house.connection_limits.proxies = (ip_network("127.0.0.0/8"),)

    wire = answer_to(house, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    assert wire.received.startswith(b"HTTP/1.1 200 OK\r\n")


# A port for the web alone.


@pytest.fixture
def web_port(house):
    """Open a connection to a port for the web only."""

    def knock(kind=Wire, certificate=house.shown, tls_only=False):
        house.front = house.assembly(certificate, tls_only).single_door(house.web)
        wire = house.connect(THERE, kind)
        wire.carry(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        house.settle()
        return bytes(wire.received[:12])

    return knock


def test_at_a_port_for_the_web_alone_tls_is_spoken_too(web_port):
    assert web_port() == web_port(SecureWire) == web_port(certificate=None) == b"HTTP/1.1 200"


def test_at_a_port_for_the_web_alone_tls_may_be_all_that_is_spoken(web_port):
    assert (web_port(tls_only=True), web_port(SecureWire, tls_only=True)) == (b"HTTP/1.1 307", b"HTTP/1.1 200")


def test_at_a_port_for_the_web_alone_nobody_is_greeted(house, web_port):
    web_port()
    for kind in (Wire, SecureWire):
        wire = house.connect(THERE, kind)
        house.clock.advance(SILENCE_TIMEOUT)
        assert wire.received == b""
