"""A plain screen, for screen readers and terminals that can do nothing: text is added at its end, and stays."""

from __future__ import annotations

from collections.abc import Sequence

from .graphemes import certain, last_boundary
from .graphemes import columns as columns_of

_RUB_OUT = "\b \b"
"""What terminals themselves show for a deleted character, as ``stty echoe`` sets it."""


class PlainScreen:
    """
    Echoes what is typed, and repeats it after lines that came meanwhile.

    There is no prompt, because it would be read out after each line.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._shown = ""
        self._out: list[str] = []

    def write(self, sequence: str) -> None:
        """Write a *sequence* that moves nothing."""
        self._out.append(sequence)

    def take(self) -> str:
        """Return what is to be written to the terminal, and forget it."""
        out = "".join(self._out)
        self._out.clear()
        return out

    def end_line(self) -> None:
        """Go to a new line, unless the last one is empty."""
        if self._shown:
            self._out.append("\r\n")
            self._shown = ""

    def draw(self, lines: Sequence[str], text: str) -> None:
        """Show *lines*, and have *text* in the last line."""
        if lines:
            self.end_line()
            self._out.append("\r\n".join([*lines, ""]))
        shown, self._shown = self._shown, text
        if text.startswith(shown):
            self._out.append(text[len(shown) :].replace("\n", "\r\n"))
        elif self._can_rub_out(shown, text):
            self._out.append(_RUB_OUT * columns_of(shown[len(text) :]))
        else:
            self._out.append("\r\n" + text.replace("\n", "\r\n"))

    def _can_rub_out(self, shown: str, text: str) -> bool:
        """Whether *text* is the beginning of what is *shown*, and all of it is surely in one row of the screen."""
        end = len(text)
        is_beginning = bool(text) and shown.startswith(text) and last_boundary(shown, end) == end
        is_row = "\n" not in shown and certain(shown) == len(shown) and columns_of(shown) < self.columns
        return is_beginning and is_row
