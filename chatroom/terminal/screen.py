"""The screen: lines that stay, and below them a few rows that are drawn again where they have changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wcwidth import iter_graphemes, strip_sequences, wcswidth

from .graphemes import certain, common_length, last_boundary
from .graphemes import columns as columns_of
from .layout import rows_of

_FEW_BYTES = 16
"""A row that is no longer than this is written again rather than moved."""


@dataclass(frozen=True, slots=True)
class Bottom:
    """
    The rows at the bottom, none wider than the screen.

    :param status: a row below the others, which may be coloured; "": none.
    :param row: where the cursor is, counted from the first of the rows.
    """

    rows: list[str]
    status: str
    row: int
    column: int

    @property
    def height(self) -> int:
        """How many rows it has in all."""
        return len(self.rows) + bool(self.status)

    def at(self, row: int) -> str:
        """Return the *row*, be it the status."""
        return self.rows[row] if row < len(self.rows) else self.status


_NOTHING = Bottom([], "", 0, 0)


class Screen:
    """
    Draws on a terminal with as few bytes as it can, without knowing where on the screen it is.

    All movements are relative, and within the block: the terminal may have scrolled, and what is above it belongs to
    others.  Lines come in by inserting rows above the block (ECMA-48, IL), so that it isn't drawn again, unless
    terminals disagree about their height.  Behind what they disagree about, the cursor gets to its place by writing
    what is before it.

    :param reflows: whether the terminal wraps its lines anew when its width changes.
    """

    def __init__(self, columns: int, rows: int, *, reflows: bool = True) -> None:
        self._columns, self._rows = columns, rows
        self._reflows = reflows
        self._drawn = _NOTHING
        self._drawn_size = columns, rows
        self._row = 0
        self._column: int | None = 0
        """Where the cursor is, from the block's first row; no column: not for sure."""
        self._left: str | None = None
        """What was written in the row to the left of the cursor, if nothing has moved since."""
        self._out: list[str] = []

    def resize(self, columns: int, rows: int) -> None:
        """Know the new size; the next drawing begins with erasing what the terminal has made of the block."""
        self._columns, self._rows = columns, rows

    def clear(self) -> None:
        """Clear the whole screen, and draw at its top from now on."""
        self._out.append("\x1b[H\x1b[2J")
        self._forget()

    def write(self, sequence: str) -> None:
        """Write a *sequence* that moves nothing."""
        self._out.append(sequence)

    def take(self) -> str:
        """Return what is to be written to the terminal, and forget it."""
        out = "".join(self._out)
        self._out.clear()
        return out

    def erase(self) -> None:
        """Erase the block, and leave the cursor where it began."""
        self._go_up(self._row)
        if self._drawn.height > 1:
            # Not from the first column: tmux keeps what is on a screen that is cleared from its beginning.
            self._out.append("\x1b[K\x1b[C\x1b[J\r")
        elif self._drawn.height:
            self._out.append("\x1b[K")
        self._forget()

    def leave(self) -> None:
        """Leave the block where it is, and the cursor below it."""
        self._move(self._drawn.height - 1, None)
        self._out.append("\r\n")
        self._forget()

    def draw(self, lines: Sequence[str], block: Bottom) -> None:
        """Show *lines*, whose colours end with them, above the block, and have *block* from now on."""
        if (self._columns, self._rows) != self._drawn_size:
            self._erase_reflowed()
        if lines:
            self._show(lines)
        self._change(block)

    # Lines.

    def _show(self, lines: Sequence[str]) -> None:
        drawn, text = self._drawn, "\r\n".join(lines)
        if _is_certain(text) and (drawn.height > 1 or len(drawn.at(0) if drawn.height else "") > _FEW_BYTES):
            height = sum(map(self._height, lines))
            if height + drawn.height <= self._rows:
                below = drawn.height - 1
                self._move(below, None)
                # At the bottom of the screen, the block goes up; elsewhere, only the cursor goes down.
                self._out.append("\n" * height)
                self._go_up(below + height)
                self._out.append(f"\x1b[{height if height > 1 else ''}L{text}\r\n")
                self._row = self._column = 0
                self._left = None
                return
        if drawn.height > 1:
            self.erase()
        else:
            self._go_up(self._row)
            first, *_ = lines
            if drawn.height and not self._covers(first, drawn.at(0)):
                text = "\x1b[K" + text
        self._out.append(text + "\r\n")
        self._forget()

    def _height(self, line: str) -> int:
        """Count the rows of *line*, which the terminal breaks if it is a link."""
        if len(line) <= self._columns and line.isascii():
            return 1
        plain = strip_sequences(line)
        if columns_of(plain) <= self._columns:
            return 1
        return rows_of((wcswidth(cluster) for cluster in iter_graphemes(plain)), self._columns)

    def _covers(self, line: str, old: str) -> bool:
        """Return whether nothing is left of the row *old* where *line* is written."""
        new = line if line.isprintable() else strip_sequences(line)
        return _is_certain(new + old) and columns_of(new) >= min(self._columns, columns_of(old))

    # The block.

    def _change(self, block: Bottom) -> None:
        drawn = self._drawn
        for row in range(block.height):
            is_status = row >= len(block.rows)
            new = block.at(row)
            if row >= drawn.height:
                self._add_row(row)
                self._write(new)
            elif is_status or row >= len(drawn.rows):
                if new != drawn.at(row) or is_status != (row >= len(drawn.rows)):
                    self._move(row, 0)
                    self._out.append("\x1b[K")
                    self._write(new)
            elif new != drawn.at(row):
                self._change_row(row, drawn.at(row), new)
        if drawn.height > block.height:
            self._move(block.height, 0)
            self._out.append("\x1b[J")
        self._drawn = block
        self._go_to(block)

    def _add_row(self, row: int) -> None:
        if row:
            self._move(row - 1, None)
            self._out.append("\r\n")
            self._row, self._column, self._left = row, 0, None

    def _change_row(self, row: int, old: str, new: str) -> None:
        same = common_length(old, new)
        if not (old.isascii() and new.isascii()):
            same = min(last_boundary(old, same), last_boundary(new, same))
        if not _is_certain(old + new):
            if row != self._row or self._left != old or same < len(old):
                same = min(same, certain(new))
                self._move(row, columns_of(new[:same]))
                self._out.append("\x1b[K")
            self._write(new[same:], new)
            return
        kept = columns_of(new[:same])
        self._move(row, kept)
        self._write(new[same:])
        width = columns_of(new)
        if width < columns_of(old):
            self._move(row, width)
            self._out.append("\x1b[K")

    def _write(self, text: str, row: str = "") -> None:
        """Write *text* at the cursor, so that *row* is to the left of it; nothing is beyond the last column."""
        self._left = row or text
        if not text:
            return
        self._out.append(text)
        if self._column is None or not text.isascii():
            self._column = self._column_after(text)
        elif text.isprintable():
            self._column += len(text)
        else:
            self._column = None
        if self._column is not None and self._column >= self._columns:
            # It waits there for the next character, or it doesn't.
            self._column = None

    def _column_after(self, text: str) -> int | None:
        """Return the column behind *text*, if all terminals agree about that."""
        if self._column is None or not (text.isprintable() and _is_certain(text)):
            return None
        return self._column + columns_of(text)

    # The cursor.

    def _go_to(self, block: Bottom) -> None:
        """Go to the place of the cursor in *block*."""
        text = _first_columns(block.at(block.row), block.column)
        sure = certain(text)
        if sure == len(text):
            self._move(block.row, block.column)
        elif (self._row, self._left) != (block.row, text):
            self._move(block.row, columns_of(text[:sure]))
            self._write(text[sure:], text)

    def _move(self, row: int, column: int | None) -> None:
        """Go to a place in the block; *column* None: anywhere in the row."""
        if row != self._row:
            by = abs(row - self._row)
            self._out.append(f"\x1b[{by if by > 1 else ''}{'A' if row < self._row else 'B'}")
            self._row, self._left = row, None
        if column is None or column == self._column:
            return
        at, self._left = self._column, None
        if column == 0:
            self._out.append("\r")
        elif at is None:
            self._out.append(f"\r\x1b[{column if column > 1 else ''}C")
        elif column == at - 1:
            self._out.append("\b")
        else:
            by = abs(column - at)
            self._out.append(f"\x1b[{by if by > 1 else ''}{'D' if column < at else 'C'}")
        self._column = column

    def _go_up(self, rows: int) -> None:
        self._out.append("\r" if not rows else f"\r\x1b[{rows if rows > 1 else ''}A")
        self._row = self._column = 0
        self._left = None

    def _forget(self) -> None:
        self._drawn, self._drawn_size = _NOTHING, (self._columns, self._rows)
        self._row = self._column = 0
        self._left = None

    def _erase_reflowed(self) -> None:
        """Erase the block, which the terminal may have wrapped anew: it has made several rows of each, or not."""
        if self._reflows and self._columns < self._drawn_size[0]:
            drawn = self._drawn
            above = sum(self._height(drawn.at(row)) for row in range(self._row))
            # The cursor is behind the cells that are left of it, or at the beginning of the next row.
            self._row = above + (self._column or 0) // self._columns
        self.erase()


def _is_certain(text: str) -> bool:
    return certain(text) == len(text)


def _first_columns(text: str, columns: int) -> str:
    """Return the beginning of *text* that has so many *columns*."""
    if text.isascii():
        return text[:columns]
    place = width = 0
    for cluster in iter_graphemes(text):
        if width >= columns:
            break
        place, width = place + len(cluster), width + wcswidth(cluster)
    return text[:place]
