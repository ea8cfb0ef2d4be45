"""IRC over WebSocket: what is spoken where, messages and frames, and closing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address
from websockets.frames import Frame, Opcode

from chatroom.config.web import networks
from chatroom.dialects.irc.message import MAX_LINE, MAX_TAGS
from chatroom.doors.heartbeat import PING_INTERVAL, PONG_TIMEOUT
from chatroom.doors.irc.server import Sts
from chatroom.doors.web.settings import WebSettings
from tests.doors.irc.raw import Irc, plain
from tests.doors.web.asking import answers, ask, handshake, request
from tests.house import House, JsonPerson, failures
from tests.websocket_wires import BinaryWebSocketWire, SecureWebSocketWire, WebSocketWire
from tests.wires import BUFFER

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
LONGEST = 16_384
UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec_websocket_version": "13",
    "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ==",
}
KINDS = {"text": WebSocketWire, "binary": BinaryWebSocketWire, "tls": SecureWebSocketWire}


@pytest.fixture(params=KINDS)
def web(house, bob, request):
    """A client at a WebSocket, who is in #tea with ann and bob."""
    web = Irc(house, "web", kind=KINDS[request.param])
    web.says("JOIN #tea")
    bob.new()
    return web


@pytest.fixture
def text(house, bob):
    text = Irc(house, "web", kind=WebSocketWire)
    text.says("JOIN #tea")
    bob.new()
    return text


def said(client):
    """What somebody has just heard others say."""
    return [one.params[-1] for one in client.new() if one.command == "PRIVMSG"]


# What is spoken where.


def opened_at(house, path, named):
    wire = ask(house, request(path, **UPGRADE, sec_websocket_protocol=named))
    [answered] = answers(wire) if b"\r\n\r\n" in wire.received else [None]
    spoken = {"irc": len(house.irc.connected), "json": len(house.web.connected)}
    return answered.status, answered.headers.get("sec-websocket-protocol"), spoken


@pytest.mark.parametrize("path", ["/ws", "/", "/socket", "/?x=y"])
@pytest.mark.parametrize(
    ("named", "chosen"),
    [
        ("text.ircv3.net", "text.ircv3.net"),
        ("binary.ircv3.net", "binary.ircv3.net"),
        ("binary.ircv3.net, text.ircv3.net", "binary.ircv3.net"),
        ("text.ircv3.net,binary.ircv3.net", "text.ircv3.net"),
        ("soap, wamp, text.ircv3.net", "text.ircv3.net"),
    ],
)
def test_the_first_subprotocol_that_is_spoken_here_is_chosen(house, path, named, chosen):
    assert opened_at(house, path, named) == (101, chosen, {"irc": 1, "json": 0})


@pytest.mark.parametrize("named", [None, "", "soap", "TEXT.ircv3.net", "text.ircv3.net.example", "x" * 200])
def test_who_names_none_of_them_speaks_json_except_where_irc_is_expected(house, named):
    assert opened_at(house, "/ws", named) == (101, None, {"irc": 0, "json": 1})
    assert opened_at(house, "/socket", named) == (101, None, {"irc": 1, "json": 1})
    assert opened_at(house, "/", named) == (200, None, {"irc": 1, "json": 1})


def test_several_headers_are_one_list(house):
    header = b"\r\nSec-WebSocket-Protocol: soap\r\nSec-WebSocket-Protocol: binary.ircv3.net, text.ircv3.net\r\n\r\n"
    wire = ask(house, request("/ws", **UPGRADE).replace(b"\r\n\r\n", header))

    assert b"Sec-WebSocket-Protocol: binary.ircv3.net\r\n" in wire.received and len(house.irc.connected) == 1


def test_a_client_that_names_none_is_sent_text(house):
    ann = Irc(house, "ann", kind=type("Legacy", (WebSocketWire,), {"subprotocol": None, "path": "/socket"}))

    assert {frame.opcode for frame in ann.wire.frames} == {Opcode.TEXT} and ann.numbers("PING x") == ["PONG"]


@pytest.mark.parametrize("path", ["/ws", "/", "/socket"])
def test_there_is_a_path_before_them_behind_a_proxy(house, path):
    house.web.routes.settings = WebSettings(prefix="/chat")
    assert opened_at(house, f"/chat{path}", "text.ircv3.net")[0] == 101


def test_other_paths_are_none(house):
    assert opened_at(house, "/irc", "text.ircv3.net") == (404, None, {"irc": 0, "json": 0})
    assert opened_at(house, "/healthz", "text.ircv3.net") == (200, None, {"irc": 0, "json": 0})


@pytest.mark.parametrize("path", ["/ws", "/", "/socket"])
def test_what_is_no_request_for_a_websocket_is_told_what_would_be(house, path):
    wire = ask(house, request(path, sec_websocket_protocol="text.ircv3.net"))
    assert answers(wire)[0].status == 426 and not house.irc.connected


@pytest.mark.parametrize("path", ["/ws", "/", "/socket"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil.example:2428"])
def test_pages_of_others_may_not(house, path, origin):
    wire = ask(house, request(path, **UPGRADE, sec_websocket_protocol="text.ircv3.net", origin=origin))
    assert answers(wire)[0].status == 403 and not house.irc.connected

    house.web.routes.settings = WebSettings(origins=frozenset("*"))
    wire = ask(house, request(path, **UPGRADE, sec_websocket_protocol="text.ircv3.net", origin=origin))
    assert answers(wire)[0].status == 101


def test_nobody_comes_in_while_the_server_stops(house):
    house.hub.core.closing = True
    wire = ask(house, handshake(sec_websocket_protocol="text.ircv3.net"))
    assert answers(wire)[0].status == 503 and not house.irc.connected


def test_behind_a_proxy_the_client_counts_and_has_its_address():
    house = House(max_per_address=1)
    proxies = networks(["10.0.0.0/8"])
    house.connection_limits.proxies, house.web.routes.settings = proxies, WebSettings(proxies=proxies)
    proxy = IPv4Address("TCP", "10.0.0.1", 40_000)
    asked = handshake(
        sec_websocket_protocol="text.ircv3.net", x_forwarded_for="198.51.100.7", x_forwarded_proto="https"
    )
    wire = ask(house, asked, address=proxy)
    [door] = house.irc.connected
    assert (door._outlet.address, door._outlet.secure) == ("198.51.100.7", True)
    assert answers(ask(house, asked, address=proxy))[0].status == 429

    wire.vanish()
    house.settle()
    assert not house.irc.connected and answers(ask(house, asked, address=proxy))[0].status == 101


# Messages.


def test_each_line_is_a_message_of_the_chosen_kind_without_its_end(web):
    opcode = Opcode.BINARY if web.wire.subprotocol == "binary.ircv3.net" else Opcode.TEXT
    messages = [frame for frame in web.wire.frames if frame.opcode in (Opcode.TEXT, Opcode.BINARY)]

    assert {frame.opcode for frame in messages} == {opcode} and len(messages) > 15
    assert not any(b"\r" in frame.data or b"\n" in frame.data for frame in messages)


def test_everyone_is_heard_and_hears(web, bob, program):
    assert web.says("PRIVMSG #tea :h\u00e9 \u2615") == [] and said(bob) == ["h\u00e9 \u2615"]
    program.types("/join tea", "hello")
    assert said(web) == ["hello"]
    assert "<web> h\u00e9 \u2615" in program.lines


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\n", b"\r", b"\r\n\r\n"])
def test_a_message_may_have_the_end_of_a_line(web, bob, end):
    web.wire.carry_message(b"PRIVMSG #tea :hello" + end)
    assert said(bob) == ["hello"] and web.new() == []


@pytest.mark.parametrize("between", [b"\r\n", b"\n", b"\r", b"\n\n\r"])
@pytest.mark.parametrize("size", [5, 200])
def test_several_lines_in_a_message_are_several(web, bob, between, size):
    """As on any other wire: nothing behind an end can pass for a part of what is before it."""
    first, second = "x" * size, ":server 001 bob :y"
    web.wire.carry_message(f"PRIVMSG #tea :{first}".encode() + between + f"PRIVMSG #tea :{second}".encode())
    assert said(bob) == [first, second]


@pytest.mark.parametrize("message", [b"", b"\r\n", b" ", b"\0", b":", b"@a=b", b"\0\r\0"])
def test_a_message_of_nothing_asks_nothing(web, message):
    web.wire.carry_message(message)
    assert web.numbers("PING x")[-1] == "PONG" and web.wire.close_code is None


def test_a_nul_is_passed_on_to_nobody(web, bob):
    web.wire.carry_message(b"PRIVMSG #tea :a\0b")
    assert said(bob) == ["ab"]


def test_either_kind_of_message_is_read(web, bob):
    for opcode in (TEXT, BINARY):
        web.wire.carry_frame(opcode, b"PRIVMSG #tea :hello")
        assert said(bob) == ["hello"]


def test_bytes_that_are_no_text_are_refused_in_binary_messages(web, bob):
    web.wire.carry_frame(BINARY, b"PRIVMSG #tea :caf\xe9")
    [failed] = web.new()
    assert failed.params[:2] == ("PRIVMSG", "INVALID_UTF8") and said(bob) == []


def test_in_text_messages_they_close_the_connection(text, bob):
    text.wire.carry_frame(TEXT, b"PRIVMSG #tea :caf\xe9")
    text.house.settle()
    assert text.wire.close_code == 1007 and text.gone and said(bob) == []


def test_only_text_goes_out(text, bob):
    bob.wire.carry(b"PRIVMSG web :caf\xe9\r\n")
    assert bob.new()[0].params[:2] == ("PRIVMSG", "INVALID_UTF8") and text.new() == []


def test_a_line_is_as_long_as_on_any_other_wire(web):
    assert web.numbers(f"@{'a' * (MAX_TAGS - 2)} PING x") == ["PONG"]
    assert web.numbers(f"@{'a' * (MAX_TAGS - 1)} PING x") == ["417"]
    assert web.numbers("PING " + "x" * (MAX_LINE - 2 - len("PING "))) != ["417"]
    assert web.numbers("PING " + "x" * (MAX_LINE - 1 - len("PING "))) == ["417"]
    assert web.numbers("PING " + "x" * (LONGEST - len("PING "))) == ["417"] and not web.gone


@pytest.mark.parametrize("cuts", [[], [10_000], [1, 2, 3, LONGEST]])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_that_is_too_long_closes_the_connection(text, bob, opcode, cuts):
    message = b"PRIVMSG #tea :".ljust(LONGEST + 1, b"x")
    for start, end in pairwise([0, *cuts, len(message)]):
        text.wire.carry_frame(CONT if start else opcode, message[start:end], fin=end == len(message))
        text.house.settle()

    assert text.wire.close_code == 1009 and text.gone and said(bob) == []


@settings(max_examples=60)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]), min_size=1, max_size=60), min_size=1, max_size=5
    ),
    st.lists(st.integers(0, 200), max_size=8),
    st.lists(st.integers(1, 60), min_size=1, max_size=20),
    st.sampled_from([TEXT, BINARY]),
)
def test_it_does_not_matter_how_messages_are_cut(texts, fragments, pieces, opcode):
    """Into fragments, with pings among them, and into what TCP makes of it all."""
    with failures() as broken:
        house = House(rate=0)
        ann = Irc(house, "ann", kind=WebSocketWire)
        sent = bytearray()
        for text in texts:
            message = f"PING :{text}".encode()
            edges = [0, *sorted({edge % (len(message) + 1) for edge in fragments}), len(message)]
            for place, (start, end) in enumerate(pairwise(edges)):
                kind = Opcode(CONT if place else opcode)
                sent += Frame(kind, message[start:end], end == len(message)).serialize(mask=True)
                if end == len(message):
                    break
                sent += Frame(Opcode.PING, b"?").serialize(mask=True)
        while sent:
            size = pieces[len(sent) % len(pieces)]
            super(WebSocketWire, ann.wire).carry(bytes(sent[:size]))
            del sent[:size]

        assert [one.command for one in ann.new()] == ["PONG"] * len(texts) and ann.wire.close_code is None
    assert not broken, broken[0]


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=300), max_size=8), st.booleans())
def test_whatever_comes_nothing_breaks(pieces, framed):
    with failures() as broken:
        house = House(rate=0)
        ann = Irc(house, "ann", kind=WebSocketWire)
        for piece in pieces:
            if framed:
                ann.wire.carry_frame(BINARY, piece)
            elif not ann.gone:
                super(WebSocketWire, ann.wire).carry(piece)
            house.settle()
        ann.wire.vanish()
        house.advance(31)
        assert not house.irc.connected and not house.hub._sessions
    assert not broken, broken[0]


def test_talk_is_rendered_once_for_all_of_a_kind(house, ann):
    kinds = (WebSocketWire, WebSocketWire, BinaryWebSocketWire)
    people = [Irc(house, f"p{n}", kind=kind) for n, kind in enumerate(kinds)]
    for one in people:
        one.says("JOIN #tea")
    rendered = []
    for one in people:
        write = one.wire.write
        one.wire.write = lambda data, write=write: (rendered.append(data), write(data))
    ann.says("PRIVMSG #tea :hello")

    assert [said(one) for one in people] == [["hello"]] * 3
    assert len(rendered) == 3 and len({id(data) for data in rendered}) == 2


# Keep-alive, and clients that do not read.


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_who_is_silent_is_pinged_by_the_websocket(house, kind):
    web = Irc(house, "web", kind=kind)
    house.advance(4 * (PING_INTERVAL + PONG_TIMEOUT))
    assert not web.gone and 3 <= [frame.opcode for frame in web.wire.frames].count(Opcode.PING) <= 7
    assert web.new() == []


def test_who_does_not_answer_is_hung_up_on(house, text, bob):
    text.wire.read = lambda data: None
    house.advance(PING_INTERVAL + PONG_TIMEOUT + 1)
    assert text.gone and [one.command for one in bob.new()] == ["QUIT"]


def test_a_ping_is_answered(web):
    web.wire.carry_frame(PING, b"are you there?")
    web.house.settle()
    assert [frame.data for frame in web.wire.frames if frame.opcode is Opcode.PONG] == [b"are you there?"]


def test_who_does_not_read_is_told_little_and_misses_nothing(house, text, program):
    program.types("/join tea")
    text.wire.stall()
    for n in range(600):
        program.asks("say", text=f"{n} {'x' * 300}", room="tea")
    assert len(text.wire.held) < BUFFER + 100_000

    text.wire.drain()
    house.advance(2)
    assert [one.split()[0] for one in said(text)] == [str(n) for n in range(600)]


def test_pings_whose_answers_are_not_read_are_answered_no_more(text):
    text.wire.stall()
    super(WebSocketWire, text.wire).carry(Frame(Opcode.PING, b"x" * 125).serialize(mask=True) * 2000)
    text.house.settle()
    assert len(text.wire.held) < BUFFER + 1000


def test_a_flood_is_slowed_and_loses_nothing():
    house = House()
    ann, program = Irc(house, "ann", kind=WebSocketWire), JsonPerson(house)
    ann.says("JOIN #tea")
    program.joins("program", "tea")
    for n in range(200):
        ann.wire.carry_message(b"PRIVMSG #tea :%d" % n)
    house.settle()
    assert len(program.talk) < 60
    house.advance(60)
    assert len(program.talk) == 200


def test_nobody_is_told_to_use_tls_whose_address_says_so(house):
    house.irc.server.sts = Sts(3600, 6697)
    far = Irc(house, address=IPv4Address("TCP", "192.0.2.7", 50_000), kind=WebSocketWire)
    assert not [one for one in far.says("CAP LS 302") if "sts=" in one.params[-1]]


# The end.


def test_who_quits_is_told_so_and_the_websocket_closes(web, bob):
    web.says("QUIT :gone home")
    assert web.wire.close_code == 1000 and web.gone
    assert [one.command for one in bob.new()] == ["QUIT"] and not web.house.hub.core.nicks.get("web")


@pytest.mark.parametrize("code", [1000, 1001, 4001])
def test_a_closed_page_is_a_broken_connection(house, web, bob, code):
    web.wire.carry_frame(CLOSE, code.to_bytes(2, "big"))
    house.settle()
    assert web.gone and web.wire.close_code == code and [one.command for one in bob.new()] == ["QUIT"]


def test_everyone_is_told_that_the_server_stops(house, web):
    house.closes("maintenance")
    assert "maintenance" in web.new()[-1].params[-1] and web.wire.close_code == 1001 and web.gone


def test_who_gives_no_nick_is_hung_up_on(house):
    ann = Irc(house, kind=WebSocketWire)
    house.advance(61)
    assert ann.new()[-1].command == "ERROR" and ann.gone and ann.wire.close_code == 1008


def test_our_own_mistake_closes_the_connection_too():
    with failures() as broken:
        house = House()
        ann = Irc(house, "ann", kind=WebSocketWire)
        [door] = house.irc.connected
        bob = Irc(house, "bob")
        door._take = None
        ann.says("PRIVMSG bob :hello")
    assert ann.wire.close_code == 1011 and ann.gone and len(broken) == 1 and not bob.gone


def test_an_account_comes_back_after_a_broken_connection(house, bob):
    Irc(house, "dora").says("PRIVMSG NickServ :REGISTER correct horse", "QUIT")

    def comes():
        client = Irc(house, "", "sasl", kind=WebSocketWire)
        client.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('dora', 'correct horse')}")
        client.says("NICK dora", "USER d 0 * :D", "CAP END")
        return client

    dora = comes()
    dora.says("JOIN #tea")
    bob.new()

    dora.wire.vanish()
    house.advance(10)
    comes().says("PRIVMSG #tea :back")
    house.advance(31)
    assert [(one.command, one.params[-1]) for one in bob.new()] == [("PRIVMSG", "back")]
