"""Paste detection: lines that arrived together are read as one message."""

from __future__ import annotations

from typing import NamedTuple

from chatroom.chat.commands import ends_block
from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax.blanks import is_blank

from ..sanitize import decode

MIN_BLOCK_LINES = 3
"""Lines that make a block, not counting empty ones; one or two may have been typed."""


class Pasted(NamedTuple):
    """A block of lines with ``\\n`` between them, and how many bytes after its first line belong to it."""

    text: str
    length: int


def pasted(first: bytes, rest: bytes, *, lines: int, size: int) -> Pasted | None:
    """
    Read the block that begins with the line *first* and continues in *rest*.

    It ends before a known command that is not indented, before a line that is not UTF-8, and where it would be too
    long.  Empty lines belong to it if they have others around them.

    :param rest: what arrived with *first*, after its newline.
    :param lines: how many lines a block may have.
    :param size: how many bytes it may have.
    :returns: None if there is no block here.
    """
    texts: list[str] = []
    line, end, room = first, 0, size
    full, whole, length = 0, 0, 0
    while len(texts) < lines and len(line) <= room:
        text = _spoken(line)
        if text is None or (not texts and is_blank(text)):
            break
        texts.append(text)
        room -= len(line) + 1
        if not is_blank(text):
            full, whole, length = full + 1, len(texts), end
        newline = rest.find(b"\n", end)
        if newline < 0:
            break
        line, end = rest[end:newline], newline + 1
    return Pasted("\n".join(texts[:whole]), length) if full >= MIN_BLOCK_LINES else None


def _spoken(line: bytes) -> str | None:
    """Read one line of ordinary text as it is; None if it is something else."""
    try:
        text = decode(line)
    except Refusal:
        return None
    return None if ends_block(text) else text
