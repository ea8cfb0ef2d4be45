"""Wrapping: long lines break between words, and go on below their text, not below the time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wcwidth import iter_graphemes, propagate_sgr, strip_sequences

from .graphemes import columns as width
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

_WORD = re.compile(r"( *)([^ ]+)")
"""A word, which may be coloured, and the spaces before it."""

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
            first, *more = _text_rows(line[text:], columns - indent) or [""]
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
    """
    Split *text* into rows at spaces; a word that is longer than a row begins where the one before it ends.

    The time grows with the length of *text* only: `wcwidth.wrap` looks at the rest of a long word for each row, which
    took 0.4 s for 4,000 Chinese characters on 20 columns.
    """
    rows: list[str] = []
    row, used = "", 0
    for space, word in _WORD.findall(text.rstrip(" ")):
        size = width(strip_sequences(word) if "\x1b" in word else word)
        if not size:
            row += word
        elif used + len(space) + size <= columns:
            row, used = row + space + word, used + len(space) + size
        elif size <= columns:
            rows.append(row)
            row, used = word, size
        else:
            row, used = row + space, used + len(space)
            for cluster, size in _clusters(word):
                if used + size > columns:
                    rows.append(row.rstrip(" "))
                    row, used = "", 0
                row, used = row + cluster, used + size
    return [one for one in (*rows, row) if one]


def _clusters(word: str) -> Iterator[tuple[str, int]]:
    """List the clusters of *word*, which may be coloured, each with its columns."""
    place = 0
    for sequence in (*_SEQUENCE.finditer(word), None):
        for cluster in iter_graphemes(word, place, len(word) if sequence is None else sequence.start()):
            yield cluster, width(cluster)
        if sequence is not None:
            yield sequence[0], 0
            place = sequence.end()


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
