"""How IRC messages stand on each kind of wire."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.uri import parse_uri

from chatroom.chat.events import Batch, Said
from chatroom.dialects.irc.dialect import IrcDialect
from chatroom.dialects.irc.framing import in_binary, in_lines, in_text
from chatroom.dialects.irc.look import Look
from chatroom.dialects.irc.message import MAX_LINE

LINES = st.lists(st.text(st.characters(codec="utf-8"), max_size=700), max_size=6)


def frames(data: bytes) -> list[tuple[int, bytes]]:
    """Take frames apart as a client does."""
    client = ClientProtocol(parse_uri("ws://x/"), state=State.OPEN, max_size=None)
    client.receive_data(data)
    found = client.events_received()
    assert client.parser_exc is None and all(frame.fin for frame in found)
    return [(frame.opcode, bytes(frame.data)) for frame in found]


@given(LINES)
def test_every_wire_carries_the_same_lines(lines):
    plain = in_lines(lines)
    expected = plain.split(b"\r\n")[:-1]

    assert plain.count(b"\n") == len(expected) == len(lines)
    assert frames(in_text(lines)) == [(1, one) for one in expected]
    assert frames(in_binary(lines)) == [(2, one) for one in expected]
    assert all(len(one) <= MAX_LINE - 2 or one.startswith(b"@") for one in expected)


@pytest.mark.parametrize("text", ["a\r\nQUIT", "a\nb", "a\x00b", "a\x1b[2Jb"])
def test_nothing_ends_a_line_or_damages_a_screen(text):
    for framing in (in_lines, in_text, in_binary):
        assert not set(b"\r\n\0\x1b") & set(framing([text]).removesuffix(b"\r\n"))


def test_tags_have_their_own_length():
    line = f"@{'a' * 3000} PRIVMSG #tea :{'x' * 600}"
    [(_, shown)] = frames(in_text([line]))
    assert len(shown) == 3002 + MAX_LINE - 2 and in_lines([line]) == shown + b"\r\n"


def test_what_is_rendered_for_one_wire_is_not_rendered_again_for_another():
    class Counted(Look):
        count = 0

        def source(self, event):
            self.count += 1
            return "ann!a@b", ""

    look = Counted(frozenset(), "here", SimpleNamespace(passing_with=lambda by, text: None))
    batch = Batch("tea", 1, [Said("tea", 0.0, "a", "ann", "hello")])
    [plain], [text] = IrcDialect(look).parts(batch), IrcDialect(look, in_text).parts(batch)

    assert plain == b":ann!a@b PRIVMSG #tea :hello\r\n" and frames(text) == [(1, plain[:-2])]
    assert look.count == 1
