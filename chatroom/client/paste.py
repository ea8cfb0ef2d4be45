"""Pasted text: made into blocks that the server takes as one event each."""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.chat.limits import Limits
from chatroom.chat.refusals import TooLong
from chatroom.dialects.sanitize import clean

MAX_LINE_BYTES = 7_000
"""
Bytes of a line that are sent.

The server refuses what is over its own limit, usually 4,096; but an object of more than 16,384 bytes it
does not read at all, and so cannot tell which line that was.  An escaped byte takes two.
"""


def trimmed_lines(text: str) -> list[str]:
    """Cut *text* into lines, without the empty ones before the first and after the last."""
    lines = [clean(line).rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        del lines[0]
    return lines


def split_blocks(lines: Sequence[str]) -> list[str]:
    """
    Put *lines* together again, as few blocks as the server takes.

    :raises TooLong: if a single line is too long; then none should be sent.
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

    :raises TooLong: if it cannot be sent.
    """
    size = len(line.encode(errors="replace"))
    if size > MAX_LINE_BYTES:
        raise TooLong(f"A line of more than {MAX_LINE_BYTES:,} bytes cannot be sent.")
    return size
