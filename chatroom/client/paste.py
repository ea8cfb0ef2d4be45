"""Pasted text: split into blocks that the server takes as one event each."""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.chat.limits import Limits
from chatroom.chat.refusals import TooLong
from chatroom.chat.syntax.blanks import is_blank

from .wire import encoded_size

MAX_LINE_BYTES = 7_000
"""
The longest line that is sent.

The server refuses longer lines than its own limit, usually 4,096 bytes.  But it does not read an object of
more than 16,384 bytes at all, so it cannot say which line that was.
"""
_MAX_ENCODED_BYTES = 15_000
"""The longest text as JSON writes it, where control characters take six bytes; the rest needs less than 1,000."""


def trimmed_lines(text: str) -> list[str]:
    """Split *text* into lines, without blank ones at the start and the end; the others stay as they are."""
    lines = text.split("\n")
    shown = [place for place, line in enumerate(lines) if not is_blank(line)]
    return lines[shown[0] : shown[-1] + 1] if shown else []


def split_blocks(lines: Sequence[str]) -> list[str]:
    """
    Join *lines* into as few blocks as the server takes.

    :raises TooLong: if a line is too long; then nothing should be sent.
    """
    limits = Limits()
    made: list[list[str]] = [[]]
    room = limits.line
    for line in lines:
        size = line_size(line)
        if made[-1] and (len(made[-1]) == limits.paste or size > room):
            made.append([])
            room = limits.line
        made[-1].append(line)
        # The newline counts as well.
        room -= size + 1
    blocks = ["\n".join(block) for block in made if any(block)]
    for block in blocks:
        _check_encoded(block)
    return blocks


def line_size(line: str) -> int:
    """
    Count the bytes of *line*.

    :raises TooLong: if it is too long to be sent.
    """
    size = len(line.encode(errors="replace"))
    if size > MAX_LINE_BYTES:
        raise TooLong(f"A line of more than {MAX_LINE_BYTES:,} bytes cannot be sent.")
    _check_encoded(line)
    return size


def _check_encoded(text: str) -> None:
    if encoded_size(text) > _MAX_ENCODED_BYTES:
        raise TooLong("Not sent: too many characters of that cannot be shown.")
