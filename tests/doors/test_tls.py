"""The TLS door: limits before the handshake, and behaviour after it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from OpenSSL import SSL
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.logger import formatEvent, globalLogPublisher

from chatroom.chat.hub import LAST_LINES
from chatroom.doors.factory import NAME_TIMEOUT
from chatroom.doors.front.front_door import SILENCE_TIMEOUT, FrontDoor
from chatroom.doors.front.tls import MAX_HANDSHAKE
from chatroom.tls.pair import read_pair
from tests.certificates import made
from tests.house import ClientPerson, House, JsonPerson, LinePerson, failures, over_tls
from tests.wires import SecureWire

SecureLine, SecureJson = over_tls(LinePerson), over_tls(JsonPerson)
THERE = IPv4Address("TCP", "203.0.113.5", 40_000)
ALERT = b"\x15\x03"


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


@pytest.fixture
def logged():
    lines: list[str] = []

    def observe(event):
        if event.get("log_namespace") == "chatroom":
            lines.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


def knocks(house, context=None, address=THERE):
    """Connect a person over TLS."""
    return house.connect(address, lambda clock, address: SecureWire(clock, address, context))


def asking(**settings):
    """How a client speaks TLS that is not like the others."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_NONE)
    for name, value in settings.items():
        getattr(context, name)(value)
    return context


# The languages inside.


def test_inside_whoever_is_silent_is_greeted(house):
    wire = knocks(house)
    house.clock.advance(SILENCE_TIMEOUT - 0.01)
    assert wire.received == b""

    house.clock.advance(0.02)
    assert wire.received == b"-- Welcome to chatroom 1.2. What is your nick?\n"


@pytest.mark.parametrize(
    ("opening", "answer"),
    [
        (b"ann\n", b"-- Welcome to chatroom 1.2. What is your nick?\n-- Welcome, ann."),
        (b'{"type":"hello","nick":"ann"}\n', b'{"type":"welcome","nick":"ann",'),
        (b"\xff\xfd\x01ann\r\n", b"-- Welcome to chatroom 1.2. What is your nick?\n"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK\r\n"),
        (b"SSH-2.0-x\r\n", b"SSH-2.0-chatroom\r\n"),
        (b"\x16\x03\x01\x02\x00\x01", b"!! TLS is not supported here yet."),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_inside_the_table_of_languages_begins_anew(house, opening, answer, size):
    wire = knocks(house)
    for n in range(0, len(opening), size):
        wire.carry(opening[n : n + size])
        house.settle()

    assert wire.received.startswith(answer)


def test_a_browser_is_told_that_http_is_spoken(house):
    wire = knocks(house, asking(set_alpn_protos=[b"h2", b"http/1.1"]))

    assert wire.tls.get_alpn_proto_negotiated() == b"http/1.1"


def test_a_browser_puts_off_nobodys_greeting(house):
    """Those that it has opened in advance are known to be its own."""
    browser, idle = (knocks(house, asking(set_alpn_protos=[b"http/1.1"])) for _ in range(2))
    browser.carry(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    person = knocks(house)
    house.clock.advance(SILENCE_TIMEOUT)

    assert b"What is your nick?" in person.received
    assert browser.received.startswith(b"HTTP/1.1 200 OK\r\n") and idle.received == b""


def test_who_wants_to_speak_something_else_is_let_in_all_the_same(house):
    wire = knocks(house, asking(set_alpn_protos=[b"irc"]))
    house.clock.advance(SILENCE_TIMEOUT)

    assert wire.tls.get_alpn_proto_negotiated() == b"" and b"What is your nick?" in wire.received


def test_nobody_on_the_way_can_read_along_so_passwords_are_taken(house):
    ann = SecureLine(house, THERE)
    ann.joins("ann")

    ann.types("/register correct-horse", "/logout", "/login correct-horse")

    assert not ann.heard_of("!! ") and ann.heard_of("Logged in as ann")


@pytest.mark.parametrize("version", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION])
def test_both_versions_that_are_still_thought_safe_are_spoken(house, version):
    wire = knocks(house, asking(set_min_proto_version=version, set_max_proto_version=version))
    wire.carry(b"ann\nexit\n")
    house.settle()

    assert wire.received.endswith(b"-- Goodbye.\n") and wire.cut


def test_a_connection_counts_once(house):
    house.connection_limits.max_per_address = 2
    first, second = knocks(house), knocks(house)

    assert not isinstance(house.connect(THERE).protocol, FrontDoor)
    first.vanish()
    assert isinstance(knocks(house).protocol, FrontDoor)
    assert not second.cut


def test_whoever_comes_is_shown_the_newest_certificate_and_whoever_is_there_stays(house, tmp_path):
    new = made("new.example")
    ann = house.join("ann", SecureLine)

    house.shown.context = read_pair(*new.write(tmp_path)).context
    bob = house.join("bob", SecureJson)
    bob.types("hello")

    assert ann.heard("<bob> hello") and not ann.gone
    shown = [person.wire.tls.get_peer_certificate(as_cryptography=True) for person in (ann, bob)]
    assert shown[0] != new.certificate and shown[1] == new.certificate


# Strangers.


def hello(length=0, version=b"\x03\x03"):
    """The first bytes of a client that offers *version* at most, as a record with so many bytes of a handshake."""
    body = version + bytes(32) + b"\0" + b"\0\x04\xc0\x2b\xc0\x2f" + b"\x01\0"
    body += bytes(length - len(body) - 4) if length > len(body) + 4 else b""
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    pieces = [handshake[n : n + 16_384] for n in range(0, len(handshake), 16_384)]
    return b"".join(b"\x16\x03\x01" + len(piece).to_bytes(2, "big") + piece for piece in pieces)


def test_a_handshake_may_come_byte_by_byte(house):
    wire = house.connect(THERE, Slowly)
    wire.carry(b"ann\nexit\n")
    house.advance(2)

    assert b"-- Welcome, ann." in wire.received and wire.cut


class Slowly(SecureWire):
    """Sends one byte at a time."""

    def carry_raw(self, data):
        for n in range(len(data)):
            super().carry_raw(data[n : n + 1])


@pytest.mark.parametrize("opening", [b"\x16\x03", b"\x16\x03\x01\x02\x00\x01", hello()[:-1]])
def test_who_does_not_finish_the_handshake_is_hung_up_on(house, logged, opening):
    wire = house.connect(THERE)
    wire.carry(opening)
    house.advance(NAME_TIMEOUT - 1)
    assert not wire.cut and wire.received == b""

    house.advance(2)
    assert wire.cut and logged == ["Disconnected a client that did not finish the TLS handshake."]
    assert house.clock.getDelayedCalls() == []


def test_who_vanishes_in_the_handshake_leaves_nothing_behind(house, logged):
    for end in ("vanish", "half_close"):
        wire = house.connect(THERE)
        wire.carry(hello()[:50])
        getattr(wire, end)()
        house.advance(1)
        assert wire.cut
    assert house.clock.getDelayedCalls() == [] and not house.connection_limits._all


def test_who_finishes_the_handshake_and_says_nothing_is_nameless_like_anyone(house):
    wire = knocks(house)
    house.advance(SILENCE_TIMEOUT)
    house.advance(NAME_TIMEOUT + 1)

    assert b"-- You gave no nick within 60 seconds. Goodbye." in wire.received and wire.cut


@pytest.mark.parametrize(
    ("opening", "why"),
    [
        (b"\x16\x03\x01\x00\x05hello", "unexpected message"),
        (b"\x16\x03hello there, this is no TLS at all", "data length too long"),
        (hello(version=b"\x03\x01"), "unsupported protocol"),
        (hello(version=b"\x03\x02"), "unsupported protocol"),
    ],
    ids=["garbage", "no record", "TLS 1.0", "TLS 1.1"],
)
def test_what_is_no_handshake_of_ours_is_refused_at_once_and_the_log_tells_why(house, logged, opening, why):
    wire = house.connect(THERE)
    wire.carry(opening)
    house.settle()

    assert wire.cut and wire.received.startswith(ALERT)
    assert logged == [f"A TLS handshake failed: {why}."]


def test_a_client_that_offers_old_ciphers_only_is_refused(house, logged):
    settings = {
        "set_max_proto_version": SSL.TLS1_2_VERSION,
        "set_cipher_list": b"ECDHE-ECDSA-AES128-SHA256:AES128-SHA",
    }
    wire = knocks(house, asking(**settings))

    assert wire.cut and wire.refusal and logged == ["A TLS handshake failed: no shared cipher."]


def test_a_client_that_does_not_trust_us_is_told_of_in_the_log(house, logged):
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_PEER)
    wire = knocks(house, context)

    assert wire.cut and len(logged) == 1 and "unknown ca" in logged[0]


def test_a_hello_without_end_is_not_kept(house, logged):
    wire = house.connect(THERE)
    opening = hello(100_000)

    wire.carry(opening[: MAX_HANDSHAKE - 100])
    assert not wire.cut
    wire.carry(opening[MAX_HANDSHAKE - 100 : MAX_HANDSHAKE + 100])
    house.settle()

    assert wire.cut and wire.received == b""


def test_what_comes_right_behind_a_handshake_is_no_part_of_it(house):
    wire = knocks(house)
    carol = house.join("carol")

    wire.carry(b"ann\n" + b"".join(b"%d %s\n" % (n, b"x" * 4000) for n in range(10)))
    house.advance(60)

    assert len(carol.talk) == 10 and not wire.cut


def test_nobody_may_begin_a_handshake_anew(house, logged):
    """It costs the server more than the client, and TLS 1.3 has no renegotiation."""
    wire = knocks(house, asking(set_max_proto_version=SSL.TLS1_2_VERSION))
    wire.carry(b"ann\n")
    house.settle()

    for _ in range(10):
        wire.tls.renegotiate()
        with suppress(SSL.Error):
            wire.tls.do_handshake()
        wire.carry(b"")
        house.settle()

    assert house.join("bob").heard("-- You are in #lobby. 2 people: ann and bob.") or wire.cut


# Going.


def test_who_says_that_they_send_no_more_is_answered_in_full(house):
    bob = house.join("bob")
    wire = knocks(house)
    wire.carry(b"ann\nhello\n/time\na last line without its end")
    wire.half_close()
    house.settle()

    assert bob.talk == ["<ann> hello", "<ann> a last line without its end"]
    assert b"-- Friday, 2026-01-02" in wire.received and wire.received.endswith(b"-- Goodbye.\n") and wire.cut
    assert bob.heard("-- ann left #lobby")


def test_who_is_slowed_when_they_say_so_is_answered_later(house):
    bob = house.join("bob")
    wire = knocks(house)
    wire.carry(b"ann\n" + b"".join(b"line %d\n\n/time\n" % n for n in range(100)))
    wire.half_close()
    house.settle()
    assert not wire.cut

    house.advance(100)
    assert bob.talk == [f"<ann> line {n}" for n in range(100)] and wire.cut


def test_who_only_stops_sending_is_answered_but_half_a_line_is_none(house):
    """ncat ends so; but anybody on the way could have cut it off there."""
    bob = house.join("bob")
    wire = knocks(house)
    wire.carry(b"ann\nhello\n/topic Tea at fi")
    house.settle()
    wire.half_close_raw()
    house.settle()

    assert bob.talk == ["<ann> hello"] and not bob.heard_of("topic")
    assert wire.received.endswith(b"-- Goodbye.\n") and wire.cut


def test_who_ends_before_saying_anything_is_let_go(house):
    for end in (SecureWire.half_close, SecureWire.half_close_raw):
        wire = knocks(house)
        end(wire)
        house.advance(1)
        assert wire.cut and wire.received.endswith(b"-- Goodbye.\n")


def test_what_follows_the_end_is_not_kept():
    house = House(paste=1)
    wire = knocks(house)
    wire.carry_last(b"ann\n" + b"line\n" * 200)
    house.settle()
    door, kept = wire.protocol._door, []
    door.getHandle().bio_write = kept.append

    door.dataReceived(b"\x17\x03\x03\x40\x00" + bytes(2**14))

    assert not wire.cut and not kept
    house.advance(100)
    assert wire.cut and len(house.words()) == 200


def test_who_vanishes_has_not_said_goodbye(house):
    bob = house.join("bob")
    ann, program = house.join("ann", SecureLine), house.join("program", SecureJson)

    ann.leaves()
    program.leaves()

    assert bob.heard("-- ann left #lobby (connection lost)") and not bob.heard_of("program left")
    assert program.returns().heard_of("Welcome, program.")


def test_whose_socket_is_known_to_be_broken_has_not_said_goodbye(house):
    """The transport finds an end there as after one."""
    bob = house.join("bob")
    ann = house.join("ann", SecureLine)
    ann.wire.broken = True

    ann.wire.half_close_raw()
    house.settle()

    assert ann.gone and bob.heard("-- ann left #lobby (connection lost)")


def test_a_broken_record_ends_the_connection_and_is_no_goodbye(house):
    bob = house.join("bob")
    ann = house.join("ann", SecureLine)

    ann.wire.carry_raw(b"\x17\x03\x03\x00\x20" + bytes(32))
    house.settle()

    assert ann.gone and bob.heard("-- ann left #lobby (connection lost)")


def test_an_alert_ends_the_connection_and_is_no_goodbye(house):
    """OpenSSL takes it for an end of what comes in, too."""
    bob = house.join("bob")
    ann = house.join("ann", SecureLine)
    ann.wire.tls.bio_write(b"\x17\x03\x03\x00\x20" + bytes(32))
    with pytest.raises(SSL.Error):
        ann.wire.tls.recv(1)
    ann.wire.carry(b"")
    house.settle()

    assert ann.gone and bob.heard("-- ann left #lobby (connection lost)")


def test_nobody_is_waited_for_who_does_not_say_goodbye_in_return(house):
    """The other end may be gone, or may go on sending for ever."""
    ann = house.join("ann", SecureLine)
    ann.wire.stall()
    ann.sends_line("exit")
    house.settle()
    assert not ann.gone, "it has not read everything"

    ann.wire.drain()
    house.settle()
    assert ann.gone and ann.lines[-1] == "-- Goodbye."


def test_a_slow_reader_who_is_thrown_out_does_not_hang():
    """With a producer that waits, a transport never finishes closing."""
    house = House(rate=0)
    ann, bob = house.join("ann"), house.join("bob", SecureJson)
    bob.wire.stall()
    ann.types(*["x" * 4000] * 40)

    house.closes("maintenance")
    house.advance(LAST_LINES)
    assert ann.gone and not bob.gone

    bob.wire.drain()
    house.settle()
    assert bob.gone and bob.objects[-1]["type"] == "goodbye"


def test_the_client_comes_back_over_a_new_connection(house):
    ann = house.join("ann", over_tls(ClientPerson))
    bob = house.join("bob")
    ann.wire.vanish(ConnectionDone)
    house.settle()
    bob.types("meanwhile")

    ann.wire = knocks(house)
    ann.connects()
    ann.types("back")

    assert ann.heard("<bob> meanwhile") and bob.heard("<ann> back")
