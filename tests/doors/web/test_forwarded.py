"""Forwarded requests: trusted proxies' headers, and limits by the client's address."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

from chatroom.config.web import networks
from chatroom.doors.web.settings import WebSettings
from tests.doors.web.asking import answers, ask, handshake, request
from tests.house import HERE, House, failures
from tests.web_person import WebPerson

THERE = IPv4Address("TCP", "203.0.113.5", 40_000)
PROXY = IPv4Address("TCP", "10.0.0.1", 40_000)


def trusting(*written: str, **more: float) -> House:
    """Open a house behind proxies."""
    house = House(**more)
    proxies = networks(list(written))
    house.connection_limits.proxies, house.web.routes.settings = proxies, WebSettings(proxies=proxies)
    return house


@pytest.fixture
def house():
    with failures() as broken:
        yield trusting("10.0.0.0/8", "unix")
    assert not broken, broken[0]


def outlet(house):
    [door] = house.web.connected
    return door._outlet


@pytest.mark.parametrize(
    ("peer", "ways", "address"),
    [
        (PROXY, "198.51.100.7", "198.51.100.7"),
        (PROXY, "198.51.100.7:51234", "198.51.100.7"),
        (PROXY, "2001:db8::7", "2001:db8::7"),
        (PROXY, "[2001:db8::7]:51234", "2001:db8::7"),
        (PROXY, "::ffff:198.51.100.7", "198.51.100.7"),
        (IPv6Address("TCP", "::ffff:10.0.0.1", 1), "198.51.100.7", "198.51.100.7"),
        (UNIXAddress("/run/chat"), "198.51.100.7", "198.51.100.7"),
        # Each proxy adds whom it knows; what stands before that anybody may have written.
        (PROXY, "127.0.0.1, 198.51.100.7", "198.51.100.7"),
        (PROXY, "127.0.0.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (PROXY, "10.9.9.9, 10.0.0.2", "10.9.9.9"),
        (PROXY, "198.51.100.7, nonsense, 10.0.0.2", "10.0.0.2"),
        (PROXY, "nonsense", "10.0.0.1"),
        (PROXY, "", "10.0.0.1"),
        (PROXY, None, "10.0.0.1"),
        # And these are no proxies of ours.
        (THERE, "198.51.100.7", "203.0.113.5"),
        (HERE, "198.51.100.7", "127.0.0.1"),
    ],
)
def test_a_proxy_says_for_whom_it_asks(house, peer, ways, address):
    ask(house, handshake(x_forwarded_for=ways), address=peer)

    assert outlet(house).address == address


def test_several_headers_are_one_list(house):
    data = handshake(x_forwarded_for="127.0.0.1").replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n")
    ask(house, data, address=PROXY)

    assert outlet(house).address == "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "headers", "secure"),
    [
        (PROXY, {"x_forwarded_proto": "https"}, True),
        (PROXY, {"x_forwarded_proto": "HTTPS", "x_forwarded_for": "198.51.100.7"}, True),
        (PROXY, {"x_forwarded_proto": "http"}, False),
        (PROXY, {"x_forwarded_proto": "https, http"}, False),
        (PROXY, {}, False),
        (THERE, {"x_forwarded_proto": "https"}, False),
        (HERE, {}, True),
        (UNIXAddress("/run/chat"), {}, True),
        # The last part of the way is this machine's, but the first is not.
        (UNIXAddress("/run/chat"), {"x_forwarded_for": "198.51.100.7"}, False),
        (UNIXAddress("/run/chat"), {"x_forwarded_for": "198.51.100.7", "x_forwarded_proto": "https"}, True),
    ],
)
def test_a_proxy_says_whether_others_can_read_along(house, peer, headers, secure):
    ask(house, handshake(**headers), address=peer)

    assert outlet(house).secure == secure


def test_so_passwords_are_taken_over_https_only(house):
    plain = WebPerson(house, PROXY, headers={"X-Forwarded-For": "198.51.100.7"})
    plain.joins("ann")
    plain.asks("register", password="correct horse")
    assert plain.of_type("refused")[-1]["code"] == "insecure"

    secure = WebPerson(house, PROXY, headers={"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"})
    secure.joins("bob")
    secure.asks("register", password="correct horse")
    assert secure.of_type("logged_in")


@pytest.mark.parametrize(
    ("peer", "named", "allowed"), [(PROXY, "chat.example", True), (PROXY, None, False), (THERE, "chat.example", False)]
)
def test_a_proxy_says_how_we_are_called(house, peer, named, allowed):
    data = handshake(
        host="backend:8428", origin="https://chat.example", x_forwarded_host=named, x_forwarded_for="198.51.100.7"
    )

    assert (b" 101 " in ask(house, data, address=peer).received) == allowed


def test_people_behind_a_proxy_are_counted_by_where_they_are():
    house = trusting("10.0.0.1", max_per_address=2)
    wires = [ask(house, handshake(x_forwarded_for="198.51.100.7"), address=PROXY) for _ in range(3)]
    [refused] = answers(wires[2])
    assert [b" 101 " in wire.received for wire in wires] == [True, True, False]
    assert (refused.status, refused.text) == (429, "Too many connections from your address.\n")

    # Neither other addresses nor the proxy itself.
    assert b" 101 " in ask(house, handshake(x_forwarded_for="198.51.100.8"), address=PROXY).received
    assert all(b" 200 " in ask(house, request(), address=PROXY).received for _ in range(20))

    wires[0].vanish()
    assert b" 101 " in ask(house, handshake(x_forwarded_for="198.51.100.7"), address=PROXY).received


def test_someone_who_comes_both_ways_is_counted_once_for_each():
    house = trusting("10.0.0.1", max_per_address=2)
    ask(house, handshake(), address=IPv4Address("TCP", "198.51.100.7", 1))
    ask(house, handshake(x_forwarded_for="198.51.100.7"), address=PROXY)

    assert b" 429 " in ask(house, handshake(x_forwarded_for="198.51.100.7"), address=PROXY).received


def test_an_address_is_banned_though_it_comes_through_a_proxy(house):
    boss = house.join("boss", WebPerson)
    boss.asks("join", room="games")
    ann = WebPerson(house, PROXY, headers={"X-Forwarded-For": "198.51.100.7"})
    ann.joins("ann", "games")
    boss.asks("ban", target="address:ann", room="games")
    assert ann.of_type("kicked") or ann.of_type("left")

    eve = WebPerson(house, PROXY, headers={"X-Forwarded-For": "198.51.100.7"})
    eve.joins("eve", "games")
    dora = WebPerson(house, PROXY, headers={"X-Forwarded-For": "198.51.100.8"})
    dora.joins("dora", "games")
    assert [one["code"] for one in eve.of_type("refused")] == ["banned"] and not dora.of_type("refused")


def test_what_changes_in_the_configuration_goes_for_who_comes_next():
    house = trusting(max_per_address=1)
    first = ask(house, handshake(x_forwarded_for="198.51.100.7"), address=PROXY)
    house.connection_limits.proxies = networks(["10.0.0.1"])
    house.web.routes.settings = WebSettings(proxies=house.connection_limits.proxies)
    second = ask(house, handshake(x_forwarded_for="198.51.100.7"), address=PROXY)
    assert b" 101 " in first.received and b" 101 " in second.received

    first.vanish()
    second.vanish()
    assert not house.connection_limits._all and not house.connection_limits._http
