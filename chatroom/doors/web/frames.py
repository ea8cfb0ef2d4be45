"""WebSocket frames (RFC 6455, section 5.2): finds where they end, and reads short text messages quickly."""

from __future__ import annotations

_TEXT = 0x81
"""The first byte of a message in one frame, of text."""
MAX_HEADER = 14
"""Bytes before the payload, at most."""
_OPERATION = 0x0F
"""What of the first byte says what a frame is."""
_CLOSE = 0x8
_MASKED = 0x80
_MAX_SHORT = 125
"""The longest payload whose length stands in the second byte; above, it stands in the next 2 bytes or 8."""
_EXTENDED = {126: 2, 127: 8}

MAX_LAST_FRAMES = 1000
"""Frames among which the answer to a close is looked for: about a millisecond's work."""


class LastFrames:
    """
    Skips what comes after our close, up to the other end's (RFC 6455, section 5.5.1).

    Frames are skipped and not read, right or wrong, and only `MAX_LAST_FRAMES` of them: who has not answered by
    then gets no attention any more.

    :param skip: bytes that have yet to come of a frame that has begun.
    """

    __slots__ = ("_begun", "_left", "_skip")

    def __init__(self, skip: int = 0) -> None:
        self._skip = skip
        self._begun = b""
        """The first bytes of a header."""
        self._left = MAX_LAST_FRAMES

    def close_in(self, data: bytes) -> bool:
        """Tell whether a close is in *data*, which follows what was given before."""
        data, at = self._begun + data, self._skip
        while self._left and at < len(data):
            if data[at] & _OPERATION == _CLOSE:
                return True
            end = frame_end(data, at)
            if end is None:
                break
            at = end
            self._left -= 1
        self._skip = max(0, at - len(data))
        self._begun = data[at:] if self._left else b""
        return False


def short_text(data: bytes | bytearray, at: int) -> tuple[bytes, int] | None:
    """
    Read the frame that begins at *at*, if it is a short message of text and all of it has come.

    wsproto takes 8 µs for such a frame, and this takes less than 1.

    :returns: the text, in UTF-8, and where the next frame begins; None for what wsproto is to judge.
    """
    begin = at + 6
    if len(data) < begin or data[at] != _TEXT:
        return None
    size = data[at + 1] ^ _MASKED
    end = begin + size
    if size > _MAX_SHORT or end > len(data):
        return None
    mask = (data[at + 2 : begin] * (size // 4 + 1))[:size]
    text = (int.from_bytes(data[begin:end]) ^ int.from_bytes(mask)).to_bytes(size)
    return (text, end) if _is_text(text) else None


def frame_end(data: bytes | bytearray, at: int) -> int | None:
    """
    Find where the frame that begins at *at* ends, whether that has come or not.

    :returns: None if not enough of it has come to tell.
    """
    if len(data) < at + 2:
        return None
    size = data[at + 1] & ~_MASKED
    begin = at + 2
    if size > _MAX_SHORT:
        begin += _EXTENDED[size]
        if len(data) < begin:
            return None
        size = int.from_bytes(data[at + 2 : begin])
    return begin + size + (4 if data[at + 1] & _MASKED else 0)


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
