"""The wire of the link: frames, beats, silence, versions, and what is not a frame."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from chatroom.link.codec import BadFrame
from chatroom.link.wire import AT_ONCE, BEAT, LOOK, MAX_LENGTH, MAX_WAITING, SILENCE, VERSION, Link, decode, encode

from ..log_lines import log_lines


def string(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def framed(*frames: list) -> bytes:
    return b"".join(string(json.dumps(frame).encode()) for frame in frames)


class Wire(StringTransport):
    """A transport that remembers each write, and is full when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        super().write(data)
        self.writes.append(data)

    def strings(self) -> list[bytes]:
        """Take what was written, string by string."""
        data, found = self.value(), []
        self.clear()
        while data:
            length = int.from_bytes(data[:4], "big")
            found.append(data[4 : 4 + length])
            data = data[4 + length :]
        return found

    def frames(self) -> list:
        return [json.loads(one) for one in self.strings()]


class Owner:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple] = []
        self.fails: Exception | None = None

    def up(self, link):
        self.told.append(("up", link.greeting))

    def frame(self, link, frame):
        self.told.append(("frame", frame))
        if self.fails is not None:
            raise self.fails

    def data(self, link, connection, data):
        self.told.append(("data", connection, data))

    def lost(self, link, reason):
        self.told.append(("lost", reason))


class End:
    """One end of a link, and what the test plays of the other."""

    def __init__(self, *first: object) -> None:
        self.clock, self.owner, self.wire = Clock(), Owner(), Wire()
        self.link = Link(self.owner, self.clock, list(first))
        self.link.makeConnection(self.wire)

    @property
    def told(self) -> list[tuple]:
        return self.owner.told

    def turn(self) -> None:
        self.clock.advance(0)

    def seconds(self, count: int) -> None:
        self.clock.pump([BEAT] * count)

    def lose(self) -> None:
        self.link.connectionLost(Failure(ConnectionDone()))


WELCOME = ["welcome", VERSION, {"server": "here"}]


def a_door(*, up: bool = True) -> End:
    end = End("hello", "d1")
    if up:
        end.link.dataReceived(framed(WELCOME))
        end.turn()
        end.wire.clear()
        end.wire.writes.clear()
        end.told.clear()
    return end


def test_the_first_frames_have_the_version():
    door, house = End("hello", "d1"), End("welcome", {"server": "here"})
    door.turn()
    house.turn()
    hello, welcome = door.wire.value(), house.wire.value()
    door.link.dataReceived(welcome)
    house.link.dataReceived(hello)

    assert hello == string(b'["hello",1,"d1"]')
    assert welcome == string(b'["welcome",1,{"server":"here"}]')
    assert door.told == [("up", [{"server": "here"}])]
    assert house.told == [("up", ["d1"])]


@pytest.mark.parametrize(
    ("own", "first"),
    [("welcome", ["hello", 3, "d1"]), ("hello", ["welcome", 3, {}])],
)
def test_another_version_is_refused_in_words(own, first):
    end = End(own, {})
    end.link.dataReceived(framed(first, ["ask"]))
    end.lose()

    door, server = (3, 1) if own == "welcome" else (1, 3)
    assert end.told == [("lost", f"this door speaks version {door} of the link, this server {server}")]
    assert end.wire.disconnecting
    # The other end is told the version of this one before, and can say the same.
    assert end.wire.frames() == [[own, VERSION, {}]]


@pytest.mark.parametrize(
    "first",
    [
        ["ask", 1],
        ["hello", VERSION, "d2"],
        ["welcome"],
        ["welcome", "1"],
        ["welcome", True],
        ["welcome", None],
        ["beat"],
    ],
)
def test_anything_else_is_no_first_frame(first):
    door = a_door(up=False)
    door.link.dataReceived(framed(first, WELCOME))
    door.lose()

    assert door.told == [("lost", "invalid frame: not a first frame")]


def test_carried_bytes_are_no_first_frame():
    door = a_door(up=False)
    door.link.dataReceived(string(b"\0\0\0\0\7abc"))
    door.lose()

    assert door.told == [("lost", "invalid frame: not JSON")]


def test_frames_and_bytes_come_in_order():
    door = a_door()
    door.link.dataReceived(framed(["reply", "Zoë\n"]) + string(b"\0\1\2\3\4a\0b") + framed(["beat"], ["x"]))

    assert door.told == [("frame", ["reply", "Zoë\n"]), ("data", 0x01020304, b"a\0b"), ("frame", ["x"])]


jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
sent = st.builds(
    lambda kind, rest: ("frame", [kind, *rest]), st.just("reply") | st.just("é"), st.lists(jsons, max_size=3)
)
carried = st.tuples(st.just("data"), st.integers(0, 2**32 - 1), st.binary(max_size=20))


@given(st.lists(sent | carried, max_size=8), st.data())
def test_any_split_of_the_stream_gives_the_same_frames(things, data):
    house, door = End("welcome", {}), a_door(up=False)
    for what, *rest in things:
        (house.link.send if what == "frame" else house.link.send_bytes)(*rest)
    house.turn()
    stream = house.wire.value()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    for start, end in pairwise([0, *cuts, len(stream)]):
        door.link.dataReceived(stream[start:end])

    assert door.told == [("up", [{}]), *things]


def test_text_that_utf8_cannot_spell_arrives_too():
    assert decode(encode(["say", "\ud800"])) == ["say", "\ud800"]
    assert encode(["say", "Zoë 👍"]) == '["say","Zoë 👍"]'.encode()


def test_what_is_sent_in_one_turn_is_one_write():
    door = a_door()
    for number in range(100):
        door.link.send(["ask", number])
    door.link.send_bytes(7, b"abc")
    assert door.wire.writes == []

    door.turn()
    assert len(door.wire.writes) == 1
    assert door.wire.strings() == [*[f'["ask",{number}]'.encode() for number in range(100)], b"\0\0\0\0\7abc"]

    door.turn()
    assert len(door.wire.writes) == 1


def test_much_is_written_at_once():
    door = a_door()
    door.link.send(["ask", "x" * (AT_ONCE - 100)])
    assert door.wire.writes == []

    door.link.send(["ask", "y" * 200])
    assert len(door.wire.writes) == 1

    door.turn()
    assert [frame[1][0] for frame in door.wire.frames()] == ["x", "y"]


@pytest.mark.parametrize("size", [MAX_LENGTH - 4, MAX_LENGTH - 3, 2 * MAX_LENGTH, 3 * MAX_LENGTH + 1])
def test_a_long_frame_goes_in_parts(size):
    house, door = End("welcome", {}), a_door(up=False)
    frame = ["x" * (size)]
    house.link.send(frame)
    house.link.send_bytes(1, b"\1" * size)
    house.link.send(["short"])
    house.turn()
    assert max(map(len, house.wire.strings())) <= MAX_LENGTH

    door.link.dataReceived(b"".join(house.wire.writes))
    assert door.told == [("up", [{}]), ("frame", frame), ("data", 1, b"\1" * size), ("frame", ["short"])]


def test_parts_without_end_drop_the_link():
    door = a_door()
    part = string(b"\1" + b" " * (MAX_LENGTH - 1))
    for _ in range(MAX_WAITING // MAX_LENGTH + 1):
        door.link.dataReceived(part)
    door.lose()

    assert door.told == [("lost", "invalid frame: more than 67,108,864 bytes")]


@pytest.mark.parametrize("length", [MAX_LENGTH + 1, 2**31, 2**32 - 1])
def test_an_announcement_that_is_too_long_drops_the_link(length):
    door = a_door()
    door.link.dataReceived(framed(["a"]) + length.to_bytes(4, "big") + framed(["b"]))
    door.link.dataReceived(framed(["c"]))
    assert door.wire.disconnecting
    door.lose()

    assert door.told == [("frame", ["a"]), ("lost", f"invalid frame: {length:,} bytes")]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"hello", "not JSON"),
        (b'["a"', "not JSON"),
        (b'["\xff"]', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'["a",' + b"9" * 5000 + b"]", "not JSON"),
        (b'["a"]["b"]', "not an array with a kind"),
        (b"[]", "not an array with a kind"),
        (b"{}", "not an array with a kind"),
        (b'"beat"', "not an array with a kind"),
        (b"[1]", "not an array with a kind"),
        (b'[["a"]]', "not an array with a kind"),
        (b"\0", "no connection"),
        (b"\0\0\0\1", "no connection"),
        (b"\2", "not JSON"),
        (b"\2\2", "not JSON"),
        (b"\3", "not JSON"),
    ],
)
def test_what_is_no_frame_drops_the_link_with_one_line(body, why):
    door = a_door()
    with log_lines("chatroom.link.wire.Link") as lines:
        door.link.dataReceived(string(body) + framed(["later"]))
        door.link.dataReceived(framed(["later"]))
        door.lose()

    assert door.told == [("lost", f"invalid frame: {why}")]
    assert door.wire.disconnecting
    assert lines == [f"Dropped the link to the house: invalid frame: {why}."]


def test_a_frame_that_its_owner_finds_bad_drops_the_link():
    door = a_door()
    door.owner.fails = BadFrame("unknown kind")
    door.link.dataReceived(framed(["a"], ["b"]))
    door.lose()

    assert door.told == [("frame", ["a"]), ("lost", "invalid frame: unknown kind")]


def test_a_bug_is_logged_and_the_link_goes_on():
    door = a_door()
    door.owner.fails = ZeroDivisionError()
    with log_lines("chatroom.link.wire.Link") as lines:
        door.link.dataReceived(framed(["a"], ["b"]))

    assert door.told == [("frame", ["a"]), ("frame", ["b"])]
    assert not door.wire.disconnecting
    assert lines == ["A frame of the link failed"] * 2


def test_only_who_sends_nothing_else_sends_beats():
    door = a_door()
    door.seconds(1)
    assert door.wire.frames() == [], "the first second had the hello"

    for _ in range(3):
        door.link.dataReceived(framed(["beat"]))
        door.seconds(1)
        door.turn()
    assert door.wire.frames() == [["beat"]] * 3

    door.link.send(["ask"])
    door.seconds(1)
    assert door.wire.frames() == [["ask"]]
    assert door.told == []


def test_silence_drops_the_link():
    door = a_door()
    for _ in range(20):
        door.link.dataReceived(framed(["beat"]))
        door.seconds(SILENCE)
    assert not door.wire.disconnecting

    door.seconds(1)
    assert door.wire.disconnecting
    assert not door.wire.disconnected

    door.seconds(1)
    assert door.wire.disconnected, "nobody reads what is still to be written"
    door.lose()
    assert door.told == [("lost", "silent for 5 seconds")]
    assert door.clock.getDelayedCalls() == []


def test_who_never_says_anything_is_dropped_too():
    door = a_door(up=False)
    door.seconds(SILENCE + 1)

    assert door.wire.disconnecting


def test_a_pause_of_this_process_is_not_the_silence_of_the_other():
    door = a_door()
    door.clock.advance(60)

    assert not door.wire.disconnecting


def test_part_of_a_frame_is_a_sign_of_life():
    door = a_door()
    for byte in framed(["a long one"]):
        door.seconds(SILENCE)
        door.link.dataReceived(bytes([byte]))

    assert door.told == [("frame", ["a long one"])]


def test_what_was_sent_is_written_before_the_link_is_dropped():
    door = a_door()
    door.link.send(["gone"])
    door.link.drop("closing")
    door.link.drop("again")
    door.link.send(["too late"])
    door.turn()
    door.lose()

    assert door.wire.frames() == [["gone"]]
    assert door.told == [("lost", "closing")]


def test_the_owner_hears_why_the_connection_was_lost():
    door = a_door()
    door.link.send(["never written"])
    door.lose()
    door.link.send(["neither"])

    assert door.told == [("lost", "Connection was closed cleanly.")]
    assert door.wire.writes == []
    assert door.clock.getDelayedCalls() == []


def test_what_a_full_transport_does_not_take_waits():
    door = a_door()
    door.wire.producer.pauseProducing()
    for number in range(3000):
        door.link.send(["ask", number, "x" * 1000])
    door.turn()
    assert door.wire.writes == []

    door.wire.producer.resumeProducing()
    assert [frame[1] for frame in door.wire.frames()] == list(range(3000))
    assert len(door.wire.writes) == 3


def test_a_transport_that_is_full_again_is_given_one_piece():
    door = a_door()
    output = door.wire.producer
    output.pauseProducing()
    for _ in range(3):
        door.link.send_bytes(1, b"x" * (MAX_LENGTH - 5))
    write = door.wire.write
    door.wire.write = lambda data: (write(data), output.pauseProducing())
    output.resumeProducing()

    assert len(door.wire.writes) == 1


def test_who_reads_too_slowly_is_dropped():
    door = a_door()
    door.wire.producer.pauseProducing()
    body = b"x" * (MAX_LENGTH - 9)
    for _ in range(MAX_WAITING // MAX_LENGTH):
        door.link.send_bytes(1, body)
    assert not door.wire.disconnecting

    with log_lines("chatroom.link.wire.Link") as lines:
        door.link.send(["one more"])
    assert door.wire.disconnecting
    assert lines == ["Dropped the link to the house: it reads too slowly."]

    door.seconds(1)
    assert door.wire.disconnected


def test_a_dropped_link_leaves_its_transport():
    """A TLS connection with a producer would wait for it before it closes."""
    door = a_door()
    door.wire.producer.stopProducing()
    door.link.drop("closing")

    assert door.wire.producer is None


def test_who_may_not_answer_says_and_takes_nothing_until_it_may():
    clock, owner, wire, answers = Clock(), Owner(), Wire(), [False]
    link = Link(owner, clock, ["welcome", {}], answers=lambda: answers[0])
    link.makeConnection(wire)
    link.dataReceived(framed(["hello", VERSION, "door"], ["ask", 1]))
    clock.pump([LOOK] * 15)
    assert owner.told == [] and wire.frames() == []
    answers[0] = True
    clock.pump([LOOK, 0])
    assert wire.frames()[0] == ["welcome", VERSION, {}] and len(owner.told) == 2
    answers[0] = False
    link.dataReceived(framed(["ask", 2]))
    assert len(owner.told) == 2
    answers[0] = True
    link.dataReceived(framed(["ask", 3]))
    assert len(owner.told) == 4
    link.connectionLost(Failure(ConnectionDone()))
    assert not clock.getDelayedCalls()
