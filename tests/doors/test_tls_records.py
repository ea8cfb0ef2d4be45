"""Records of TLS that cost much and bring little, and handshakes without end."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from twisted.internet.address import IPv4Address

from chatroom.chat.fair_queue import PER_TURN
from chatroom.doors.front.front_door import CONNECTION_LINES
from chatroom.doors.front.tls import BARREN_LINES, HANDSHAKE_LINES, MAX_RECORDS
from chatroom.doors.front.tls import MAX_HANDSHAKE as LONGEST
from chatroom.doors.front.tls_records import TlsRecords, is_record
from tests.doors.forger import DATA, Forger
from tests.doors.turning import turn
from tests.house import House, LinePerson, failures, over_tls
from tests.wires import BUFFER, SecureWire, Wire

THERE = IPv4Address("TCP", "203.0.113.5", 40_000)
ELSEWHERE = IPv4Address("TCP", "203.0.113.6", 40_000)
SecureLine = over_tls(LinePerson)


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


@pytest.fixture
def small():
    """A house where a place may do little: 32 lines, and 16 in a second."""
    with failures() as broken:
        yield House(burst=2, rate=1.0)
    assert not broken, broken[0]


def level(house: House, address: IPv4Address = THERE) -> float:
    return house.hub.core.budgets.place(address.host).lines.level


def given(forger: Forger) -> list[int]:
    """Collect how many bytes OpenSSL is given at a time, from now on."""
    handle, sizes = forger.wire.protocol._door.getHandle(), []
    write = handle.bio_write
    handle.bio_write = lambda data: sizes.append(len(data)) or write(data)
    return sizes


FLOODS = {
    "key updates": Forger.key_update,
    "padding": lambda forger: forger.record(DATA, b"", padding=50),
}


@pytest.mark.parametrize("make", FLOODS.values(), ids=FLOODS)
def test_of_what_brings_nothing_a_little_is_decrypted_in_a_turn(house, make):
    forger = Forger(house, THERE)
    sizes, records = given(forger), [make(forger) for _ in range(1000)]
    forger.wire.carry_raw(b"".join(records))
    assert sum(sizes) <= MAX_RECORDS * len(records[0])

    for _ in range(60):
        before = sum(sizes)
        turn(house)
        # In the turn in which all that was read has been decrypted, more is read.
        assert sum(sizes) - before <= 2 * MAX_RECORDS * len(records[0])
        if forger.wire.cut:
            return
    assert sum(sizes) == 1000 * len(records[0])


def test_key_updates_are_paid_for_by_the_place(small):
    forger = Forger(small, THERE)
    sizes, records = given(forger), [forger.key_update() for _ in range(5000)]
    forger.wire.carry_raw(b"".join(records))
    small.settle()
    assert sum(sizes) / len(records[0]) == pytest.approx((32 - HANDSHAKE_LINES) / BARREN_LINES, abs=2 * MAX_RECORDS)

    before = sum(sizes)
    small.advance(3)
    assert (sum(sizes) - before) / len(records[0]) == pytest.approx(3 * 16 / BARREN_LINES, abs=2 * MAX_RECORDS)
    assert not forger.wire.cut and len(forger.wire.protocol._door._records) <= BUFFER + 2**14
    assert level(small, ELSEWHERE) == 32


def test_who_talks_pays_for_no_records(house):
    """However short their lines are, and though each is a record."""
    plain, secure = LinePerson(house, ELSEWHERE), SecureLine(house, THERE)
    for person in (plain, secure):
        person.joins(f"ann{person is plain:d}")
        for _ in range(100):
            person.types("/away", "x")
            house.advance(1)
    assert house.hub.core.budgets.rests["place"] == 0
    spent = [
        house.limits.burst * house.limits.persons_per_address - level(house, address) for address in (ELSEWHERE, THERE)
    ]
    # The handshake has been earned again, too.
    assert spent[0] == spent[1]


def test_what_comes_in_many_records_arrives_whole_and_in_order(house):
    """Also if the sender is throttled meanwhile, inside and outside TLS."""
    bob, ann = house.join("bob"), SecureLine(house, THERE)
    ann.joins("ann")
    for n in range(500):
        ann.wire.tls.send(b"%d\n" % n)
    ann.wire.carry(b"")
    house.settle()
    assert 0 < len(bob.talk) < 500
    house.advance(200)

    assert bob.talk == [f"<ann> {n}" for n in range(500)]


def test_who_ends_behind_many_records_is_heard_out(house):
    bob, ann = house.join("bob"), SecureLine(house, THERE)
    ann.joins("ann")
    for n in range(45):
        ann.wire.tls.send(b"%d\n" % n)
    for _ in range(45, 200):
        ann.wire.tls.send(b"\n")
    ann.wire.carry_last(b"the last")
    house.settle()
    house.advance(100)

    assert bob.talk == [f"<ann> {n}" for n in range(45)] + ["<ann> the last"] and ann.gone


@pytest.mark.parametrize("size", [1, 5, 100])
def test_what_has_come_of_a_record_takes_no_more_room_than_it_has_bytes(house, size):
    """OpenSSL would have 17 KB ready for it."""
    forger = Forger(house, THERE)
    sizes = given(forger)
    record = forger.record(DATA, b"ann\n" + b" " * 200)
    forger.wire.carry_raw(record[:size])
    house.settle()
    assert sizes == [] and len(forger.wire.protocol._door._records) == size

    forger.wire.carry_raw(record[size:])
    house.settle()
    assert b"Welcome, ann." in forger.wire.received


# Handshakes.


def knocks(house: House, address: object = THERE) -> SecureWire:
    """Begin a handshake, and do not wait for the answer."""
    wire = SecureWire(house.clock, address)
    wire.protocol = house.front.buildProtocol(address)
    wire.protocol.makeConnection(wire)
    wire._go_on()
    return wire


def finished(wires: list[SecureWire]) -> int:
    return sum(wire._opened for wire in wires)


def test_few_handshakes_are_made_in_a_turn(house):
    wires = [knocks(house) for _ in range(60)]
    turn(house)
    hellos = given_hellos(wires)
    for _ in range(10):
        turn(house)
        now = given_hellos(wires)
        assert now - hellos <= PER_TURN / HANDSHAKE_LINES
        hellos = now
    house.settle()
    assert finished(wires) == 60


def given_hellos(wires: list[SecureWire]) -> int:
    """How many have been answered, finished or not."""
    return sum(bool(wire.tls.get_cipher_name()) or wire._opened for wire in wires)


def test_a_place_has_so_many_handshakes_and_then_waits(small):
    wires = [knocks(small) for _ in range(100)]
    small.settle()
    at_once = finished(wires)
    assert at_once == pytest.approx((32 - 100 * CONNECTION_LINES) / HANDSHAKE_LINES, abs=1)

    small.advance(2)
    assert finished(wires) == pytest.approx(at_once + 2 * 16 / HANDSHAKE_LINES, abs=1)
    elsewhere = knocks(small, ELSEWHERE)
    small.settle()
    assert elsewhere._opened


@pytest.mark.parametrize("end", [Wire.vanish, Wire.half_close, lambda wire: wire.carry_raw(bytes(LONGEST))])
def test_who_gave_up_has_cost_nothing(small, end):
    wires = [knocks(small) for _ in range(100)]
    small.settle()
    for wire in wires:
        end(wire)
    small.settle()
    assert all(wire.cut for wire in wires)
    small.advance(3)

    assert level(small) == 32 and [call for call in small.clock.getDelayedCalls() if call.active()] == []


def test_a_proxy_pays_for_no_handshakes(small):
    small.connection_limits.proxies = [ip_network("203.0.113.5/32")]
    wires = [knocks(small) for _ in range(50)]
    small.settle()

    assert finished(wires) == 50 and level(small) == 32


def test_what_a_queue_keeps_from_a_handshake_is_no_reason_to_greet(small):
    """The client speaks TLS, however long it waits."""
    wires = [knocks(small) for _ in range(40)]
    small.advance(1)

    assert all(wire.received == b"" or wire._opened for wire in wires)


# Where records end.


def test_records_are_cut_where_they_end():
    whole = [b"\x17\x03\x03" + size.to_bytes(2, "big") + bytes(size) for size in (0, 1, 100, 2**14 + 2048)]
    records, taken = TlsRecords(), []
    for byte in b"".join(whole):
        records.add(bytes([byte]))
        if records.ready:
            taken.append(records.take(10))
    assert taken == [(one, 1) for one in whole] and not records


def test_several_are_taken_at_a_time_but_not_too_many():
    one = b"\x17\x03\x03\x00\x01x"
    records = TlsRecords()
    records.add(one * 5 + one[:-1])
    assert records.take(3) == (one * 3, 3) and records.take(3) == (one * 2, 2)
    assert not records.ready and len(records) == 5


def test_what_is_too_long_is_not_waited_for():
    records = TlsRecords()
    records.add(b"\x17\x03\x03\x48\x01x")
    assert records.ready and records.take(10) == (b"\x17\x03\x03\x48\x01x", 1)


def test_one_whole_record_is_known_as_one():
    one = b"\x17\x03\x03\x00\x01x"
    assert is_record(one) and not is_record(one[:-1]) and not is_record(one + b"y") and not is_record(b"\x17")
