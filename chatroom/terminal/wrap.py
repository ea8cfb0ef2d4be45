"""Wrapping: long lines break between words, and go on below their text, not below the time."""

from __future__ import annotations

import re

from wcwidth import propagate_sgr, strip_sequences, width, wrap

from .layout import broken

_COLUMNS = re.compile(r"-- (?:\S+ )*\S+ {2,}")
"""The first column of a row of several, as in the help."""
_HEAD = re.compile(
    r"(?:\d\d\d\d-\d\d-\d\d )?(?:\d\d:\d\d )?(?:#\S+ )?(?:<\S+> |\* \S+ |\[\S+ -> \S+\] |-- |!! )| {6}\| | {2,}"
)
"""What stands before the text of a line, as the text dialect shows it; nicks have no spaces."""

_NARROWEST = 20
"""Columns that the text keeps; with fewer beside the head, it goes on at the left edge."""

_SEQUENCE = re.compile("\x1b\\[[0-9;]*m")

_LINK = re.compile(r"\bhttps?://\S+", re.IGNORECASE)


def wrap_line(line: str, columns: int) -> list[str]:
    """
    Split *line*, which may be coloured, into rows of at most *columns* columns; a few columns have no colours.

    A link that is longer than a row has a row of its own that the terminal breaks, so that it can still be copied
    and clicked.
    """
    plain = strip_sequences(line)
    if width(plain) <= columns:
        return [line]
    if columns < _NARROWEST // 2:
        return broken(plain, columns) if columns > 0 else [line]
    for pattern in (_COLUMNS, _HEAD):
        head = pattern.match(plain)
        indent = width(head[0]) if head is not None else 0
        if head is not None and columns - indent >= _NARROWEST:
            text = _place(line, len(head[0]))
            first, *more = _text_rows(line[text:], columns - indent)
            return propagate_sgr([line[:text] + first, *(" " * indent + row for row in more)])
    return propagate_sgr(_text_rows(line, columns))


def _text_rows(text: str, columns: int) -> list[str]:
    rows: list[str] = []
    rest = 0
    for link in _LINK.finditer(text):
        if width(strip_sequences(link[0])) > columns:
            rows += [*_wrapped(text[rest : link.start()], columns), link[0]]
            rest = link.end() + text[link.end() :].startswith(" ")
    return rows + _wrapped(text[rest:], columns)


def _wrapped(text: str, columns: int) -> list[str]:
    return wrap(text, columns, break_on_hyphens=False, propagate_sgr=False)


def _place(line: str, length: int) -> int:
    """Return where in *line*, which may be coloured, the first *length* visible characters end."""
    place = 0
    while True:
        sequence = _SEQUENCE.match(line, place)
        if sequence is not None:
            place = sequence.end()
        elif length:
            place += 1
            length -= 1
        else:
            return place
