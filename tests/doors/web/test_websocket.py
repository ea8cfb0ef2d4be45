"""The WebSocket door: valid and invalid frames, fragments, heartbeat and closing."""

from __future__ import annotations

import json
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.error import ConnectionDone
from websockets.frames import Frame, Opcode

from chatroom.dialects.json.websocket import FULL_MESSAGE
from chatroom.doors.factory import NAME_TIMEOUT
from chatroom.doors.heartbeat import PING_INTERVAL, PONG_TIMEOUT
from chatroom.doors.web.frames import MAX_LAST_FRAMES
from chatroom.doors.web.websocket_wire import CLOSE_TIMEOUT
from tests.doors.web.asking import ask, handshake, request
from tests.house import House, LinePerson, failures
from tests.web_person import WebPerson
from tests.wires import BUFFER

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
LONGEST = 16_384


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


@pytest.fixture
def unhurried():
    """A house where nobody is slowed down."""
    with failures() as broken:
        yield House(rate=0)
    assert not broken, broken[0]


@pytest.fixture
def bob(house):
    return house.join("bob")


@pytest.fixture
def ann(house, bob):
    return house.join("ann", WebPerson)


def say(text, **more):
    return json.dumps({"type": "say", "text": text, **more}).encode()


# Messages.


def test_a_message_may_hold_several_commands(ann, bob):
    ann.sends_text("\n".join(['{"type":"say","text":"one"}', "", '{"type":"say","text":"two"}\r', ""]))
    ann.house.settle()

    assert bob.talk == ["<ann> one", "<ann> two"]


@pytest.mark.parametrize("message", ["", "\n", " \r\n \n"])
def test_a_message_of_nothing_asks_nothing(house, ann, message):
    before = len(ann.objects)
    ann.sends_text(message)
    house.settle()

    assert len(ann.objects) == before and not ann.gone


def test_what_is_no_object_is_refused_and_the_chat_goes_on(ann, bob):
    ann.sends_text("[]\nnonsense")
    ann.house.settle()
    ann.types("fine")

    assert [one["code"] for one in ann.of_type("refused")] == ["bad_input", "bad_input"] and bob.talk == ["<ann> fine"]


def test_a_batch_comes_in_one_message(house, ann, bob):
    before = len(ann.frames)
    for n in range(20):
        bob.sends_line(f"{n}")
    house.settle()
    ann.read()

    assert [frame.data.count(b"\n") for frame in ann.frames[before:]] == [19]


def test_very_much_comes_in_several(unhurried):
    ann, bob = unhurried.join("ann", WebPerson), unhurried.join("bob", LinePerson)
    before = len(ann.frames)
    for n in range(40):
        bob.sends_line(f"{n} " + "x" * 4000)
    unhurried.settle()
    ann.read()

    assert len(ann.talk) == 40 and len(ann.frames) - before == 3
    assert all(len(frame.data) < FULL_MESSAGE + 5000 for frame in ann.frames)


def test_everyone_is_sent_the_very_same_bytes(house, bob):
    people = [house.join(nick, WebPerson) for nick in ("ann", "cara", "dora")]
    before = [len(one.wire.received) for one in people]
    rendered = []
    for one in people:
        write = one.wire.write
        one.wire.write = lambda data, write=write: (rendered.append(data), write(data))
    bob.types("hello")

    assert len(rendered) == 3 and len({id(data) for data in rendered}) == 1
    assert {len(one.wire.received) - so_far for one, so_far in zip(people, before, strict=True)} == {len(rendered[0])}


def test_who_ignores_somebody_is_not_sent_an_empty_message(house, ann, bob):
    ann.types("/ignore bob")
    before = len(ann.frames)
    bob.types("hello?")
    ann.read()

    assert len(ann.frames) == before


# Fragments.


@settings(max_examples=150)
@given(
    st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=6),
    st.lists(st.integers(0, 200), max_size=12),
    st.lists(st.integers(1, 60), min_size=1, max_size=40),
    st.data(),
)
def test_it_does_not_matter_how_messages_are_cut(texts, fragments, pieces, data):
    """Into fragments, with pings among them, and into what TCP makes of it all."""
    with failures() as broken:
        house = House(rate=0)
        ann = house.join("ann", WebPerson)
        sent = bytearray()
        for n, text in enumerate(texts):
            message = say(text, ref=f"{n}")
            edges = [0, *sorted({edge % (len(message) + 1) for edge in fragments}), len(message)]
            for place, (start, end) in enumerate(pairwise(edges)):
                opcode = TEXT if place == 0 else CONT
                sent += Frame(Opcode(opcode), message[start:end], end == len(message)).serialize(mask=True)
                if end == len(message):
                    break
                if data.draw(st.booleans()):
                    sent += Frame(Opcode(PING), b"?").serialize(mask=True)
        while sent:
            size = pieces[len(sent) % len(pieces)]
            ann.wire.carry(bytes(sent[:size]))
            del sent[:size]
        house.settle()

        answered = [one["ref"] for one in ann.objects if "ref" in one]
        assert answered == [f"{n}" for n in range(len(texts))] and not ann.gone
    assert not broken, broken[0]


def test_a_message_of_the_greatest_length_passes(ann, bob):
    message = say("hello").ljust(LONGEST)
    ann.sends_frame(TEXT, message[:10_000], fin=False)
    ann.sends_frame(CONT, message[10_000:])

    assert bob.talk == ["<ann> hello"] and not ann.gone


@pytest.mark.parametrize("cuts", [[], [10_000], [1, 2, 3, LONGEST]])
def test_a_message_that_is_too_long_closes_the_connection(house, ann, bob, cuts):
    message = say("hello").ljust(LONGEST + 1)
    edges = [0, *cuts, len(message)]
    for start, end in pairwise(edges):
        ann.sends_frame(CONT if start else TEXT, message[start:end], fin=end == len(message))

    assert ann.close_code == 1009 and bob.talk == []
    assert ann.client.close_rcvd.reason == "A message has at most 16384 bytes."


def test_a_length_alone_takes_no_memory(house, ann):
    """Announced bytes that don't come are only waited for."""
    ann.sends(bytes([0x81, 0xFF]) + (2**62).to_bytes(8, "big") + b"mask" + b"x" * 10)

    assert not ann.gone and ann.close_code is None
    ann.sends(b"x" * LONGEST)
    assert ann.close_code == 1009


def test_fragments_without_end_are_held_no_longer_than_a_message_may_be(unhurried):
    ann = unhurried.join("ann", WebPerson)
    ann.sends_frame(TEXT, b"x" * 1000, fin=False)
    for _ in range(16):
        ann.sends_frame(CONT, b"x" * 1000, fin=False)

    assert ann.close_code == 1009 and not ann.wire.protocol._door._socket._message[LONGEST + 1000 :]


def test_empty_fragments_without_end_take_nothing(unhurried):
    ann = unhurried.join("ann", WebPerson)
    ann.sends_frame(TEXT, b"", fin=False)
    for _ in range(200):
        ann.sends(Frame(Opcode(CONT), b"", False).serialize(mask=True) * 50)
    door = ann.wire.protocol._door._socket
    assert not door._message and not door._frames and ann.close_code is None

    ann.sends_frame(CONT, b'{"type":"ping","ref":"x"}')
    assert [one["ref"] for one in ann.of_type("pong")] == ["x"]


@pytest.mark.parametrize(
    "frame",
    [Frame(Opcode.CONT, b"", False), Frame(Opcode.PING, b""), Frame(Opcode.PONG, b"")],
    ids=["empty", "ping", "pong"],
)
def test_frames_that_say_nothing_are_slowed_down_like_lines(house, ann, bob, frame):
    ann.wire.taken = None
    ann.sends_frame(TEXT, say("hello")[:5], fin=False)
    ann.sends(frame.serialize(mask=True) * 60)
    assert ann.wire.producerState == "paused"

    ann.sends_frame(CONT, say("hello")[5:])
    house.advance(1)
    assert bob.talk == []
    house.advance(5)
    assert bob.talk == ["<ann> hello"]


# Invalid frames.


def masked(opcode, payload, fin=True):
    return Frame(opcode, payload, fin).serialize(mask=True)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        # RFC 6455, section 5.1.
        pytest.param(Frame(Opcode.TEXT, b"hi").serialize(mask=False), 1002, id="not masked"),
        pytest.param(bytes([0xC1, 0x80]) + b"mask", 1002, id="a reserved bit"),
        pytest.param(bytes([0x83, 0x80]) + b"mask", 1002, id="no operation"),
        pytest.param(bytes([0x8B, 0x80]) + b"mask", 1002, id="no control operation"),
        pytest.param(bytes([0x09, 0x80]) + b"mask", 1002, id="a ping in fragments"),
        pytest.param(bytes([0x89, 0xFE, 0x00, 0x7E]) + b"mask" + b"x" * 126, 1002, id="a long ping"),
        pytest.param(masked(Opcode.CONT, b"hi"), 1002, id="the end of nothing"),
        pytest.param(masked(Opcode.TEXT, b"hi", False) + masked(Opcode.TEXT, b"hi"), 1002, id="two beginnings"),
        pytest.param(bytes([0x81, 0xFE, 0x00, 0x01]) + b"mask" + b"x", 1002, id="a length longer than needed"),
        pytest.param(masked(Opcode.CLOSE, b"x"), 1002, id="a close of one byte"),
        pytest.param(masked(Opcode.CLOSE, (1006).to_bytes(2, "big")), 1002, id="a code that nobody may send"),
        pytest.param(masked(Opcode.CLOSE, (7).to_bytes(2, "big")), 1002, id="a code that means nothing"),
        pytest.param(masked(Opcode.BINARY, b"hi"), 1003, id="binary"),
        pytest.param(masked(Opcode.BINARY, b"hi", False), 1003, id="the beginning of binary"),
        pytest.param(masked(Opcode.TEXT, b"\xc3("), 1007, id="not UTF-8"),
        pytest.param(masked(Opcode.TEXT, b"\xed\xa0\x80"), 1007, id="a surrogate"),
        pytest.param(masked(Opcode.TEXT, "ä".encode()[:1]), 1007, id="half a letter"),
        pytest.param(masked(Opcode.TEXT, b"\xc3", False) + masked(Opcode.CONT, b"("), 1007, id="across two frames"),
    ],
)
def test_what_is_wrong_closes_the_connection_with_a_code(house, ann, bob, data, code):
    ann.sends(data)
    house.advance(CLOSE_TIMEOUT + 1)

    assert ann.close_code == code and ann.gone
    assert not bob.heard_of("left") and bob.talk == []
    # No goodbye was said, so they may come back.
    again = ann.returns()
    assert again.of_type("welcome")[-1]["resumed"]


def test_a_character_may_be_cut_in_two(ann, bob):
    message = say("ä").replace(b"\\u00e4", "ä".encode())
    place = message.index("ä".encode()) + 1
    ann.sends_frame(TEXT, message[:place], fin=False)
    ann.sends_frame(PING, b"")
    ann.sends_frame(CONT, message[place:])

    assert bob.talk == ["<ann> ä"]


def test_our_own_mistake_closes_the_connection_too():
    with failures() as broken:
        house = House()
        ann, bob = house.join("ann", WebPerson), house.join("bob")
        ann.wire.protocol._door._socket._outlet.dialect = None
        ann.types("hello")
    assert ann.close_code == 1011 and ann.gone and len(broken) == 1 and not bob.gone


# Around the upgrade.


def test_what_comes_right_behind_the_request_belongs_to_the_websocket(house, bob):
    hello = Frame(Opcode.TEXT, b'{"type":"hello","nick":"ann"}').serialize(mask=True)
    said = Frame(Opcode.TEXT, say("hi")).serialize(mask=True)
    wire = ask(house, request() + handshake() + hello + said[:5], said[5:])

    assert bob.talk == ["<ann> hi"] and wire.received.count(b"HTTP/1.1 101 ") == 1


def test_so_does_the_end_of_what_comes(house, bob):
    hello = Frame(Opcode.TEXT, b'{"type":"hello","nick":"ann"}').serialize(mask=True)
    wire = house.connect()
    wire.carry(handshake() + hello + Frame(Opcode.TEXT, say("hi")).serialize(mask=True))
    wire.half_close()
    house.settle()

    assert bob.talk == ["<ann> hi"] and wire.cut and not bob.heard_of("left")


def test_answers_that_are_not_read_yet_are_not_overtaken(house):
    wire = house.connect()
    wire.stall()
    wire.carry(request("/healthz") + handshake())
    house.settle()
    wire.drain()
    house.settle()

    assert wire.received.index(b"ok\n") < wire.received.index(b" 101 ") and not wire.cut


# Keep-alive.


def test_who_is_silent_is_asked_for_a_sign_of_life_and_gives_it(house, ann):
    house.advance(4 * (PING_INTERVAL + PONG_TIMEOUT))
    ann.read()

    assert not ann.gone and 3 <= [frame.opcode for frame in ann.frames].count(Opcode.PING) <= 7


def test_who_gives_none_is_hung_up_on_and_may_come_back(house, ann, bob):
    ann.wire.taken = None
    house.advance(PING_INTERVAL + PONG_TIMEOUT - 1)
    assert not ann.gone

    house.advance(1)
    assert ann.gone and not bob.heard_of("left")
    assert ann.returns().of_type("welcome")[-1]["resumed"]


def test_who_is_not_read_from_cannot_be_heard_and_is_waited_for():
    house = House(burst=3, rate=0.02)
    ann = house.join("ann", WebPerson)
    ann.types("one", "two")
    assert ann.wire.producerState == "paused"
    # The answer to the ping lies unread.
    house.advance(PING_INTERVAL + PONG_TIMEOUT + 1)
    assert not ann.gone

    house.advance(60)
    assert not ann.gone and "two" in house.words()


def test_who_does_not_read_is_not_asked(unhurried):
    ann, bob = unhurried.join("ann", WebPerson), unhurried.join("bob")
    ann.wire.stall()
    bob.types(*["x" * 4000] * 40)
    held = len(ann.wire.held)
    unhurried.advance(2 * (PING_INTERVAL + PONG_TIMEOUT))
    assert len(ann.wire.held) == held and not ann.gone

    ann.wire.drain()
    unhurried.advance(2 * (PING_INTERVAL + PONG_TIMEOUT))
    assert not ann.gone and len(ann.talk) == 40


def test_a_ping_is_answered(house, ann):
    ann.sends_frame(PING, b"are you there?")
    ann.read()

    assert [frame.data for frame in ann.frames if frame.opcode is Opcode.PONG] == [b"are you there?"]


def test_pings_whose_answers_are_not_read_are_answered_no_more(unhurried):
    ann = unhurried.join("ann", WebPerson)
    ann.wire.stall()
    ann.sends(Frame(Opcode(PING), b"x" * 125).serialize(mask=True) * 2000)

    assert len(ann.wire.held) < BUFFER + 1000


# The end.


@pytest.mark.parametrize("code", [1000, 1001, 4001])
def test_a_closed_tab_is_no_goodbye(house, ann, bob, code):
    ann.closes(code)
    assert ann.gone and ann.close_code == code and not bob.heard_of("left")

    again = ann.returns()
    assert again.of_type("welcome")[-1]["resumed"] and bob.lines.count("-- ann joined #lobby") == 1


def test_a_close_without_a_code_is_answered_without_one(house, ann):
    ann.sends_frame(CLOSE)
    ann.read()

    assert [bytes(frame.data) for frame in ann.frames if frame.opcode is Opcode.CLOSE] == [b""] and ann.gone


def test_who_does_not_come_back_has_left_after_a_while(house, ann, bob):
    ann.closes()
    house.advance(house.limits.grace + 1)

    assert bob.heard("-- ann left #lobby")


def test_who_quits_is_told_goodbye_and_the_connection_closes_when_both_say_so(house, ann, bob):
    ann.wire.taken = None
    ann.types("/quit gone home")
    assert bob.heard("-- ann left #lobby (gone home)") and not ann.gone

    assert ann.close_code == 1000 and ann.objects[-1] == {"type": "goodbye", "text": "Goodbye."}
    house.settle()
    assert ann.gone


def test_who_does_not_answer_the_close_is_not_waited_for(house, ann):
    ann.wire.taken = None
    ann.types("/quit")
    house.advance(CLOSE_TIMEOUT - 0.5)
    assert not ann.gone

    house.advance(1)
    assert ann.gone


def test_after_the_close_nothing_counts_that_still_comes(house, ann, bob):
    ann.wire.taken = None
    ann.sends_text('{"type":"quit"}\n{"type":"say","text":"one"}')
    ann.sends_text('{"type":"say","text":"two"}')
    ann.sends_frame(PING, b"three")
    ann.sends_frame(BINARY, b"four")
    ann.wire.carry(b"\xff" * 100)
    house.settle()

    assert bob.talk == [] and house.words() == [] and ann.close_code == 1000


def raw(opcode: int, data: bytes = b"", fin: bool = True) -> bytes:
    return Frame(Opcode(opcode), data, fin).serialize(mask=True)


AFTERWARDS = {
    "message": raw(TEXT, say("too late")),
    "close": raw(CLOSE, (1000).to_bytes(2)),
    "ping": raw(PING, b"?"),
    "half a message": raw(TEXT, say("too late"), False),
    "half a frame": raw(TEXT, say("too late"))[:-3],
    "nonsense": b"\xff" * 100,
    "zeros": bytes(100),
    "a great many": raw(PING) * 5000 + raw(TEXT, say("too late")),
}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("after", AFTERWARDS.values(), ids=AFTERWARDS)
@pytest.mark.parametrize(
    ("end", "code"),
    [
        (raw(CLOSE, (1001).to_bytes(2)), 1001),
        (raw(CLOSE), 1005),
        (raw(TEXT, b'{"type":"quit"}'), 1000),
        (raw(BINARY, b"?"), 1003),
        (b"\xc1\x80mask", 1002),
        (raw(TEXT, b"x" * LONGEST + b"x"), 1009),
        (raw(TEXT, b"x" * 60_000)[:20_000], 1009),
    ],
    ids=["closed", "closed without a code", "quit", "binary", "reserved", "too long", "too long and unfinished"],
)
def test_what_comes_after_the_end_is_passed_over(house, ann, bob, end, code, after, together):
    """Over TLS one read may become several, so a closing transport may still deliver bytes."""
    ann.wire.taken = None
    door = ann.wire.protocol
    for data in [end + after] if together else [end, after, after]:
        door.dataReceived(data)
    house.settle()
    socket = door._door._socket
    assert len(socket._frames) + len(socket._connection._proto._frame_decoder.buffer) < LONGEST + 100
    house.advance(CLOSE_TIMEOUT + 1)

    assert bob.talk == [] and "too late" not in house.words()
    assert ann.gone and ann.close_code == code
    assert [frame.opcode for frame in ann.frames].count(Opcode.CLOSE) == 1 and ann.frames[-1].opcode is Opcode.CLOSE


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize("began", [20_000, 59_999, 60_008])
def test_an_answer_to_our_close_is_found_behind_what_comes_before_it(house, ann, began, size):
    ann.wire.taken = None
    long = raw(TEXT, b"x" * 60_000)
    ann.sends(long[:began])
    rest = long[began:] + raw(PING, b"?") + raw(TEXT, say("late" * 50))
    for place in range(0, len(rest), size):
        ann.wire.carry(rest[place : place + size])
    house.settle()
    assert not ann.gone
    ann.sends(raw(CLOSE, (1009).to_bytes(2)))

    assert ann.gone and ann.close_code == 1009


def test_after_our_close_frames_without_end_are_not_even_looked_at(unhurried):
    ann = unhurried.join("ann", WebPerson)
    ann.wire.taken = None
    ann.types("/quit")
    ann.sends(raw(PONG) * MAX_LAST_FRAMES)
    assert not ann.gone
    # By now this could as well be anything.
    ann.sends(raw(CLOSE))
    assert not ann.gone

    unhurried.advance(CLOSE_TIMEOUT + 1)
    assert ann.gone


def test_an_answer_that_had_come_already_is_found():
    """A client that sends too much closes while the server doesn't read, and is then disconnected."""
    house = House(flood_kick=1.0, burst=1, rate=0.1)
    ann = house.join("ann", WebPerson)
    ann.wire.taken = None
    ann.sends(raw(TEXT, say("one")) * 2)
    ann.sends(raw(CLOSE, (1000).to_bytes(2)))
    ann.wire.protocol._door._socket._give_up_on_flood()
    house.settle()

    assert ann.close_code == 1008 and ann.gone


def test_a_message_of_empty_lines_is_held_as_it_came(house, ann, bob):
    """Each is a line that is paid for, so it takes a while; but 16 KB of them are 16 KB."""
    socket = ann.wire.protocol._door._socket
    tracemalloc.start()
    try:
        ann.sends_frame(TEXT, b"\n" * LONGEST)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert ann.wire.producerState == "paused" and house.web.lines <= 50
    assert held < 3 * LONGEST and len(list(iter(socket._lines.next_line, None))) == LONGEST + 2 - house.web.lines


def test_when_the_server_stops_everyone_is_told_and_the_code_says_come_back(house, ann):
    house.closes("a new version")

    assert ann.objects[-1]["text"].startswith("The server is shutting down: a new version.")
    assert ann.close_code == 1001 and ann.gone


def test_who_is_called_back_is_told_and_the_code_says_come_back_at_once(house, ann):
    [door] = house.web.connected
    door.call_back()
    house.settle()

    assert ann.objects[-1]["again"] is True
    assert ann.close_code == 1012 and ann.gone


def test_who_reads_slowly_gets_the_goodbye_all_the_same(unhurried):
    ann, bob = unhurried.join("ann", WebPerson), unhurried.join("bob")
    ann.wire.stall()
    bob.types(*["x" * 4000] * 40)
    unhurried.closes("the end")
    unhurried.advance(CLOSE_TIMEOUT + 1)
    assert not ann.gone

    ann.wire.drain()
    unhurried.settle()
    assert ann.objects[-1]["type"] == "goodbye" and ann.close_code == 1001 and ann.gone


def test_who_does_not_say_who_they_are_is_put_out(house):
    ann = WebPerson(house)
    house.advance(NAME_TIMEOUT + 1)

    assert ann.objects[-1]["type"] == "goodbye" and ann.close_code == 1008 and ann.gone


def test_so_is_who_floods():
    house = House(flood_kick=5.0, burst=1, rate=1)
    ann, bob = house.join("ann", WebPerson), house.join("bob")
    for n in range(30):
        ann.sends_line(f"{n}")
    house.advance(8)

    assert ann.close_code == 1008 and bob.heard("-- ann left #lobby (sent too much)")


def test_who_carries_on_elsewhere_is_told_so_here(house, ann):
    again = ann.returns()

    assert ann.objects[-1]["text"] == "You resumed on another connection." and ann.close_code == 1000
    assert again.of_type("welcome")[-1]["resumed"]


def test_who_sends_no_more_is_answered_before_the_connection_closes(house, ann, bob):
    ann.sends_line("one")
    ann.sends_object({"type": "who", "ref": "w"})
    ann.wire.half_close()
    house.settle()

    assert bob.talk == ["<ann> one"] and [one["ref"] for one in ann.of_type("who")] == ["w"] and ann.gone
    assert not bob.heard_of("left")


@pytest.mark.parametrize("paused", [False, True])
def test_who_is_gone_already_is_waited_for_no_more(house, ann, paused):
    ann.wire.taken = None
    if paused:
        ann.wire.stall()
    ann.types("/quit")
    ann.wire.half_close()
    house.settle()
    ann.wire.vanish(ConnectionDone)

    assert ann.gone and not house.web.connected


def test_the_door_is_told_as_web(house, ann, bob):
    ann.asks("who")

    assert {one["nick"]: one["door"] for one in ann.of_type("who")[-1]["people"]} == {"ann": "web", "bob": "line"}


def test_the_clock_is_left_alone_when_everybody_has_gone(house):
    people = [house.join(nick, WebPerson) for nick in ("ann", "bob")]
    people[0].types("/quit")
    people[1].types("/quit")
    house.settle()

    assert [call for call in house.clock.getDelayedCalls() if call.active()] == []
