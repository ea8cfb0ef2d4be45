"""The text that is being typed: its cursor, what is killed and yanked, and its limit."""

from __future__ import annotations

from unicodedata import category

from .graphemes import after, before, boundary, last_boundary


class EditedText:
    """
    A text with a cursor, which is always between two grapheme clusters.

    :param limit: bytes that it may have, as UTF-8.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.text = ""
        self.cursor = 0
        self.is_cut = False
        """Whether something that was typed did not fit, and nothing was deleted since."""
        self._killed = ""
        self._killing = False
        """Whether the last change was a kill, to which the next one is added."""

    @property
    def at_end(self) -> bool:
        """Whether the cursor is behind everything."""
        return self.cursor == len(self.text)

    def replace(self, text: str, cursor: int | None = None) -> None:
        """Have *text* instead, with the cursor at *cursor*, or at the end."""
        self._killing = self.is_cut = False
        self.text, self.cursor = text, len(text) if cursor is None else boundary(text, cursor)

    def type(self, text: str) -> bool:
        """Insert *text*, or remember that the text is not what was typed; return whether it fits."""
        fits = self.insert(text)
        self.is_cut = self.is_cut or not fits
        return fits

    def insert(self, text: str) -> bool:
        """Insert *text* at the cursor; return whether it fits."""
        return self.put(text, self.cursor)

    def put(self, text: str, start: int) -> bool:
        """Have *text* instead of what is between *start* and the cursor; return whether it fits."""
        rest = self.text[self.cursor :]
        changed = self.text[:start] + text + rest
        if len(changed.encode(errors="replace")) > self._limit:
            return False
        was_cut = self.is_cut
        self.replace(changed, start + len(text))
        self.is_cut = was_cut
        return True

    def yank(self) -> bool:
        """Insert what was killed last; return whether it fits."""
        return self.insert(self._killed)

    def transpose(self) -> bool:
        """Exchange the two clusters before the cursor, or the ones around it; return whether there are two."""
        middle = before(self.text, self.cursor) if self.at_end else self.cursor
        start, end = before(self.text, middle), after(self.text, middle)
        if start == middle or middle == end or "\n" in self.text[start:end]:
            return False
        self.replace(
            self.text[:start] + self.text[middle:end] + self.text[start:middle] + self.text[end:],
            end,
        )
        return True

    # Moving: each returns whether the cursor has moved.

    def go(self, place: int) -> bool:
        """Move the cursor to *place*."""
        self._killing = False
        moved, self.cursor = place != self.cursor, place
        return moved

    def left(self) -> int:
        """Return the place one cluster to the left."""
        return before(self.text, self.cursor)

    def right(self) -> int:
        """Return the place one cluster to the right."""
        return after(self.text, self.cursor)

    def word_left(self) -> int:
        """Return where the word to the left begins."""
        place = self.cursor
        while place and not _in_word(self.text[place - 1]):
            place -= 1
        while place and _in_word(self.text[place - 1]):
            place -= 1
        return last_boundary(self.text, place)

    def blank_word_left(self) -> int:
        """Return where what is between blanks to the left begins."""
        before_blanks = self.text[: self.cursor].rstrip()
        *_, word = before_blanks.rsplit(maxsplit=1) or [""]
        return last_boundary(self.text, len(before_blanks) - len(word))

    def word_right(self) -> int:
        """Return where the word to the right ends."""
        place, end = self.cursor, len(self.text)
        while place < end and not _in_word(self.text[place]):
            place += 1
        while place < end and _in_word(self.text[place]):
            place += 1
        return boundary(self.text, place)

    def line_start(self) -> int:
        """Return where the line of the cursor begins."""
        return self.text.rfind("\n", 0, self.cursor) + 1

    def line_end(self) -> int:
        """Return where the line of the cursor ends."""
        end = self.text.find("\n", self.cursor)
        return len(self.text) if end < 0 else end

    def line_above(self) -> int | None:
        """Return the place above the cursor, in the line before; None: there is none."""
        start = self.line_start()
        if not start:
            return None
        above = self.text.rfind("\n", 0, start - 1) + 1
        return boundary(self.text, min(above + self.cursor - start, start - 1))

    def line_below(self) -> int | None:
        """Return the place below the cursor, in the next line; None: there is none."""
        end = self.line_end()
        if end == len(self.text):
            return None
        below = self.text.find("\n", end + 1)
        last = len(self.text) if below < 0 else below
        return boundary(self.text, min(end + 1 + self.cursor - self.line_start(), last))

    # Deleting: each returns whether there was anything.

    def delete(self, place: int) -> bool:
        """Delete what is between *place* and the cursor."""
        start, end = sorted((place, self.cursor))
        if start != end:
            self.replace(self.text[:start] + self.text[end:], start)
        return start != end

    def kill(self, place: int) -> bool:
        """Delete what is between *place* and the cursor, so that it can be yanked; kills in a row add up."""
        start, end = sorted((place, self.cursor))
        gone = self.text[start:end]
        if not gone:
            return False
        if not self._killing:
            self._killed = gone
        elif place < self.cursor:
            self._killed = gone + self._killed
        else:
            self._killed += gone
        self.delete(place)
        self._killing = True
        return True


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_" or category(character)[0] == "M"
