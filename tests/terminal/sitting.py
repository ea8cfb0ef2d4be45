"""A person at a terminal of their own, in memory: keys go to a line editor, and what it writes is looked at."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pyte

from chatroom.terminal.actions import Action
from chatroom.terminal.completion import Completer
from chatroom.terminal.editor import LineEditor


class Terminal(pyte.Screen):  # type: ignore[misc]
    """
    A terminal that doesn't wrap its lines anew when its width changes, and keeps what has scrolled off.

    It drops marks on letters, before which pyte would begin a new row in the last column; rows are compared without,
    see `bare`.  And pyte draws nothing that comes behind a ZERO WIDTH JOINER at once, so there must be none.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.scrolled: list[str] = []
        """The rows above the screen."""
        self.bells = 0
        super().__init__(columns, rows)

    @property
    def everything(self) -> list[str]:
        """All rows, those above the screen first."""
        return self.scrolled + [bare(row) for row in self.display]

    @property
    def at(self) -> tuple[int, int]:
        """The row of the cursor, counted from the first of all, and its column."""
        return len(self.scrolled) + self.cursor.y, self.cursor.x

    def index(self) -> None:
        """Go a row down; at the bottom, everything goes up."""
        if self.cursor.y == self.lines - 1:
            self.scrolled.append(bare(self.display[0]))
        super().index()

    def draw(self, data: str) -> None:
        """Draw *data* without marks."""
        super().draw("".join(one for one in data if unicodedata.category(one)[0] != "M"))

    def bell(self, *args: Any) -> None:
        """Count the bells."""
        self.bells += 1

    def resize(self, lines: int, columns: int) -> None:
        """Cut rows off below the cursor, and above the screen if that isn't enough, as terminals do."""
        above = max(0, self.cursor.y - lines + 1)
        self.scrolled += [bare(row) for row in self.display[:above]]
        kept = [self.buffer[row + above] for row in range(min(lines, self.lines))]
        self.buffer.clear()
        self.buffer.update(enumerate(kept))
        for row in kept:
            for column in range(columns, self.columns):
                row.pop(column, None)
        self.lines, self.columns = lines, columns
        self.cursor.y -= above
        self.cursor.x = min(self.cursor.x, columns - 1)


class Sitting:
    """A line editor at a terminal."""

    def __init__(
        self,
        columns: int = 40,
        rows: int = 8,
        *,
        prompt: str = "> ",
        completer: Completer | None = None,
        limit: int = 4096,
        keeps: Callable[[str], bool] = lambda line: True,
    ) -> None:
        self.editor = LineEditor(
            columns=columns, rows=rows, prompt=prompt, completer=completer, limit=limit, keeps=keeps, reflows=False
        )
        self.terminal = Terminal(columns, rows)
        self._stream = pyte.ByteStream(self.terminal)
        self.written = b""
        """Everything that was written to the terminal."""
        self.look()

    def types(self, *keys: str | bytes) -> list[Action]:
        """Send each of *keys* at once; return the actions."""
        actions = []
        for one in keys:
            actions += self.editor.receive(one if isinstance(one, bytes) else one.encode())
            self.look()
        return actions

    def hears(self, *lines: str) -> None:
        """Have *lines* come in at once."""
        self.editor.show("\n".join(lines))
        self.look()

    def resizes(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        self.terminal.resize(lines=rows, columns=columns)
        self.editor.resize(columns, rows)
        self.look()

    def look(self) -> bytes:
        """Bring to the terminal what the editor has written since; return it."""
        written = self.editor.take()
        self.feed(written)
        return written

    def feed(self, data: bytes) -> None:
        """Bring *data* to the terminal."""
        self.written += data
        self._stream.feed(data)

    @property
    def rows(self) -> list[str]:
        """All rows down to the last one that isn't empty."""
        rows = self.terminal.everything
        while rows and not rows[-1]:
            rows.pop()
        return rows


def bare(row: str) -> str:
    """Return *row* without marks on letters, and without the blanks at its end."""
    return "".join(one for one in unicodedata.normalize("NFD", row) if unicodedata.category(one)[0] != "M").rstrip(" ")


def pasted(text: str) -> bytes:
    """Return what a terminal sends when *text* is pasted (bracketed paste mode)."""
    return b"\x1b[200~" + text.replace("\n", "\r").encode() + b"\x1b[201~"


LEFT, RIGHT, UP, DOWN, HOME, END, DELETE = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[3~"
ENTER, TAB, BACKSPACE, ESCAPE = "\r", "\t", "\x7f", "\x1b"


def ctrl(letter: str) -> str:
    """Return what a terminal sends for Ctrl with *letter*."""
    return chr(ord(letter.upper()) - 64)
