"""WebSocket frames: our parser agrees with wsproto."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage
from wsproto.frame_protocol import FrameProtocol, Opcode

from chatroom.doors.web.frames import frame_end, short_text

SERVER, CLIENT = ConnectionType.SERVER, ConnectionType.CLIENT


def masked(opcode: Opcode, payload: bytes, final: bool = True) -> bytes:
    """One frame as a client sends it."""
    return bytes(FrameProtocol(client=True, extensions=[])._serialize_frame(opcode, payload, final))


SIZES = st.one_of(st.integers(0, 130), st.sampled_from([65_535, 65_536, 70_000]))


@given(st.text(max_size=130), st.binary(max_size=20))
def test_a_short_message_is_read_as_wsproto_reads_it(text, rest):
    frame = masked(Opcode.TEXT, text.encode())
    judge = Connection(SERVER)
    judge.receive_data(frame)
    assert list(judge.events()) == [TextMessage(text)]
    whole = len(text.encode()) <= 125
    assert short_text(frame + rest, 0) == ((text.encode(), len(frame)) if whole else None)
    assert short_text(rest + frame, len(rest)) == ((text.encode(), len(rest + frame)) if whole else None)


@given(st.text(max_size=40), st.data())
def test_what_has_not_all_come_is_no_message_yet(text, data):
    frame = masked(Opcode.TEXT, text.encode())
    assert short_text(frame[: data.draw(st.integers(0, len(frame) - 1))], 0) is None


@given(st.binary(max_size=125).filter(lambda payload: not _is_utf8(payload)))
def test_what_is_no_text_is_left_to_wsproto(payload):
    assert short_text(masked(Opcode.TEXT, payload), 0) is None


@given(st.sampled_from([0x01, 0x02, 0x00, 0x80, 0x82, 0x88, 0x89, 0x8A, 0xC1, 0xA1, 0x91]))
def test_no_other_frame_is_read_as_a_message(first):
    frame = masked(Opcode.TEXT, b"hello")
    assert short_text(bytes([first]) + frame[1:], 0) is None
    assert short_text(frame[:1] + bytes([5]) + b"hello12345", 0) is None


@given(st.lists(SIZES, min_size=1, max_size=6), st.sampled_from([Opcode.TEXT, Opcode.BINARY, Opcode.CONTINUATION]))
def test_frames_end_where_they_do(sizes, opcode):
    frames = [masked(opcode, bytes(size), final=False) for size in sizes]
    wire, at = b"".join(frames), 0
    for frame in frames:
        # That shows as soon as the header is there.
        ends = [frame_end(wire[: at + come], at) for come in range(15)]
        assert set(ends) <= {None, at + len(frame)}
        assert ends[0] is ends[1] is None
        assert ends[14] == frame_end(wire, at) == at + len(frame)
        at += len(frame)


def test_a_frame_that_is_not_masked_ends_without_a_mask():
    assert frame_end(b"\x81\x05hello", 0) == 7


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
