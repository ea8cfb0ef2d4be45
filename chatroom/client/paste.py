"""Pasted text: split into blocks that the server takes as one event each."""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.chat.limits import Limits
from chatroom.chat.refusals import TooLong
from chatroom.dialects.sanitize import clean

MAX_LINE_BYTES = 7_000
"""
The longest line that is sent.

The server refuses longer lines than its own limit, usually 4,096 bytes.  But it does not read an object of
more than 16,384 bytes at all, so it cannot say which line that was.  An escaped byte takes two.
"""


def trimmed_lines(text: str) -> list[str]:
    """Split *text* into lines, without empty ones at the start and the end."""
    lines = [clean(line).rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        del lines[0]
    return lines


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
    return ["\n".join(block) for block in made if any(block)]


def line_size(line: str) -> int:
    """
    Count the bytes of *line*.

    :raises TooLong: if it is too long to be sent.
    """
    size = len(line.encode(errors="replace"))
    if size > MAX_LINE_BYTES:
        raise TooLong(f"A line of more than {MAX_LINE_BYTES:,} bytes cannot be sent.")
    return size
