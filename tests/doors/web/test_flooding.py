"""Endless requests: each takes a turn and is charged to its sender only."""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_network

import pytest
from twisted.internet.address import IPv4Address
from twisted.logger import formatEvent, globalLogPublisher

from chatroom.chat.fair_queue import PER_TURN
from chatroom.chat.people.budgets import LOCAL_TIMES
from chatroom.chat.policy import Policy
from chatroom.doors.front.front_door import CONNECTION_LINES
from chatroom.doors.web.http import READS_PER_REQUEST
from chatroom.doors.web.settings import WebSettings
from chatroom.doors.web.socket_routes import REQUEST_LINES
from tests.doors.turning import turn
from tests.doors.web.asking import answers, ask, handshake, request
from tests.doors.web.scripts import owner, token
from tests.house import PAGES, House, failures
from tests.wires import BUFFER, Wire

pytestmark = pytest.mark.slow

AT_ONCE = int(PER_TURN / REQUEST_LINES)
"""Answers in one turn of the reactor."""
NOTHING, HEALTH = request("/nothing"), request("/healthz")


def address(number: int = 5) -> IPv4Address:
    return IPv4Address("TCP", f"203.0.113.{number}", 40_000)


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


def burst(house: House, connections: int = 1) -> int:
    """How many requests one place may make at once, by so many connections."""
    lines = house.limits.burst * house.limits.persons_per_address
    return int((lines - connections * CONNECTION_LINES) / REQUEST_LINES)


def counted(*wires: Wire) -> int:
    return sum(wire.received.count(b"HTTP/1.1 ") for wire in wires)


# Turns.


@pytest.mark.parametrize("data", [HEALTH, NOTHING, request(method="HEAD"), request("/ws"), request("/metrics")])
def test_one_connection_is_answered_once_in_a_turn(house, data):
    wire = house.connect()
    wire.carry(data * 100)
    assert counted(wire) == 0

    for number in range(1, 21):
        turn(house)
        assert counted(wire) == number


def test_many_connections_are_answered_by_turns_and_a_few_in_each(house):
    wires = [house.connect() for _ in range(64)]
    for wire in wires:
        wire.carry(HEALTH * 100)
    before = 0
    for _ in range(40):
        turn(house)
        assert counted(*wires) == before + AT_ONCE
        before += AT_ONCE
    assert Counter(counted(wire) for wire in wires) == {40 * AT_ONCE // 64: 64}


def test_who_asks_once_has_their_turn_among_those_who_ask_for_ever(house):
    wires = [house.connect() for _ in range(64)]
    for wire in wires:
        wire.carry(HEALTH * 100)
    turn(house)
    one = house.connect(address())
    one.carry(HEALTH)
    for _ in range(64 // AT_ONCE + 1):
        turn(house)

    assert counted(one) == 1


def test_nonsense_has_its_turn_too(house):
    wires = [house.connect() for _ in range(3 * AT_ONCE)]
    for wire in wires:
        wire.carry(b"GET /\r\n\r\n")
    turn(house)
    assert counted(*wires) == AT_ONCE


def test_what_waits_for_its_turn_is_held_in_bounds(house):
    wire = house.connect()
    wire.carry(HEALTH * 10_000)
    assert wire.producerState == "paused" and wire.protocol._door._exchange.held <= BUFFER

    house.settle()
    assert counted(wire) >= 10_000 and not wire.cut


# Budgets.


def test_a_place_is_answered_as_often_as_it_may_ask(house):
    wire = house.connect(address())
    wire.carry(NOTHING * 10_000)
    house.settle()
    at_once = counted(wire)
    assert abs(at_once - burst(house)) <= 2

    house.advance(10)
    a_second = house.limits.rate * house.limits.persons_per_address / REQUEST_LINES
    assert abs(counted(wire) - at_once - 10 * a_second) <= 2


@pytest.mark.parametrize(
    "data", [HEALTH, NOTHING, b"GET /\r\n\r\n", request(version="9"), request("/ws"), handshake()]
)
def test_coming_again_does_not_help(house, data):
    wires = [ask(house, data, address=address()) for _ in range(burst(house) + 500)]

    lines = house.limits.burst * house.limits.persons_per_address
    assert abs(counted(*wires) - lines / (REQUEST_LINES + CONNECTION_LINES)) <= 2


def test_nor_do_many_connections(house):
    wires = [house.connect(address()) for _ in range(50)]
    for wire in wires:
        wire.carry(NOTHING * 200)
    house.settle()

    assert abs(counted(*wires) - burst(house, 50)) <= 2


def test_who_gave_up_waiting_has_cost_the_place_nothing(house):
    """Or a place could be brought into debt for hours by who connects, asks and goes."""
    wire = house.connect(address())
    wire.carry(NOTHING * (burst(house) + 10))
    house.settle()
    for _ in range(3000):
        other = house.connect(address())
        other.carry(NOTHING)
        other.vanish()

    house.advance(2)
    assert counted(wire) == burst(house) + 10 and counted(ask(house, HEALTH, address=address())) == 1


def test_the_log_tells_of_a_place_that_is_slowed_once_a_minute(house):
    lines = []

    def observe(event):
        lines.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    try:
        for _ in range(2):
            wire = house.connect(address())
            wire.carry(NOTHING * 5000)
            house.settle()
            wire.vanish()
            house.advance(40)
    finally:
        globalLogPublisher.removeObserver(observe)
    assert lines == ["Slowed 203.0.113.5: its budget is used up."]
    assert house.hub.core.budgets.rests["place"] > 0


def test_another_place_does_not_pay_for_it(house):
    wire = house.connect(address())
    wire.carry(NOTHING * 10_000)
    house.settle()

    assert counted(ask(house, HEALTH, address=address(6))) == 1


def test_bytes_are_paid_for_too(house):
    """A head may have eight kilobytes, and a place so many in a second."""
    wire = house.connect(address())
    long = request("/nothing", cookie="y" * 8000)
    wire.carry(long * 500)
    house.settle()

    assert abs(counted(wire) * len(long) - house.limits.byte_burst * house.limits.persons_per_address) <= 2 * len(long)


@pytest.mark.parametrize("path", ["/rooms/lobby/messages", "/hooks/TOKEN"])
def test_bodies_are_paid_for_even_if_nothing_is_said(house, path):
    house.hub.set_policy(Policy(limits=house.limits, plain_login=True))
    secret = token(owner(house))
    body = b" " * 60_000
    given = {"authorization": f"Bearer {secret}", "content_length": str(len(body))}
    wire = house.connect(address())
    wire.carry((request(path.replace("TOKEN", secret), "POST", **given) + body) * 100)
    house.advance(5)

    place = house.limits.persons_per_address
    expected = place * (house.limits.byte_burst + 5 * house.limits.byte_rate) / len(body)
    found = answers(wire)
    assert {one.status for one in found} == {400} and len(found) == pytest.approx(expected, abs=3)


def test_a_byte_at_a_time_costs_more_than_a_byte(house):
    """Each takes a call of the kernel and a turn of the reactor."""
    wire, sent = house.connect(address()), 0
    while wire.producerState != "paused":
        if sent % 8000 == 0:
            wire.vanish()
            wire = house.connect(address())
        wire.carry(b"x")
        sent += 1
    assert sent <= READS_PER_REQUEST * (burst(house) + 1)


def test_who_has_to_wait_is_not_said_to_have_been_slow(house):
    wire = house.connect(address())
    wire.carry(NOTHING * burst(house) + b"GET /healthz HTTP/1.1\r\n")
    house.settle()
    for _ in range(50):
        other = house.connect(address())
        other.carry(NOTHING * 200)
    house.settle()
    wire.carry(b"x: " + b"y" * 1000 + b"\r\nhost: here\r\n\r\n")
    house.advance(300)

    assert b" 408 " not in wire.received and answers(wire)[-1].text == "ok\n"


def test_who_has_gone_meanwhile_is_waited_for_no_more(house):
    wire = house.connect(address())
    wire.carry(NOTHING * 5000)
    house.settle()
    wire.vanish()
    house.settle()

    assert [call for call in house.clock.getDelayedCalls() if call.active()] == []


def test_who_sends_no_more_is_answered_when_they_may_be(house):
    wire = house.connect(address())
    wire.carry(NOTHING * (burst(house) + 100))
    wire.half_close()
    house.settle()
    assert not wire.cut
    house.advance(5)

    assert wire.cut and counted(wire) == burst(house) + 100


def test_without_a_rate_everything_is_answered():
    house = House(rate=0)
    wire = house.connect(address())
    wire.carry(NOTHING * 5000)
    house.settle()

    assert counted(wire) == 5000


def test_a_request_that_finds_a_bug_ends_its_connection_and_no_other():
    house = House()
    wires = [house.connect() for _ in range(5)]
    for wire in wires:
        wire.carry(request("/main.js") + HEALTH)
    house.web.routes._pages = None
    with failures() as broken:
        house.settle()
    house.web.routes._pages = PAGES

    assert len(broken) == 5 and all(wire.cut and counted(wire) == 0 for wire in wires)
    assert counted(ask(house, HEALTH)) == 1


def test_to_connect_is_paid_for_and_waited_for(house):
    """However often that is, and though nothing is ever sent."""
    at_once = int(house.limits.burst * house.limits.persons_per_address / CONNECTION_LINES)
    for _ in range(at_once + 100):
        house.connect(address()).vanish()
    late = house.connect(address())
    late.carry(b"ann\n")
    assert late.producerState == "paused"
    assert house.connect(address(6)).producerState == "producing"

    house.advance(1)
    assert b"-- Welcome, ann." in late.received


def test_who_waits_to_be_let_in_is_greeted_when_they_are(house):
    while (late := house.connect(address())).producerState == "producing":
        late.vanish()
    house.settle()
    assert late.received == b""

    house.advance(2)
    assert b"What is your nick?" in late.received


# Browsers.


def test_a_class_of_browsers_behind_one_address_is_not_slowed(house):
    """Each has six connections, and asks for all files of the page over them."""
    paths = [request(f"/{name}", accept_encoding="gzip", user_agent="x" * 100, cookie="y" * 300) for name in PAGES]
    wires = []
    for _ in range(16):
        mine = [house.connect(address()) for _ in range(6)]
        for number, path in enumerate(paths):
            mine[number % 6].carry(path)
            house.settle()
        wires += mine
        people = ask(house, handshake(), address=address())
        assert b" 101 " in people.received

    assert counted(*wires) == 16 * len(paths) and house.hub.core.budgets.rests["place"] == 0


# Proxies.


@pytest.fixture
def behind(house):
    house.connection_limits.proxies = [ip_network("127.0.0.0/8")]
    house.web.routes.settings = WebSettings(proxies=house.connection_limits.proxies)
    return house


def test_who_asks_too_much_through_a_proxy_is_refused_and_nobody_else(behind):
    wire = behind.connect()
    mine, theirs = (request("/healthz", x_forwarded_for=f"203.0.113.{number}") for number in (5, 6))
    for _ in range(burst(behind, 0) // 100 + 2):
        wire.carry(mine * 100)
        wire.carry(theirs)
        behind.settle()

    statuses = Counter(one.status for one in answers(wire))
    assert statuses[200] == pytest.approx(burst(behind, 0) + burst(behind, 0) // 100 + 2, abs=3)
    assert statuses[429] > 100
    last = answers(wire)[-2:]
    assert [one.status for one in last] == [429, 200]
    assert last[0].text == "Too many requests; ask again in 1 second.\n" and last[0].headers["retry-after"] == "1"
    assert (
        behind.hub.core.budgets.place("127.0.0.1").lines.level
        == behind.limits.burst * behind.limits.persons_per_address * LOCAL_TIMES
    )


def test_refusals_cost_the_place_nothing_more(behind):
    """Or who goes on asking would never be answered again."""
    wire = behind.connect()
    wire.carry(request("/healthz", x_forwarded_for="203.0.113.5") * (burst(behind, 0) + 1000))
    behind.settle()
    behind.advance(1)

    again = ask(behind, request("/healthz", x_forwarded_for="203.0.113.5"))
    assert [one.status for one in answers(again)] == [200]


def test_a_proxy_that_asks_for_itself_is_somebody_too(behind):
    wire = ask(behind, HEALTH * 10)

    assert counted(wire) == 10
    spent = (
        behind.limits.burst * behind.limits.persons_per_address * LOCAL_TIMES
        - behind.hub.core.budgets.place("127.0.0.1").lines.level
    )
    assert spent == 10 * REQUEST_LINES


def test_chats_through_a_proxy_are_refused_as_well(behind):
    wire = behind.connect()
    wire.carry(request("/healthz", x_forwarded_for="203.0.113.5") * (burst(behind, 0) + 10))
    behind.settle()

    assert answers(ask(behind, handshake(x_forwarded_for="203.0.113.5")))[0].status == 429
    assert b" 101 " in ask(behind, handshake(x_forwarded_for="203.0.113.6")).received
