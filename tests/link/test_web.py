"""The web door of a door process: WebSockets with JSON stay there, everything else is carried."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, UNIXAddress

from chatroom.config.web import networks
from chatroom.doors.web.request_heads import MAX_HEAD
from chatroom.doors.web.settings import WebSettings
from chatroom.link.web import HEAD_TIMEOUT
from tests.doors.web.asking import answers, handshake, request
from tests.house import LinePerson, failures, over_tls
from tests.irc_person import IrcWebPerson
from tests.web_person import WebPerson
from tests.wires import SecureWire, Wire

from .carrying_house import CarryingHouse

FAR = IPv4Address("TCP", "198.51.100.7", 4000)
PLACE = "198.51.100.7"


@pytest.fixture
def house():
    with failures() as found:
        yield CarryingHouse()
    assert found == []


def asks(house: CarryingHouse, *pieces: bytes, kind: type[Wire] = Wire, address: object = FAR) -> Wire:
    """Connect, and send *pieces* of a request."""
    wire = house.connect(address, kind)
    for piece in pieces:
        wire.carry(piece)
        house.settle()
    return wire


def opened(wire: Wire) -> bool:
    """Return whether a WebSocket was opened."""
    return wire.received.startswith(b"HTTP/1.1 101 ")


# What stays, and what is carried.


@pytest.mark.parametrize("kind", [WebPerson, over_tls(WebPerson)], ids=["plain", "tls"])
def test_a_websocket_with_json_is_the_doors_own(house, kind):
    ann, bob = house.join("ann", WebPerson), house.join("bob", LinePerson)
    ann.types("hello")
    bob.types("hi")

    assert bob.heard("<ann> hello") and ann.heard("<bob> hi")
    assert len(house.door.web.connected) == 1 and not house.carried


def test_a_websocket_with_irc_is_carried(house):
    ann, bob = house.join("ann", IrcWebPerson), house.join("bob", LinePerson)
    ann.types("hello")
    bob.types("hi")

    assert bob.heard("<ann> hello") and ann.heard("<bob> hi")
    assert len(house.carried) == 1 and not house.door.web.connected


@pytest.mark.parametrize(
    ("headers", "here"),
    [
        ({}, True),
        ({"upgrade": "WebSocket"}, True),
        ({"sec_websocket_protocol": "chat, other"}, True),
        ({"sec_websocket_protocol": "chat, text.ircv3.net"}, False),
        ({"upgrade": None, "connection": None}, False),
        ({"upgrade": "h2c"}, False),
    ],
)
def test_the_first_request_decides(house, headers, here):
    wire = asks(house, handshake(**headers))

    assert wire.received and bool(len(house.door.web.connected)) == here and bool(len(house.carried)) != here


@pytest.mark.parametrize("path", ["/socket", "/", "/elsewhere"])
def test_websockets_at_other_addresses_are_carried(house, path):
    asks(house, handshake().replace(b"/ws", path.encode(), 1))

    assert len(house.carried) == 1 and not house.door.web.connected


def test_below_a_prefix_the_websocket_is_the_doors_own_too(house):
    house.door.web.routes.settings = WebSettings(prefix="/chat")
    wire = asks(house, handshake().replace(b"/ws", b"/chat/ws", 1))

    assert opened(wire) and not house.carried


def test_later_requests_of_a_carried_connection_may_be_for_anything(house):
    wire = asks(house, request("/readyz"), handshake())

    assert [one.status for one in answers(wire)] == [200, 101] and len(house.web.connected) == 1


def test_websockets_outlive_the_link_and_requests_do_not(house):
    ann = house.join("ann", WebPerson)
    wire = asks(house, request("/rooms/lobby/messages"))
    house.loses_link()
    assert wire.cut and not ann.gone

    house.links_again()
    house.settle()
    assert asks(house, request("/readyz")).received.startswith(b"HTTP/1.1 200 ") and not ann.gone


# When the head is not there at once.


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(1, 150), max_size=10), request_=st.sampled_from([handshake(), request("/readyz")]))
def test_the_head_may_come_in_any_pieces(cuts, request_):
    house, rest, pieces = CarryingHouse(), request_, []
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    wire = asks(house, *filter(None, [*pieces, rest]))

    assert wire.received.startswith(b"HTTP/1.1 101 " if request_ == handshake() else b"HTTP/1.1 200 ")
    assert len(house.carried) == (request_ != handshake())


def test_what_comes_with_the_head_comes_with_it(house):
    wire = asks(house, request("/readyz") * 3)

    assert [one.status for one in answers(wire)] == [200, 200, 200]


@pytest.mark.parametrize("begun", [b"", b"GET /readyz HTTP/1.1\r\n"])
def test_after_a_time_the_house_gets_what_there_is(house, begun):
    # A browser has said by ALPN that it is one.
    wire = asks(house, begun or b"GET ")
    house.advance(HEAD_TIMEOUT - 1)
    assert not house.carried

    house.advance(1)
    assert len(house.carried) == 1
    wire.carry((b"/readyz HTTP/1.1\r\n" if not begun else b"") + b"Host: x\r\n\r\n")
    house.settle()
    assert [one.status for one in answers(wire)] == [200]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\nx: " + b"y" * MAX_HEAD, 431),
        (b"GET / HTTP/1.1\r\nno header\r\n\r\n", 400),
        (b"GET / HTTP/3.7\r\nHost: x\r\n\r\n", 505),
    ],
    ids=["too long", "invalid", "version"],
)
def test_what_is_no_request_is_refused_by_the_house(house, data, status):
    wire = asks(house, data)

    assert [one.status for one in answers(wire)] == [status] and house.web.routes.statuses == {status: 1}


def test_a_websocket_that_is_not_asked_for_by_get_is_refused_by_the_house(house):
    wire = asks(house, handshake().replace(b"GET ", b"POST ", 1))

    assert [one.status for one in answers(wire)] == [405] and house.web.routes.statuses == {405: 1}


def test_half_a_request_at_the_end_is_dropped_by_the_house(house):
    wire = asks(house, b"GET / HTTP/1.1\r\n")
    wire.half_close()
    house.settle()

    assert wire.cut and not wire.received and not house.clients


def test_a_websocket_is_told_that_the_input_is_over(house):
    wire = asks(house, handshake())
    wire.half_close()
    house.settle()

    assert opened(wire) and wire.cut and not house.door.web.connected


def test_who_vanishes_leaves_nothing_behind(house):
    wires = [asks(house, one) for one in (b"GET / HT", handshake(), request("/readyz"))]
    for wire in wires:
        wire.vanish()
    house.settle()

    assert not house.door.web.unfinished and not house.door.web.connected and not house.clients
    assert not house.door.limits._all and not house.door.limits._http
    assert not house.connection_limits._all and not house.connection_limits._http


# What the door refuses by itself.


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"origin": "https://elsewhere.example"}, 403), ({"sec_websocket_version": "12"}, 426)],
)
def test_a_refused_upgrade_ends_the_connection(house, headers, status):
    wire = asks(house, handshake(**headers) + request("/readyz"))
    [answered] = answers(wire)

    assert (answered.status, answered.headers["connection"].split(", ")[-1]) == (status, "close")
    assert wire.cut and not house.carried and not house.door.limits._http


def test_nobody_comes_in_while_the_house_shuts_down(house):
    house.door.house.closing = True

    assert [one.status for one in answers(asks(house, handshake()))] == [503]


def test_places_have_their_limits(house):
    house.door.limits.max_per_address = 2
    wires = [asks(house, handshake()) for _ in range(2)]
    refused = asks(house, handshake())

    assert all(map(opened, wires)) and refused.cut and b"Too many connections" in refused.received


def test_requests_are_counted_apart_from_people(house):
    house.door.limits.max_per_address = 2
    wires = [asks(house, request("/readyz")) for _ in range(4)]

    assert house.door.limits._http == {PLACE: 4} and all(wire.received for wire in wires)
    assert opened(asks(house, handshake()))
    asks(house, handshake(sec_websocket_protocol="text.ircv3.net"))
    assert house.door.limits.is_full(PLACE)


# Proxies, and browsers.


@pytest.fixture
def trusting(house):
    proxies = networks(["10.0.0.0/8", "unix"])
    for limits, routes in (
        (house.door.limits, house.door.web.routes),
        (house.connection_limits, house.web.routes),
    ):
        limits.proxies, routes.settings = proxies, WebSettings(proxies=proxies)
    return house


@pytest.mark.parametrize("address", [IPv4Address("TCP", "10.0.0.1", 1), UNIXAddress(None)], ids=["tcp", "unix"])
@pytest.mark.parametrize("subprotocol", [None, "text.ircv3.net"], ids=["json", "irc"])
def test_behind_a_proxy_the_client_has_its_own_address(trusting, address, subprotocol):
    house = trusting
    headers = {"x_forwarded_for": "203.0.113.9", "x_forwarded_proto": "https", "sec_websocket_protocol": subprotocol}
    wire = asks(house, handshake(**headers), address=address)
    assert opened(wire)

    [session] = house.hub.sessions
    assert (session.outlet.address, session.outlet.secure) == ("203.0.113.9", True)


def test_who_floods_through_a_proxy_is_refused(trusting):
    house = trusting
    headers = {"x_forwarded_for": "203.0.113.9", "x_forwarded_proto": "https"}
    proxy = IPv4Address("TCP", "10.0.0.1", 1)
    house.door.house.core.budgets.place("203.0.113.9").spend(1_000_000.0)

    [answered] = answers(asks(house, handshake(**headers), address=proxy))
    assert answered.status == 429 and "retry-after" in answered.headers


@pytest.mark.parametrize(
    ("headers", "noted"),
    [
        ({"accept": "text/html,*/*"}, True),
        ({"accept": "*/*"}, False),
        ({"accept": "text/html", "x_forwarded_for": "203.0.113.9"}, True),
    ],
)
def test_addresses_of_browsers_are_remembered(house, headers, noted):
    asks(house, request("/", **headers))

    assert house.door.preconnects.expected(PLACE, False) == noted


def test_browsers_behind_a_proxy_are_not(trusting):
    house = trusting
    headers = {"accept": "text/html", "x_forwarded_for": "203.0.113.9"}
    asks(house, request("/", **headers), address=IPv4Address("TCP", "10.0.0.1", 1))

    assert not house.door.preconnects._heard


def test_without_tls_a_browser_is_sent_to_https(monkeypatch):
    house = CarryingHouse(tls_only=True)
    [answered] = answers(asks(house, request("/")))
    assert answered.status == 307 and not house.carried

    [answered] = answers(asks(house, request("/readyz"), kind=SecureWire))
    assert answered.status == 200 and len(house.carried) == 1


def test_when_the_door_stops_nobody_is_waited_for_who_only_asked(house):
    asks(house, b"GET / HT")
    gone = house.door.web.all_gone()

    assert gone.called


# Health.


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_house_says_how_it_is(house, path):
    assert [one.text for one in answers(asks(house, request(path)))] == ["ok\n"] and len(house.carried) == 1


def test_a_door_without_a_house_is_alive_but_not_ready(house):
    house.loses_link()
    [alive] = answers(asks(house, request("/healthz")))
    [ready] = answers(asks(house, request("/readyz")))
    assert alive.status == 200 and (ready.status, ready.text) == (503, "There is no house now.\n")


def test_whoever_posts_there_is_answered_by_the_house(house):
    [answered] = answers(asks(house, request("/healthz", "POST", content_length="0")))
    assert answered.status == 405 and len(house.carried) == 1
