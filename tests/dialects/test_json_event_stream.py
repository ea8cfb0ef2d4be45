"""Streams of JSON objects: framing, ids, and gaps."""

from __future__ import annotations

import json

from hypothesis import given

from chatroom.chat.replies import Gap
from chatroom.dialects.json.event_stream import EventStreamDialect, LineStreamDialect
from tests.dialects.strategies import batches


def unframed(data: bytes) -> str:
    """Read chunks, as RFC 9112, section 7.1 has them."""
    found = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        end = int(size, 16)
        found += data[:end]
        assert data[end : end + 2] == b"\r\n"
        data = data[end + 2 :]
    return found.decode()


@given(batches())
def test_every_event_has_its_seq_and_its_object(batch):
    text = unframed(batch.rendered(EventStreamDialect(64)))
    events = [dict(line.split(": ", 1) for line in one.split("\n")) for one in text.split("\n\n")[:-1]]

    assert [int(one["id"]) for one in events] == [json.loads(one["data"])["seq"] for one in events]
    assert [int(one["id"]) for one in events] == [seq for seq, _ in batch]


@given(batches())
def test_lines_are_objects_and_nothing_else(batch):
    lines = unframed(batch.rendered(LineStreamDialect(64))).split("\n")

    assert lines.pop() == "" and [json.loads(line)["seq"] for line in lines] == [seq for seq, _ in batch]
    assert batch.rendered(LineStreamDialect(64, chunked=False)).decode() == "\n".join([*lines, ""])


def test_after_a_gap_the_position_is_its_end():
    gap = Gap("lobby", 1, 9)

    assert unframed(EventStreamDialect(64).encode_reply(gap)) == (
        'id: 9\ndata: {"type":"gap","room":"lobby","first":1,"last":9}\n\n'
    )


def test_comments_carry_nothing():
    for dialect, comment in ((EventStreamDialect(64), ":\n\n"), (LineStreamDialect(64), "\n")):
        assert unframed(dialect.pulse) == comment and dialect.end == b"0\r\n\r\n"
    assert EventStreamDialect(64, chunked=False).end == b""
