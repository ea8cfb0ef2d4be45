"""Layout: the rows that the prompt and the typed text take on a screen, and where the cursor is in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .graphemes import drawn


@dataclass(frozen=True, slots=True)
class Layout:
    """
    The rows of a text, none wider than the screen, whatever the terminal makes of it, and the place of the cursor.

    :param row: counted from 0.
    :param column: counted from 0, always within the screen: behind a row that is full comes another one.
    """

    rows: list[str]
    row: int
    column: int


def lay_out(prompt: str, text: str, cursor: int, columns: int) -> Layout:
    """Lay out *text* after *prompt* on a screen of *columns* columns; *cursor* is a place in *text*."""
    if prompt.isascii() and text.isascii() and "\n" not in text:
        # Nearly every line: each character has one column.
        shown, at = prompt + text, len(prompt) + cursor
        rows = [shown[start : start + columns] for start in range(0, len(shown) + 1, columns)]
        return Layout(rows, at // columns, at % columns)
    rows, row, used, most = [], "", 0, 0
    cursor_row = cursor_column = -1

    def add(one: str, width: int, widest: int) -> None:
        nonlocal row, used, most
        row, used, most = row + one, used + width, most + widest

    def turn() -> None:
        nonlocal row, used, most
        rows.append(row)
        row, used, most = "", 0, 0

    for _, one, width, widest in drawn(prompt, columns):
        if most + widest > columns:
            turn()
        add(one, width, widest)
    place = 0
    for cluster, one, width, widest in drawn(text, columns):
        if most + max(widest, 1) > columns:
            turn()
        if place == cursor:
            cursor_row, cursor_column = len(rows), used
        if cluster == "\n":
            turn()
        else:
            add(one, width, widest)
        place += len(cluster)
    if most == columns:
        turn()
    if cursor_row < 0:
        cursor_row, cursor_column = len(rows), used
    return Layout([*rows, row], cursor_row, cursor_column)


def broken(text: str, columns: int) -> list[str]:
    """Break *text* into rows of at most *columns* columns, anywhere between clusters."""
    rows, used = [""], 0
    for _, one, _, most in drawn(text, columns):
        if used + most > columns:
            rows.append("")
            used = 0
        rows[-1] += one
        used += most
    return rows


def rows_of(widths: Iterable[int], width: int) -> int:
    """Count the rows that characters of these *widths*, in columns, take; a wide one is never split."""
    rows, column = 1, 0
    for one in widths:
        if column + one > width:
            rows, column = rows + 1, 0
        column += one
    return rows
