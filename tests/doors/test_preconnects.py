"""Preconnects: browsers' speculative connections are not greeted, which would break the page."""

from __future__ import annotations

import pytest
from OpenSSL import SSL
from twisted.internet.address import IPv4Address, UNIXAddress

from chatroom.doors.front.front_door import SILENCE_TIMEOUT
from chatroom.doors.front.preconnects import LOCAL_MEMORY_TIMEOUT, MAX_ADDRESSES, MEMORY_TIMEOUT, PRECONNECT_TIMEOUT
from tests.doors.web.asking import answers, ask, request
from tests.house import HERE, House, failures
from tests.wires import SecureWire

THERE = IPv4Address("TCP", "203.0.113.5", 40_000)
GREETING = b"-- Welcome to chatroom 1.2. What is your nick?\n"


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


@pytest.mark.parametrize("address", [HERE, THERE])
def test_where_a_browser_is_a_connection_without_a_word_is_left_alone_for_a_while(house, address):
    wire = house.connect(address)
    ask(house, request(), address=address)
    house.clock.pump([0.25] * int(4 * (PRECONNECT_TIMEOUT - 1)))
    assert wire.received == b""

    wire.carry(request())
    house.settle()
    assert [one.status for one in answers(wire)] == [200]


def test_a_person_who_waits_long_enough_is_greeted_all_the_same(house):
    ask(house, request())
    wire = house.connect()
    house.clock.pump([0.25] * int(4 * PRECONNECT_TIMEOUT + 1))

    assert wire.received == GREETING


def test_a_person_who_says_something_is_greeted_at_once(house):
    ask(house, request())
    wire = house.connect()
    house.clock.advance(SILENCE_TIMEOUT)
    wire.carry(b"ann\n")
    house.settle()

    assert wire.received.startswith(GREETING + b"-- Welcome, ann.")


def test_over_tls_browsers_say_that_they_are_some(house):
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_NONE)
    context.set_alpn_protos([b"h2", b"http/1.1"])
    wire = house.connect(THERE, lambda clock, address: SecureWire(clock, address, context))
    house.advance(15)
    assert wire.received == b""

    wire.carry(request())
    house.advance(1)
    assert [one.status for one in answers(wire)] == [200]


@pytest.mark.parametrize(("address", "lately"), [(HERE, LOCAL_MEMORY_TIMEOUT), (THERE, MEMORY_TIMEOUT)])
def test_it_is_forgotten(house, address, lately):
    ask(house, request(), address=address)
    house.clock.advance(lately)
    wire = house.connect(address)
    house.clock.advance(SILENCE_TIMEOUT)

    assert wire.received == GREETING


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        (request("/healthz"), HERE),
        (request("/metrics"), HERE),
        (request("/nothing"), HERE),
        (request(), THERE),
        (request(), UNIXAddress("/run/chat")),
    ],
)
def test_what_is_no_browser_here_delays_nobody(house, asked, at):
    ask(house, asked, address=at)
    wire = house.connect()
    house.clock.advance(SILENCE_TIMEOUT)

    assert wire.received == GREETING


def test_whoever_vanishes_meanwhile_leaves_nothing_behind(house):
    ask(house, request()).vanish()
    wire = house.connect()
    house.clock.advance(SILENCE_TIMEOUT)
    wire.vanish()

    assert [call for call in house.clock.getDelayedCalls() if call.active()] == []


def test_so_many_are_remembered_and_no_more(house):
    browsers = house.preconnects
    for n in range(MAX_ADDRESSES + 1):
        browsers.note(f"{n}")
        browsers.note("often")

    assert len(browsers._heard) == MAX_ADDRESSES
    assert (
        not browsers.expected("0", False)
        and browsers.expected("often", False)
        and browsers.expected(f"{MAX_ADDRESSES}", False)
    )
