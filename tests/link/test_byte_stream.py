"""Byte streams: both ends of one connection on a link, with backpressure both ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from chatroom.link.byte_stream import ACKNOWLEDGED_TOGETHER, WINDOW, ByteStream


class Ends:
    """Two ends, and a link between them that delivers at once."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.read: dict[str, bytearray] = {"here": bytearray(), "there": bytearray()}
        self.ends: list[tuple[str, str]] = []
        """Whose input has ended, and by which kind of frame."""
        self.here = ByteStream(self.clock, self.read["here"].extend)
        self.there = ByteStream(self.clock, self.read["there"].extend)
        self.here.begin(Side(self, "there", lambda: self.there), 1)
        self.there.begin(Side(self, "here", lambda: self.here), 1)


class Side:
    """The link as one end sees it: what it sends comes to the other one."""

    def __init__(self, ends: Ends, name: str, other: Any) -> None:
        self.ends, self.name, self.other = ends, name, other

    def send(self, frame: list[Any]) -> None:
        kind, number, *rest = frame
        assert number == 1
        if kind == "carried-ack":
            self.other().acknowledged(*rest)
        else:
            self.other().ended(lambda: self.ends.ends.append((self.name, kind)))

    def send_bytes(self, connection: int, data: bytes) -> None:
        assert connection == 1 and 0 < len(data) <= WINDOW
        self.other().received(data)


class Producer:
    """Counts how often it was paused and resumed."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def pauseProducing(self) -> None:
        self.calls.append("pause")

    def resumeProducing(self) -> None:
        self.calls.append("resume")

    def stopProducing(self) -> None:
        self.calls.append("stop")


@pytest.fixture
def ends():
    return Ends()


@pytest.fixture
def producer(ends):
    producer = Producer()
    ends.here.registerProducer(producer, True)
    return producer


def test_bytes_go_both_ways(ends):
    ends.here.write(b"one")
    ends.there.writeSequence([b"t", b"wo"])

    assert ends.read == {"here": b"two", "there": b"one"}


def test_to_who_does_not_read_a_window_goes_and_the_rest_waits_here(ends, producer):
    ends.there.pauseProducing()
    ends.here.write(b"x" * (WINDOW - 1))
    assert producer.calls == []

    ends.here.write(b"y" * 1000)
    assert producer.calls == ["pause"] and ends.here.pending == WINDOW + 999
    assert len(ends.there._held) == WINDOW and not ends.read["there"]

    ends.there.resumeProducing()
    assert not ends.read["there"], "not before the next turn"
    ends.clock.advance(0)
    assert ends.read["there"] == b"x" * (WINDOW - 1) + b"y" * 1000
    assert producer.calls == ["pause", "resume"] and ends.here.pending < ACKNOWLEDGED_TOGETHER


def test_what_comes_in_the_turn_of_going_on_stays_behind_what_was_held(ends):
    ends.there.pauseProducing()
    ends.here.write(b"one ")
    ends.there.resumeProducing()
    ends.here.write(b"two")
    ends.clock.advance(0)

    assert ends.read["there"] == b"one two"


def test_who_pauses_for_each_piece_is_given_them_one_by_one(ends):
    ends.there._receive = lambda data: (ends.read["there"].extend(data), ends.there.pauseProducing())
    ends.here.write(b"one")
    ends.here.write(b"two")
    assert ends.read["there"] == b"one"

    ends.there.resumeProducing()
    ends.clock.advance(0)
    assert ends.read["there"] == b"onetwo"


def test_what_was_passed_on_and_not_taken_is_acknowledged_as_it_is_taken(ends):
    ends.there._receive = lambda data: ends.there.pauseProducing()
    ends.here.write(b"x" * 1000)
    ends.here.write(b"y" * 500)
    assert ends.here.pending == 1500

    ends.there.eased(300)
    assert ends.here.pending == 1200
    ends.there.eased(-5)
    ends.there.eased(10_000)
    assert ends.here.pending == 200 and not ends.there._held
    ends.there.resumeProducing()
    assert ends.here.pending == 0


def test_much_that_was_passed_on_is_not_acknowledged_before_it_is_taken(ends):
    ends.there._receive = lambda data: ends.there.pauseProducing()
    ends.here.write(b"x" * ACKNOWLEDGED_TOGETHER)
    assert ends.here.pending == ACKNOWLEDGED_TOGETHER

    ends.there.resumeProducing()
    assert ends.here.pending == 0


def test_the_end_comes_after_all_that_was_written(ends):
    ends.there.pauseProducing()
    ends.here.write(b"x" * (WINDOW + 1))
    ends.here.finish("carried-half")
    ends.here.write(b"never")
    ends.there.resumeProducing()
    assert ends.ends == []

    ends.clock.advance(0)
    assert ends.read["there"] == b"x" * (WINDOW + 1) and ends.ends == [("there", "carried-half")]
    ends.here.finish("carried-close")
    assert ends.ends[1:] == [("there", "carried-close")]


def test_the_end_waits_while_nothing_is_read(ends):
    ends.there.pauseProducing()
    ends.here.finish("carried-half")
    assert ends.ends == []

    ends.there.resumeProducing()
    ends.clock.advance(0)
    assert ends.ends == [("there", "carried-half")]


def test_what_is_written_before_there_is_a_link_is_sent_on_it(ends):
    early = ByteStream(ends.clock, ends.read["here"].extend)
    producer = Producer()
    early.registerProducer(producer, True)
    early.write(b"x" * WINDOW)
    early.finish("carried-half")
    assert producer.calls == ["pause"]

    early.begin(Side(ends, "there", lambda: ends.there), 1)
    assert ends.read["there"] == b"x" * WINDOW and ends.ends == [("there", "carried-half")]


def test_a_closed_end_does_nothing_any_more(ends):
    ends.there.pauseProducing()
    ends.here.write(b"one")
    ends.there.resumeProducing()
    ends.there.close()
    ends.here.close()
    ends.here.write(b"two")
    ends.here.finish("carried-half")
    ends.there.resumeProducing()
    late = Producer()
    ends.here.registerProducer(late, True)

    assert not ends.read["there"] and ends.ends == [] and late.calls == ["stop"]
    assert not ends.clock.getDelayedCalls()


def test_a_producer_that_comes_late_is_paused_at_once_and_may_go(ends):
    ends.there.pauseProducing()
    ends.here.write(b"x" * WINDOW)
    producer = Producer()
    ends.here.registerProducer(producer, True)
    assert producer.calls == ["pause"]

    ends.here.unregisterProducer()
    ends.there.resumeProducing()
    ends.clock.advance(0)
    assert producer.calls == ["pause"]


def test_a_pull_producer_is_refused(ends):
    with pytest.raises(ValueError, match="streaming"):
        ends.here.registerProducer(Producer(), False)


_STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "pause", "resume", "ease", "turn"]), st.integers(1, 3 * WINDOW)), max_size=40
)


@given(_STEPS)
def test_everything_arrives_in_order_and_a_window_at_most_is_there(steps):
    ends = Ends()
    producer = Producer()
    ends.here.registerProducer(producer, True)
    written = bytearray()
    for step, size in steps:
        match step:
            case "write":
                piece = len(written).to_bytes(4, "big") * (size // 4 + 1)
                written += piece
                ends.here.write(piece)
            case "pause":
                ends.there.pauseProducing()
            case "resume":
                ends.there.resumeProducing()
            case "ease":
                ends.there.eased(size)
            case "turn":
                ends.clock.advance(0)
        assert len(ends.there._held) + ends.there._owed <= WINDOW
        assert written.startswith(ends.read["there"])
        assert (producer.calls[-1:] == ["pause"]) >= (ends.here.pending >= WINDOW)
    ends.there.resumeProducing()
    ends.clock.advance(0)
    assert ends.read["there"] == written
