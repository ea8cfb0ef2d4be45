"""Whatever bytes come in, however they are cut: nothing breaks, and nothing passes that should not."""

from __future__ import annotations

import json
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat.events import Event
from chatroom.dialects.json.encoder import event_object
from chatroom.dialects.sanitize import clean_lines
from chatroom.dialects.telnet import AYT, DO, EL, IAC, IP, NOP, SB, SE, WILL
from tests.doors.irc.raw import Irc
from tests.doors.web.asking import frame, handshake, request
from tests.house import House, JsonPerson, LinePerson, failures
from tests.linked_house import LinkedHouse

NAMES = ["ann", "ANN", "Zoë", "server", "bob", "x" * 40, "a b", "pаypal", "\u202eevil", "7", "exit", "тест"]
TEXTS = st.sampled_from(
    ["hi", "", " ", "//x", "a\x1b[2Jb", "a\u202eb", "x" * 4090, "😀" * 1025, "exit", "\x00"]
) | st.text(max_size=20)
TYPED = st.sampled_from(
    ["/nick {}", "/join {}", "/leave", "/leave {}", "/rooms", "/who", "/who {}", "/whois {}", "/topic", "/topic {}"]
) | st.sampled_from(
    ["/msg {} hi", "/msg bob {}", "/reply {}", "/me {}", "/history", "/history {}", "/time", "/help {}", "/{}", "{}"]
)
KINDS = st.sampled_from(["hello", "say", "me", "msg", "reply", "nick", "join", "leave", "who", "whois", "rooms"]) | (
    st.sampled_from(["topic", "history", "line", "ping", "help", "time", "nope"])
)
VALUES = st.one_of(
    st.sampled_from(NAMES),
    TEXTS,
    st.integers(-2, 2**70),
    st.none(),
    st.booleans(),
    st.floats(),
    st.lists(TEXTS, max_size=2),
)
FIELDS = st.sampled_from(
    ["nick", "text", "to", "room", "rooms", "ref", "topic", "count", "before", "all", "seen", "resume"]
)

typed_lines = st.builds(lambda form, text: form.replace("{}", text), TYPED, TEXTS | st.sampled_from(NAMES))
objects = st.builds(
    lambda kind, more: json.dumps({"type": kind, **more}), KINDS, st.dictionaries(FIELDS, VALUES, max_size=4)
)
telnet_codes = st.sampled_from(
    [[AYT], [NOP], [EL], [IAC], [DO, 1], [WILL, 31], [SB, 24, 65, IAC, SE], [SB], [IP]]
).map(lambda codes: bytes([IAC, *codes]))
ends = st.sampled_from([b"\n", b"\r\n", b"\r\0", b"\r", b""])
IRC = st.sampled_from(
    [
        *("PRIVMSG #lobby :{}", "PRIVMSG {} :hi", "NOTICE {} :{}", "JOIN {}", "JOIN #{} {}", "PART #lobby :{}"),
        *("TOPIC #lobby :{}", "NICK {}", "USER {} {} {} :{}", "CAP REQ :{}", "CAP LS 302", "CAP END"),
        *("AUTHENTICATE {}", "MODE #lobby +{} {}", "WHO {}", "WHO {} %tcnaf", "WHOIS {}", "WHOWAS {}", "LIST {}"),
        *("KICK #lobby {}", "CHATHISTORY LATEST #lobby * {}", "@{} PING {}", "@label={};+a={} TAGMSG #lobby"),
        *("MONITOR + {}", "REDACT #lobby {}", "NS IDENTIFY {}", "CHAT {}", "BATCH {}", "{}", ":{} {} :{}"),
        "CAP REQ :batch labeled-response message-tags echo-message server-time draft/multiline account-tag",
    ]
)
irc_lines = st.builds(lambda form, text: form.replace("{}", text), IRC, TEXTS | st.sampled_from(NAMES))
lines = st.builds(
    lambda text, end: text.encode(errors="surrogatepass") + end,
    typed_lines | objects | irc_lines | st.sampled_from(NAMES),
    ends,
)
pieces = st.one_of(
    lines,
    lines,
    telnet_codes,
    st.binary(max_size=30),
    st.sampled_from(
        [b"\n" * 300, b"x" * 5000, b"{" * 5000, b"\xff" * 20, b"GET / HTTP/1.1\r\n", b"NICK ", b"\x16\x03\x01"]
    ),
)
frames = st.builds(
    frame,
    st.sampled_from([1] * 15 + [*range(16)]),
    st.one_of(objects.map(lambda text: text.encode(errors="surrogatepass")), st.binary(max_size=130)),
    fin=st.sampled_from([True, True, True, False]),
    masked=st.sampled_from([True] * 9 + [False]),
)
openings = st.sampled_from(
    [
        b"ann\n",
        b'{"type":"hello","nick":"ann"}\n',
        b"\xff\xfd\x01ann\r\n",
        b"NICK ann\r\nUSER a 0 * :A\r\nJOIN #lobby\r\n",
        b"",
        b'{"type":"hello",',
        b"N",
    ]
)
streams = st.builds(lambda opening, rest: opening + b"".join(rest), openings, st.lists(pieces, max_size=12))
requests = st.sampled_from(
    [request(), request("/ws"), request("/metrics", "HEAD"), handshake(), handshake(origin="x")]
)
websockets = st.builds(
    lambda asked, hello, rest: b"".join([*asked, handshake(), *hello, *rest]),
    st.lists(requests, max_size=2),
    st.sampled_from([[], [frame(1, b'{"type":"hello","nick":"ann"}')]]),
    st.lists(frames | frames | pieces, max_size=12),
)
CAPABILITIES = ["batch", "labeled-response", "message-tags", "echo-message", "server-time", "draft/multiline"]
UNSAFE = {chr(code) for code in (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
cuts = st.lists(st.integers(0, 400), max_size=12)
HOUSES = st.sampled_from([House, LinkedHouse])


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[start:end] for start, end in pairwise(edges) if start < end]


@pytest.mark.slow
@settings(max_examples=250)
@given(
    st.lists(st.tuples(streams | websockets, cuts), min_size=1, max_size=3),
    st.sampled_from(["stays", "ends", "vanishes"]),
    st.sampled_from([0, 5]),
    HOUSES,
)
def test_any_bytes_in_any_split_break_nothing(visitors, how, rate, houses):
    with failures() as broken:
        house = houses(rate=rate)
        reader, program = house.join("reader"), house.join("program", JsonPerson)
        for data, places in visitors:
            wire = house.connect()
            for n, piece in enumerate(cut(data, places)):
                wire.carry(piece)
                if n % 3 == 0:
                    house.settle()
            if how == "ends":
                wire.half_close()
            elif how == "vanishes":
                wire.vanish()
        house.advance(3)

        program.types("still here")
        assert reader.heard("<program> still here")
        house.clock.pump([30.0] * 4)
        check_what_a_program_heard(house, program)
        check_what_a_person_heard(house, reader)
        house.closes("the end")
        house.advance(1)
    assert not broken, broken[0]


@pytest.mark.slow
@settings(max_examples=250)
@given(st.lists(irc_lines | lines, max_size=30), cuts, st.sampled_from(["", *CAPABILITIES]), HOUSES)
def test_an_irc_client_hears_and_says_only_lines_of_irc(sent, places, capabilities, houses):
    with failures() as broken:
        house = houses(rate=0)
        reader = Irc(house, "reader", *CAPABILITIES)
        reader.says("JOIN #lobby")
        visitor = Irc(house, "ann", *filter(None, [capabilities]))
        visitor.says("JOIN #lobby")
        data = b"".join(one.encode(errors="surrogatepass") + b"\r\n" if isinstance(one, str) else one for one in sent)
        for piece in cut(data, places):
            visitor.wire.carry(piece)
        house.advance(3)
        for client in (reader, visitor):
            received = bytes(client.wire.received)
            assert not received or received.endswith(b"\r\n")
            for line in received.decode().split("\r\n"):
                shown = line.partition(" ")[2] if line.startswith("@") else line
                assert len(shown.encode()) <= 510 and not UNSAFE & set(line.replace("\1", "")), line
    assert not broken, broken[0]


def check_what_a_program_heard(house: House, program: JsonPerson) -> None:
    """All of the lobby since they came in and all that was whispered to them, as it is stored and harmless."""
    for room in {values["room"] for values in program.objects if "seq" in values}:
        stored = [event_object(seq, event) for seq, event in house.stored(room)]
        shown = [values for values in program.objects if values.get("room") == room and "at" in values]
        assert shown == stored[-len(shown) :] and shown
        for values in stored:
            assert not [text for text in values.values() if isinstance(text, str) and clean_lines(text) != text]


def check_what_a_person_heard(house: House, reader: LinePerson) -> None:
    """All that was said in the lobby since they came in, and nothing that could damage their screen."""
    for line in reader.wire.received.decode().split("\n"):
        assert not [one for one in line if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
    assert [line for line in reader.lines if line.startswith(("<", "* ", "      | "))] == [
        line for _, event in house.stored() if event.type in ("said", "acted") for line in shown(event).split("\n")
    ]


def shown(event: Event) -> str:
    if event.type == "acted":
        return f"* {event.nick} {event.text}"
    return f"<{event.nick}> {event.text}".replace("\n", "\n      | ")


@given(streams, cuts, st.booleans(), HOUSES)
@settings(max_examples=150)
def test_a_visitor_is_answered_alike_however_their_bytes_are_cut(data, places, telnet, houses):
    # What can be erased depends on what came at once, whether this is telnet on the first IAC; and what was
    # pasted came at once, too.
    data = b"\xff\xf1ann\n" + data.replace(bytes([IAC, EL]), b"") if telnet else b"ann\n" + data.replace(b"\xff", b"")

    def answers(pieces):
        house = houses(rate=0, paste=1)
        wire = house.connect()
        for piece in pieces:
            wire.carry(piece)
        wire.half_close()
        house.advance(1)
        return house.words(), [event.type for _, event in house.stored()], wire.cut

    assert answers(cut(data, places)) == answers([data])
