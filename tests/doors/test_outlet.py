"""Outlets: straight into the socket while it takes everything, otherwise through its transport."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.address import HostnameAddress, IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import ISSLTransport
from zope.interface import directlyProvides

from chatroom.chat.events import Batch, Said
from chatroom.chat.replies import CaughtUp, Notice, Preferences
from chatroom.chat.rooms.subscribers import Subscribers
from chatroom.dialects.text.dialect import TextDialect
from chatroom.doors.outlets.direct_socket import DirectSocketOutlet, outlet_for
from chatroom.doors.outlets.fan_out import fan_out
from chatroom.doors.outlets.stream import MAX_BEYOND, StreamOutlet
from tests.house import HERE, House, Wire, failures

DIALECTS = (TextDialect(), TextDialect(rooms=True))


class Socket:
    """A socket that takes a limited number of bytes, or fails."""

    def __init__(self, room=1000):
        self.room = room
        self.error = None
        self.sent = b""
        self.writes = 0

    def send(self, data):
        self.writes += 1
        if self.error is not None:
            raise self.error
        if not self.room:
            raise BlockingIOError
        taken = data[: self.room]
        self.sent += taken
        self.room -= len(taken)
        return len(taken)


class Transport:
    """The transport around a socket; it asks a pull producer for more at once, as Twisted's do."""

    def __init__(self):
        self.written = b""
        self.producer = None

    def write(self, data):
        self.written += data

    def registerProducer(self, producer, streaming):
        assert self.producer is None and not streaming
        self.producer = producer
        producer.resumeProducing()

    def unregisterProducer(self):
        self.producer = None


class Owner:
    """The door that an outlet belongs to."""

    address, secure = "", False
    log = House().text.log

    def __init__(self):
        self.told = []

    def hang_up(self):
        self.told.append("hang up")

    def outlet_full(self):
        self.told.append("full")

    def outlet_drained(self):
        self.told.append("drained")

    def ready(self):
        self.told.append("ready")

    def give_up_on_overflow(self):
        self.told.append("overflow")


def live(outlets: dict[str, Any]) -> Subscribers:
    """The outlets that are live in a room, each of a person with one session."""
    subscribers = Subscribers()
    for identity, outlet in outlets.items():
        subscribers.add(identity, identity, outlet)
    return subscribers


class Way:
    """An outlet with its surroundings."""

    def __init__(self, room=1000):
        self.socket, self.transport, self.owner = Socket(room), Transport(), Owner()
        self.outlet = DirectSocketOutlet(self.socket, self.transport, self.owner, DIALECTS, "line", False)


def batch(by="ann", text="hello"):
    return Batch("lobby", 1, [Said("lobby", 0.0, by, by, text)])


LINE = DIALECTS[0].encode(batch())


def test_what_the_socket_takes_never_meets_the_transport():
    way = Way()

    assert way.outlet.deliver(batch())
    way.outlet.reply(Notice("hi"))
    way.outlet.reply(CaughtUp())

    assert way.socket.sent == LINE + b"-- hi\n" and way.transport.written == b"" and way.owner.told == []


@pytest.mark.parametrize("room", [0, 5])
@pytest.mark.parametrize("many", [False, True])
def test_what_the_socket_does_not_take_the_transport_holds(room, many):
    way = Way(room)

    if many:
        fan_out(live({"bob": Way().outlet, "carol": way.outlet}), batch())
    else:
        assert not way.outlet.deliver(batch())

    assert way.socket.sent == LINE[:room] and way.transport.written == LINE[room:]
    assert way.owner.told == ["full"] and way.transport.producer is not None


def test_while_the_transport_holds_something_all_goes_through_it_in_order():
    way = Way(5)
    way.outlet.deliver(batch())
    way.socket.room = 1000

    way.outlet.reply(Notice("later"))

    assert way.socket.sent + way.transport.written == LINE + b"-- later\n" and len(way.socket.sent) == 5


def test_when_the_transport_has_written_it_out_the_socket_is_used_again():
    way = Way(5)
    way.outlet.deliver(batch())
    way.socket.room = 1000

    way.transport.producer.resumeProducing()
    way.outlet.reply(Notice("again"))

    assert way.owner.told == ["full", "drained"] and way.transport.producer is None
    assert way.socket.sent == LINE[:5] + b"-- again\n"


@pytest.mark.parametrize("many", [False, True])
def test_a_socket_that_is_broken_is_written_to_no_more(many):
    way = Way()
    way.socket.error = ConnectionResetError()

    if many:
        fan_out(live({"bob": Way().outlet, "carol": way.outlet}), batch())
    else:
        way.outlet.deliver(batch())
    way.socket.error = None
    way.outlet.reply(Notice("anybody?"))

    assert way.outlet.broken and way.socket.sent == b"" and way.transport.written == b""


def test_what_is_written_together_takes_one_write():
    way = Way()
    with way.outlet.together():
        way.outlet.deliver(batch())
        with way.outlet.together():
            way.outlet.reply(Notice("hi"))
        fan_out(live({"carol": way.outlet}), batch())
        assert way.socket.sent == b"" and way.transport.written == b""

    assert way.socket.sent == LINE + b"-- hi\n" + LINE and way.socket.writes == 1
    way.outlet.reply(CaughtUp())
    fan_out(live({"carol": way.outlet}), batch())
    assert way.socket.sent.endswith(LINE + LINE) and way.transport.written == b""


def test_what_is_written_together_beyond_a_bound_is_written_before_the_end_and_fills_the_transport():
    way, text = Way(), "x" * 30_000
    with way.outlet.together():
        taken = [way.outlet.deliver(batch(text=text)) for _ in range(4)]
        assert (
            len(way.socket.sent) == 1000
            and len(way.transport.written) == 4 * len(DIALECTS[0].encode(batch(text=text))) - 1000
        )

    assert taken == [True, True, False, False] and way.owner.told == ["full"]
    assert way.socket.sent + way.transport.written == 4 * DIALECTS[0].encode(batch(text=text))


def test_closing_writes_what_was_written_together_first():
    way = Way()
    with way.outlet.together():
        way.outlet.reply(Notice("bye"))
        way.outlet.close()
        way.outlet.reply(Notice("late"))

    assert way.socket.sent == b"-- bye\n" and way.transport.written == b"" and way.owner.told == ["hang up"]


def test_only_so_much_is_buffered_behind_what_made_a_transport_full():
    way = Way(5)
    way.outlet.write(b"x" * 2 * MAX_BEYOND)
    way.outlet.write(b"x" * MAX_BEYOND)
    assert way.owner.told == ["full"]
    way.outlet.write(b"x")
    assert way.owner.told == ["full", "overflow"]


class Filling(Transport):
    """A transport that is full as soon as anything is written, which it says at once."""

    def registerProducer(self, producer, streaming):
        self.producer = producer

    def write(self, data):
        super().write(data)
        self.producer.pauseProducing()


def test_what_makes_a_transport_full_does_not_count_even_if_the_transport_says_so_at_once():
    owner = Owner()
    outlet = StreamOutlet(Filling(), owner, DIALECTS, "line", False)
    outlet.write(b"x" * 2 * MAX_BEYOND)
    assert owner.told == ["full"]


def test_what_was_read_since_counts_no_more():
    way = Way(5)
    for _ in range(3):
        way.outlet.write(b"x" * 10)
        way.outlet.write(b"x" * MAX_BEYOND)
        way.transport.producer.resumeProducing()
        way.socket.room = 5
    assert way.owner.told == ["full", "drained"] * 3


def test_what_was_written_together_is_dropped_with_the_connection():
    way = Way()
    with way.outlet.together():
        way.outlet.reply(Notice("hi"))
        way.outlet.lost()

    way.outlet.reply(Notice("late"))
    assert way.outlet.send is None and way.socket.sent == b"" and way.transport.written == b""


def test_any_transport_gets_together_what_is_written_together():
    wire = Wire(House().clock, HERE)
    outlet = outlet_for(wire, Owner(), DIALECTS, "line", False)
    with outlet.together():
        outlet.reply(Notice("a"))
        assert bytes(wire.received) == b""

    outlet.reply(Notice("b"))
    assert bytes(wire.received) == b"-- a\n-- b\n"


def test_after_closing_nothing_is_written():
    way = Way()
    way.outlet.close()
    way.outlet.close()

    way.outlet.reply(Notice("late"))
    fan_out(live({"carol": way.outlet}), batch())

    assert way.owner.told == ["hang up"] and way.socket.sent == b""


def test_many_get_the_same_bytes_and_those_who_spoke_their_own():
    ways = {name: Way() for name in ("ann", "bob", "carol")}
    for name, way in ways.items():
        way.outlet.viewer = name
    two = Batch("lobby", 1, [*batch("ann").events, *batch("bob", "hi").events])

    fan_out(live({name: way.outlet for name, way in ways.items()}), two)

    assert {name: way.socket.sent.count(b"\n") for name, way in ways.items()} == {"ann": 1, "bob": 1, "carol": 2}
    assert ways["carol"].socket.sent == DIALECTS[0].encode(two)


def test_one_that_breaks_does_not_keep_it_from_the_others():
    good, bad = Way(), Way()
    bad.outlet.send = None
    bad.outlet._transport = None
    with failures() as logged:
        fan_out(live({"bad": bad.outlet, "good": good.outlet}), batch())

    assert good.socket.sent == LINE and len(logged) == 1


def test_a_transport_without_a_socket_is_its_own_way_out():
    wire = Wire(House().clock, HERE)

    outlet = outlet_for(wire, Owner(), DIALECTS, "line", False)

    assert type(outlet) is StreamOutlet and wire.producer is outlet and wire.streaming
    outlet.buffer(b"abcdef", 2)
    outlet.write_failed(b"g")
    assert bytes(wire.received) == b"cdefg"


# Preferences of one person.


def prefer(way, nick="carol", ignored=(), **wishes):
    way.outlet.prefer(Preferences(**{"notify": "", **wishes}), nick, frozenset(ignored))


def test_who_prefers_something_gets_their_own_lines_and_all_others_the_same_as_ever():
    ways = {name: Way() for name in ("carol", "dora", "emil")}
    prefer(ways["carol"], plain=True)
    prefer(ways["dora"], ignored=["ann"])
    one = batch()

    fan_out(live({name: way.outlet for name, way in ways.items()}), one)

    assert ways["carol"].socket.sent.endswith(b"\nann says: hello\n")
    assert ways["dora"].socket.sent == b"" and ways["emil"].socket.sent == LINE
    assert set(one.renderings) == {DIALECTS[0]}


def test_who_prefers_nothing_particular_goes_on_sharing():
    way = Way()
    prefer(way)
    assert way.outlet.dialect is DIALECTS[0]

    prefer(way, color=True)
    assert way.outlet.dialect is not DIALECTS[0]
    prefer(way)
    assert way.outlet.dialect is DIALECTS[0]


def test_what_one_prefers_holds_in_several_rooms_and_for_telnet():
    way = Way()
    prefer(way, plain=True)
    way.outlet.deliver(batch())
    way.outlet.in_rooms(2)
    way.outlet.deliver(batch())
    way.outlet.use_dialects((TextDialect(newline="\r\n"), TextDialect(rooms=True, newline="\r\n")))
    way.outlet.deliver(batch())
    way.outlet.in_rooms(1)
    prefer(way, plain=True, nick="dora")
    way.outlet.deliver(batch())

    assert way.socket.sent.split(b"\n", 1)[1] == (
        b"ann says: hello\nIn lobby, ann says: hello\nIn lobby, ann says: hello\r\nann says: hello\r\n"
    )


def test_ones_own_words_are_not_shown_whatever_one_prefers():
    way = Way()
    way.outlet.viewer = "ann"
    prefer(way, notify="all")

    assert way.outlet.deliver(batch()) and way.socket.sent == b""


def test_replies_are_worded_as_preferred():
    way = Way()
    prefer(way, plain=True)

    way.outlet.reply(Notice("hi"))

    assert way.socket.sent == b"Notice: hi\n"


# Where the other end is.


@pytest.mark.parametrize(
    ("peer", "address", "secure"),
    [
        (IPv4Address("TCP", "192.0.2.7", 1), "192.0.2.7", False),
        (IPv4Address("TCP", "127.3.2.1", 1), "127.3.2.1", True),
        (IPv6Address("TCP", "2001:db8::7", 1), "2001:db8::7", False),
        (IPv6Address("TCP", "::1", 1), "::1", True),
        (IPv6Address("TCP", "::ffff:192.0.2.7", 1), "192.0.2.7", False),
        (IPv6Address("TCP", "::ffff:127.0.0.1", 1), "127.0.0.1", True),
        (IPv6Address("TCP", "fe80::1%eth0", 1), "fe80::1", False),
        (IPv4Address("TCP", "unknown", 1), "", False),
        (UNIXAddress("/run/chat"), "", True),
        (HostnameAddress(b"example.org", 1), "", False),
    ],
)
def test_a_door_knows_where_it_leads_and_who_can_read_along(peer, address, secure):
    wire = House().connect(peer)
    wire.carry(b"\xff")

    outlet = wire.protocol._door._outlet

    assert (outlet.address, outlet.secure, outlet.asks) == (address, secure, True)


def test_what_is_encrypted_nobody_reads_along():
    wire = House().connect(IPv4Address("TCP", "192.0.2.7", 1))
    directlyProvides(wire, ISSLTransport)
    wire.carry(b"{")

    outlet = wire.protocol._door._outlet

    assert outlet.secure and not outlet.asks


def test_the_door_is_told_that_the_session_is_ready():
    way = Way()

    way.outlet.ready()

    assert way.owner.told == ["ready"]
