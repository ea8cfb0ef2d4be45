"""Requests over HTTP: whole and in pieces, too long, too slow, too many, and nonsense."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import ISSLTransport, ITCPTransport
from zope.interface import alsoProvides

from chatroom.doors.web.http_connections import IDLE_TIMEOUT, PART_TIMEOUT, READ_TIMEOUT, REQUEST_TIMEOUT
from chatroom.doors.web.http_output import MAX_PASSED_OVER
from chatroom.doors.web.request_heads import MAX_HEAD, MAX_HEAD_LINES
from tests.doors.web.asking import answer, answers, ask, handshake, request
from tests.house import House, failures
from tests.wires import BUFFER

PAGE = "/index.html"


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


def test_several_requests_are_answered_on_one_connection(house):
    wire = ask(house, request("/"), request("/nothing"), request(PAGE))

    assert [one.status for one in answers(wire)] == [200, 404, 200] and not wire.cut


def test_requests_that_come_together_are_answered_in_their_order(house):
    wire = ask(house, request("/") + request("/nothing") + request("/healthz"))

    assert [one.status for one in answers(wire)] == [200, 404, 200]


@settings(max_examples=60)
@given(st.lists(st.integers(1, 400), max_size=20))
def test_it_does_not_matter_how_a_request_is_cut(places):
    house = House()
    data = request("/nothing") + request("/healthz", "HEAD") + handshake()
    edges = [0, *sorted({place % len(data) for place in places}), len(data)]
    wire = ask(house, *(data[start:end] for start, end in pairwise(edges)))

    assert bytes(wire.received).count(b"HTTP/1.1 ") == 3 and b" 101 " in wire.received


@pytest.mark.parametrize(
    ("version", "connection", "stays"),
    [("1.1", None, True), ("1.1", "close", False), ("1.0", None, False)],
)
def test_the_connection_stays_unless_it_was_asked_to_close(house, version, connection, stays):
    wire = ask(house, request("/healthz", version=version, connection=connection))

    assert wire.received.endswith(b"\r\n\r\nok\n") and wire.cut != stays


def test_a_whole_address_can_be_asked_for(house):
    """RFC 9112, section 3.2.2."""
    assert answer(house, "http://chat.example:2428/healthz?x=1").text == "ok\n"


def test_of_what_is_asked_behind_the_path_nothing_is_read(house):
    assert answer(house, "/healthz?a=b/c").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"])
@pytest.mark.parametrize("path", ["/", "/ws", "/metrics", "/nothing"])
def test_nothing_can_be_changed_over_http(house, method, path):
    answered = answer(house, path, method)

    assert answered.status == 405 and answered.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/metrics"])
def test_who_asks_for_the_head_only_gets_no_body(house, path):
    """RFC 9110, section 9.3.2."""
    whole, head = answer(house, path), answer(house, path, "HEAD")

    sizes = [int(one.headers.pop("content-length")) for one in (whole, head)]
    assert head.body == b"" and (whole.status, whole.headers) == (head.status, head.headers)
    assert path == "/metrics" or sizes[0] == sizes[1]


# Too long.


@pytest.mark.parametrize("size", [MAX_HEAD, 20_000, 60_000])
@pytest.mark.parametrize("pieces", [1, 7])
@pytest.mark.parametrize("where", ["path", "header", "headers"])
def test_a_head_that_is_too_long_is_refused(house, size, pieces, where):
    given = {
        "path": request("/" + "x" * size),
        "header": request("/", cookie="x" * size),
        "headers": request("/", **{f"x{n}": "y" * 20 for n in range(size // 20)}),
    }[where]
    step = len(given) // pieces + 1

    wire = ask(house, *(given[n : n + step] for n in range(0, len(given), step)))

    [answered] = answers(wire)
    assert (answered.status, answered.text) == (431, "That request is too long.\n") and wire.cut


def test_a_head_without_end_is_held_no_longer_than_it_may_be(house):
    wire = ask(house, b"GET / HTTP/1.1\r\nx: ")
    for _ in range(100):
        wire.carry(b"x" * 1000)
    house.settle()

    assert wire.cut and not house.web.http.all


def test_headers_of_a_browser_are_not_too_long(house):
    assert answer(house, cookie="x" * 4000, user_agent="y" * 1000).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
@pytest.mark.parametrize("form", [{"content_length": "5"}, {"transfer_encoding": "chunked"}])
def test_a_request_with_a_body_is_refused_when_its_head_has_come(house, method, form):
    wire = ask(house, request("/healthz", method, **form))

    assert [one.status for one in answers(wire, method)] == [413] and wire.cut


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_body_of_nothing_is_none(house, method):
    wire = ask(house, request("/", method, content_length="0") + request("/healthz"))

    assert [one.status for one in answers(wire)] == [200 if method == "GET" else 405, 200]


def test_of_a_body_nothing_is_parsed(house):
    """A chunk of one byte takes ten times as long as a byte."""
    wire = house.connect()
    wire.loseWriteConnection = lambda: None
    alsoProvides(wire, ITCPTransport)
    wire.carry(request("/", "POST", transfer_encoding="chunked"))
    house.settle()
    parser = wire.protocol._door._exchange._http
    wire.carry(b"1\r\nx\r\n" * 10_000)

    assert not wire.unread and parser.trailing_data == (b"", False) and not wire.cut


def test_what_follows_a_refusal_is_not_passed_over_for_ever(house):
    wire = house.connect()
    wire.loseWriteConnection = lambda: None
    alsoProvides(wire, ITCPTransport)
    wire.carry(request("/", "POST", content_length="1000000000"))
    house.settle()
    wire.carry(b"x" * MAX_PASSED_OVER)
    assert not wire.cut

    wire.carry(b"x")
    assert wire.cut


def test_who_asks_whether_to_send_a_body_is_told_not_to(house):
    """RFC 9110, section 10.1.1."""
    wire = ask(house, request("/", "POST", content_length="5", expect="100-continue"))

    assert [one.status for one in answers(wire)] == [417] and wire.cut


@pytest.mark.parametrize(
    "data",
    [
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET  / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n",
        b"GET \xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / nothing\r\nlike that at all\r\n\r\n",
    ],
)
def test_nonsense_is_refused_and_closed(house, data):
    wire = ask(house, data)

    [answered] = answers(wire) or [None]
    assert wire.cut and answered.status in (400, 501)
    assert answered.text == "That is not a valid request.\n"


@pytest.mark.parametrize("between", [b"\r\n", b"\n"])
@pytest.mark.parametrize("size", [1, 1000])
def test_an_empty_line_before_a_request_is_skipped(house, between, size):
    """RFC 9112, section 2.2."""
    data = request("/healthz") + between + request("/nothing") + between
    wire = ask(house, *(data[start : start + size] for start in range(0, len(data), size)))
    assert [one.status for one in answers(wire)] == [200, 404] and not wire.cut

    house.advance(REQUEST_TIMEOUT)
    assert wire.cut and len(answers(wire)) == 2


@pytest.mark.parametrize("line", [b"\n\n", b"\r\n\r\n", b"\rx", b"\r\r\n"])
def test_anything_else_before_a_request_is_nonsense(house, line):
    wire = ask(house, request("/healthz") + line + request("/healthz"))

    assert [one.status for one in answers(wire)] == [200, 400] and wire.cut


def test_another_version_is_refused(house):
    wire = ask(house, request(version="2.0"))

    assert [one.status for one in answers(wire)] == [505] and wire.cut


def test_a_head_of_very_many_lines_is_refused(house):
    few, many = ({f"x{n}": "y" for n in range(count)} for count in (MAX_HEAD_LINES - 3, MAX_HEAD_LINES - 2))

    assert [answer(house, **headers).status for headers in (few, many)] == [200, 431]


# Too slow.


def test_a_head_that_does_not_end_in_time_is_refused(house):
    wire = ask(house, b"GET / HTTP/1.1\r\n")
    for _ in range(int(REQUEST_TIMEOUT) - 1):
        house.advance(1)
        wire.carry(b"x: y\r\n")
    assert wire.received == b""

    house.advance(1)
    [answered] = answers(wire)
    assert (answered.status, answered.text) == (408, "A request must arrive within 20 seconds.\n") and wire.cut


def test_who_asks_for_nothing_more_is_sent_away_soon(house):
    wire = ask(house, request())
    house.advance(IDLE_TIMEOUT - 0.5)
    assert not wire.cut

    wire.carry(request("/healthz"))
    house.settle()
    house.advance(IDLE_TIMEOUT - 0.5)
    assert not wire.cut

    house.advance(1)
    assert wire.cut and [one.status for one in answers(wire)] == [200, 200]


def test_the_next_request_has_its_own_time(house):
    wire = ask(house, request(), b"GET /healthz ")
    house.advance(REQUEST_TIMEOUT - 1)
    wire.carry(b"HTTP/1.1\r\nhost: x\r\n\r\n")
    house.settle()

    assert [one.status for one in answers(wire)] == [200, 200]


def test_there_is_one_timer_for_all(house):
    for _ in range(50):
        ask(house, b"GET / ")
        ask(house, request())

    # One for those who ask, one for those who do not.
    assert len([call for call in house.clock.getDelayedCalls() if call.active()]) == 2


def test_the_clock_is_left_alone_when_everybody_has_gone(house):
    ask(house, b"GET / ").vanish()
    ask(house, request()).vanish()
    ask(house, handshake()).vanish()
    wire = ask(house, b"GET / HTTP/9\r\n\r\n")
    house.settle()

    assert wire.cut and not house.web.http.all and not house.web.connected
    assert [call for call in house.clock.getDelayedCalls() if call.active()] == []


# Too much.


def test_who_reads_nothing_is_not_answered_any_more(house):
    """A crowd of requests in one piece makes no crowd of answers in memory."""
    wire = house.connect()
    wire.stall()
    wire.carry(request("/metrics") * 700)
    house.settle()
    assert len(wire.held) < BUFFER + 10_000

    wire.drain()
    house.settle()
    assert len(answers(wire)) == 700 and not wire.cut


def test_who_never_reads_the_answer_is_hung_up_on(house):
    wire = house.connect()
    wire.stall()
    wire.carry(request("/metrics") * 700)
    house.advance(READ_TIMEOUT - 1)
    assert not wire.cut

    house.advance(2)
    assert wire.cut


def test_who_reads_the_answers_slowly_is_waited_for(house):
    wire = house.connect()
    wire.stall()
    wire.carry(request("/metrics") * 700)
    for _ in range(10):
        house.advance(READ_TIMEOUT - 1)
        wire.take(1000)
    assert not wire.cut

    house.advance(READ_TIMEOUT * 5 / 4 + 1)
    assert wire.cut


def test_so_is_who_reads_the_last_one_slowly(house):
    wire = house.connect()
    wire.stall()
    wire.carry(request(connection="close"))
    house.settle()
    for _ in range(5):
        house.advance(READ_TIMEOUT - 1)
        wire.take(100)
    assert not wire.cut

    wire.drain()
    house.settle()
    assert wire.cut and len(answers(wire)) == 1


def test_who_does_not_read_the_last_answer_is_hung_up_on_too(house):
    wire = house.connect()
    wire.stall()
    wire.carry(request("/metrics", connection="close"))
    house.settle()
    assert wire.disconnecting and not wire.cut

    house.advance(READ_TIMEOUT + 1)
    assert wire.cut


# Going.


def test_who_sends_no_more_is_answered_and_let_go(house):
    wire = house.connect()
    wire.carry(request("/healthz") + request("/healthz"))
    wire.half_close()
    house.settle()

    assert [one.text for one in answers(wire)] == ["ok\n", "ok\n"] and wire.cut


@pytest.mark.parametrize("part", [b"GET / HT", request()[:-1]])
def test_half_a_request_is_no_request(house, part):
    wire = house.connect()
    wire.carry(part)
    wire.half_close()
    house.settle()

    assert wire.cut and wire.received == b""


def test_a_refusal_arrives_though_more_is_being_sent(house):
    """Closing a socket with unread input makes TCP discard the response."""
    wire = house.connect()
    ends = []
    wire.loseWriteConnection = lambda: ends.append(bytes(wire.received))
    alsoProvides(wire, ITCPTransport)
    wire.carry(b"GET / HTTP/1.1\r\n" + b"x" * 10_000)
    wire.carry(b"x" * 100_000)
    house.settle()
    assert len(ends) == 1 and b" 431 " in ends[0] and not wire.cut and not wire.unread

    wire.half_close()
    house.settle()
    assert wire.cut and len(answers(wire)) == 1


def test_who_does_not_see_a_refusal_is_hung_up_on(house):
    wire = house.connect()
    wire.loseWriteConnection = lambda: None
    alsoProvides(wire, ITCPTransport)
    wire.carry(b"GET / HTTP/1.1\r\n" + b"x" * 10_000)
    wire.protocol.writeConnectionLost()
    house.advance(PART_TIMEOUT - 1)
    assert not wire.cut

    house.advance(2)
    assert wire.cut


def test_over_tls_there_is_no_closing_by_halves(house):
    wire = house.connect()
    alsoProvides(wire, ITCPTransport, ISSLTransport)
    wire.carry(b"GET / HTTP/1.1\r\n" + b"x" * 10_000)
    house.settle()

    assert wire.cut and len(answers(wire)) == 1


def test_when_the_server_stops_nobody_is_waited_for_who_only_asked(house):
    asking, idle = ask(house, b"GET / "), ask(house, request())
    stopped = house.web.all_gone()
    house.settle()

    assert stopped.called and asking.cut and idle.cut


# A port for the web alone.


@pytest.fixture
def web_only(house):
    house.front = house.assembly(None).single_door(house.web)
    return house


def test_whoever_says_nothing_there_is_not_greeted_but_let_go_in_time(web_only):
    wire = web_only.connect()
    web_only.advance(REQUEST_TIMEOUT - 1)
    assert not wire.cut and wire.received == b""

    web_only.advance(2)
    assert wire.cut and wire.received == b""


@pytest.mark.parametrize("data", [b"ann\nhello\n\n", b'{"type":"hello"}\n\n', b"\xff\xfb\x01\r\n\r\n"])
def test_nothing_but_http_is_spoken_there(web_only, data):
    wire = ask(web_only, data)

    assert [one.status for one in answers(wire)] == [400] and wire.cut


def test_a_connection_too_many_is_refused_there_in_http():
    house = House(max_per_address=1)
    house.front = house.assembly(None).single_door(house.web)
    wires = [ask(house, handshake(), address=THERE) for _ in range(2)]

    assert b" 101 " in wires[0].received
    [refused] = answers(wires[1])
    assert (refused.status, refused.text) == (429, "Too many connections from your address.\n")


# Connections per address.

THERE = IPv4Address("TCP", "203.0.113.5", 40_000)


def test_connections_that_only_ask_leave_room_for_people():
    house = House(max_per_address=2)
    wires = [ask(house, request(), address=THERE) for _ in range(6)]
    line = house.connect(THERE)
    house.advance(12)

    assert b"What is your nick?" in line.received
    assert all(len(answers(wire)) == 1 for wire in wires)


def test_but_there_is_a_bound_to_them_too():
    house = House(max_per_address=2)
    wires = [ask(house, request(), address=THERE) for _ in range(9)]

    assert [b"Too many connections" in wire.received for wire in wires] == [False] * 8 + [True]
    wires[0].vanish()
    assert answers(ask(house, request(), address=THERE))


def test_who_chats_over_websocket_is_one_of_the_people():
    house = House(max_per_address=2)
    asking = [ask(house, handshake(), address=THERE) for _ in range(2)]
    refused = house.connect(THERE)
    house.settle()
    assert b"Too many" in refused.received

    asking[0].vanish()
    assert b" 101 " in ask(house, handshake(), address=THERE).received


def test_who_already_asks_when_enough_people_are_there_can_only_ask():
    house = House(max_per_address=1)
    wire = ask(house, request(), address=THERE)
    ask(house, handshake(), address=THERE)
    wire.carry(handshake())
    house.settle()

    assert [one.status for one in answers(wire)] == [200, 429]
