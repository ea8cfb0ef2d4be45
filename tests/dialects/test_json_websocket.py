"""JSON lines in WebSocket messages: whole frames, which everybody's client takes apart alike."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.uri import parse_uri

from chatroom.chat.events import Batch
from chatroom.chat.replies import Notice
from chatroom.dialects.json.dialect import JsonDialect
from chatroom.dialects.json.websocket import FULL_MESSAGE, WebSocketJsonDialect
from tests.dialects.strategies import events

JSON, MESSAGES = JsonDialect(64), WebSocketJsonDialect(64)


def messages(data: bytes) -> list[str]:
    """Take frames apart as a client does."""
    client = ClientProtocol(parse_uri("ws://x/"), state=State.OPEN, max_size=None)
    client.receive_data(data)
    frames = client.events_received()
    assert client.parser_exc is None and all(frame.fin and frame.opcode == 1 for frame in frames)
    return [bytes(frame.data).decode() for frame in frames]


@given(st.lists(events(), min_size=1, max_size=8))
def test_they_hold_what_json_lines_hold(happened):
    batch = Batch("lobby", 7, happened)

    for viewer in ("", happened[0].by):
        lines = JSON.encode(batch, viewer).decode().split("\n")[:-1]
        assert [line for text in messages(MESSAGES.encode(batch, viewer)) for line in text.split("\n")] == lines


def test_what_is_rendered_for_one_is_not_rendered_again_for_the_other():
    batch = Batch("lobby", 1, [])
    MESSAGES.encode(batch)

    assert JSON.lines(batch, "") is MESSAGES.lines(batch, "")


@given(st.lists(st.integers(1, FULL_MESSAGE + 10), max_size=6))
def test_a_message_is_no_longer_than_it_has_to_be(sizes):
    lines = ["x" * size for size in sizes]
    found = messages(MESSAGES.to_bytes(lines))

    assert [line for text in found for line in text.split("\n")] == lines
    assert all(len(text) <= FULL_MESSAGE or "\n" not in text for text in found)


def test_of_nothing_there_is_no_message():
    assert MESSAGES.to_bytes([]) == b"" and MESSAGES.encode(Batch("lobby", 1, [])) == b""


def test_a_reply_is_a_message():
    assert [json.loads(text) for text in messages(MESSAGES.encode_reply(Notice("hi"), "r"))] == [
        {"type": "notice", "text": "hi", "ref": "r"}
    ]
