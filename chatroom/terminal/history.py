"""The history of typed lines, only in memory: private messages are in it."""

from __future__ import annotations

from collections.abc import Callable

_LINES = 100
_BYTES = 262_144


class History:
    """
    The last lines, and which of them is shown.

    A line that was recalled and changed stays changed until the next Enter, as does the one that was half typed.

    :param keeps: whether a line may be kept: passwords must not.
    """

    def __init__(self, keeps: Callable[[str], bool]) -> None:
        self._keeps = keeps
        self._lines: list[str] = []
        self._folded: list[str] = []
        """The same for searches, which are made with each key."""
        self._size = 0
        self._place = 0
        self._changed: dict[int, str] = {}

    def add(self, line: str) -> None:
        """Keep *line*, unless it is blank, is the last one again, or must not be kept; go to the end."""
        self._changed.clear()
        if line.strip() and line not in self._lines[-1:] and self._keeps(line):
            self._lines.append(line)
            self._folded.append(line.casefold())
            self._size += _size(line)
            while len(self._lines) > _LINES or self._size > _BYTES:
                self._size -= _size(self._lines.pop(0))
                del self._folded[0]
        self._place = len(self._lines)

    def forget(self, line: str) -> None:
        """Keep *line* no more: it has turned out to be a password that was typed before it was asked for."""
        if line in self._lines:
            self._lines = [one for one in self._lines if one != line]
            self._folded = [one.casefold() for one in self._lines]
            self._size = sum(map(_size, self._lines))
            self._changed.clear()
            self._place = len(self._lines)

    def earlier(self, text: str) -> str | None:
        """Return the line before the one shown, which reads *text* by now; None: there is none."""
        return self.go(self._place - 1, text)

    def later(self, text: str) -> str | None:
        """Return the line after the one shown, which reads *text* by now; None: there is none."""
        return self.go(self._place + 1, text)

    def go(self, place: int, text: str) -> str | None:
        """Return the line at *place*; the one shown reads *text* by now."""
        if not 0 <= place <= len(self._lines):
            return None
        if text != self._line(self._place):
            self._changed[self._place] = text
            while sum(map(_size, self._changed.values())) > _BYTES:
                # All but what was half typed can be recalled again.
                self._changed.pop(next((one for one in self._changed if one < len(self._lines)), self._place))
        self._place = place
        return self._line(place)

    def find(self, query: str, place: int | None = None) -> int | None:
        """Find the last line before *place*, or of all, that contains *query*, in any case of letters."""
        lines = self._folded if place is None else self._folded[:place]
        wanted = query.casefold()
        return next((at for at in reversed(range(len(lines))) if wanted in lines[at]), None)

    def at(self, place: int) -> str:
        """Return the line at *place*, as it was entered."""
        return self._lines[place]

    def _line(self, place: int) -> str:
        return self._changed.get(place, self._lines[place] if place < len(self._lines) else "")


def _size(line: str) -> int:
    return len(line.encode(errors="replace"))
