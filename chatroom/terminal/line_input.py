"""What is typed: keys change the line, the history is recalled and searched, and Enter makes actions of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from chatroom.dialects.sanitize import clean, clean_lines

from .actions import Action, Answer, Block, EndOfInput, Interrupt, Line, Shortcut, TooLong
from .completion import Completer, common
from .edited_text import EditedText
from .editing import EDITS, PLAIN_KEYS
from .history import History
from .keys import Alt, Key, Paste, Pressed, Text
from .search import Search


class Display(Protocol):
    """What keys do beside changing the line."""

    def ring(self) -> None:
        """Ring the bell."""

    def clear(self) -> None:
        """Clear the screen."""

    def offer(self, offers: list[str]) -> None:
        """Show what a word may be completed to."""

    def end_line(self, *, whole: bool) -> None:
        """Begin a new line; *whole*: show the one that is typed to its end first."""


class LineInput:
    """
    The line that is typed, or the answer to a question that nobody must see.

    :param limit: bytes that either may have, as UTF-8.
    :param keeps: whether a line may be in the history.
    """

    def __init__(
        self, display: Display, completer: Completer | None, limit: int, keeps: Callable[[str], bool]
    ) -> None:
        self._display = display
        self._completer = completer
        self._limit = limit
        self._history = History(keeps)
        self.plain = False
        """Whether the cursor must stay at the end."""
        self.line = EditedText(limit)
        self.hidden: EditedText | None = None
        """The answer, if there is a question."""
        self.question = ""
        self.answered = False
        """Whether the question has been answered, and it isn't known yet what the next keys are for."""
        self.search: Search | None = None

    def ask(self, question: str | None) -> None:
        """Begin with the answer to *question*; None: go back to the line."""
        self.answered, self.search = False, None
        self.question = clean(question or "")
        self.hidden = EditedText(self._limit) if question is not None else None

    def finish(self) -> None:
        """Have the cursor at the end of the line, and no question or search."""
        self.ask(None)
        self.line.go(len(self.line.text))

    def forget(self, line: str) -> None:
        """Have *line*, which has been entered, in the history no more: it was a password."""
        self.search = None
        self._history.forget(line)

    def set_plain(self, on: bool) -> None:
        """Have the cursor at the end, and keep it there, or not."""
        self.plain, self.search = on, None
        self.line.go(len(self.line.text))

    def press(self, key: Pressed) -> Action | None:
        """Do what *key* means now."""
        if self.search is not None and self._press_in_search(self.search, key):
            return None
        match key:
            case Paste(text, size):
                return self._paste(text, size)
            case Alt(character):
                return Shortcut(character)
            case Key.ENTER:
                return self._enter()
            case Key.INTERRUPT:
                return self._interrupt()
            case Key.END_OF_INPUT if not self.text.text:
                return EndOfInput()
            case _:
                if not self._edit(key):
                    self._display.ring()
                return None

    @property
    def text(self) -> EditedText:
        """What is typed now: the answer, if there is a question, or else the line."""
        return self.line if self.hidden is None else self.hidden

    def _edit(self, key: Pressed) -> bool:
        """Change the text as *key* says; return whether that was possible."""
        match key:
            case Text(text):
                return self.text.type(clean(text))
            case Key.CLEAR_SCREEN:
                self._display.clear()
                return True
            case _ if self.plain and key not in PLAIN_KEYS:
                return False
            case Key.TAB:
                return self.hidden is None and self._complete()
            case Key.SEARCH:
                self.search = Search(self._history) if self.hidden is None else None
                return self.hidden is None
            case Key.UP | Key.EARLIER:
                return self.hidden is None and self._recall(self.line.line_above(), self._history.earlier)
            case Key.DOWN | Key.LATER:
                return self.hidden is None and self._recall(self.line.line_below(), self._history.later)
            case Key() if key in EDITS:
                return EDITS[key](self.text)
            case _:
                return True

    def _paste(self, text: str, size: int) -> Action | None:
        lines = clean_lines(text)
        if self.hidden is not None and "\n" in lines:
            self._display.ring()
        elif size > self._limit or not self.text.insert(lines):
            self._display.ring()
            return TooLong()
        return None

    def _enter(self) -> Action:
        self._display.end_line(whole=True)
        text = self.text.text.strip("\n")
        if self.hidden is not None:
            self.hidden = EditedText(self._limit)
            self.answered, self.question = True, ""
            return Answer(text)
        self._history.add(text)
        is_cut = self.line.is_cut
        self.line.replace("")
        if is_cut:
            return TooLong()
        return Block(text) if "\n" in text else Line(text)

    def _interrupt(self) -> Action | None:
        was_typed = self.text.text
        self.text.replace("")
        self._display.end_line(whole=False)
        if self.hidden is not None or not was_typed:
            return Interrupt()
        self._history.add("")
        return None

    def _recall(self, place: int | None, get: Callable[[str], str | None]) -> bool:
        """Go to the line above or below, at *place*, of several, or else *get* another one from the history."""
        if place is not None and not self.plain:
            self.line.go(place)
            return True
        line = get(self.line.text)
        if line is not None:
            self.line.replace(line)
        return line is not None

    def _complete(self) -> bool:
        text, cursor = self.line.text, self.line.cursor
        found = self._completer(text, cursor) if self._completer is not None else None
        if found is None or not found.offers:
            return False
        put = common(found.offers)
        if text[cursor : cursor + 1] == " ":
            put = put.rstrip()
        if len(found.offers) > 1 and len(put) <= cursor - found.start:
            self._display.offer([offer.strip() for offer in found.offers])
            return True
        return self.line.put(clean(put), found.start)

    def _press_in_search(self, search: Search, key: Pressed) -> bool:
        """Take *key* as part of the search; False: the line that was found is taken, and *key* is meant for it."""
        found = True
        match key:
            case Text(text):
                found = search.add(clean(text))
            case Key.SEARCH:
                found = search.go_on()
            case Key.BACKSPACE:
                search.shorten()
            case Key.CANCEL | Key.INTERRUPT:
                self.search = None
            case _:
                self.search = None
                line = self._history.go(search.place, self.line.text) if search.place is not None else None
                if line is not None:
                    self.line.replace(line)
                return False
        if not found:
            self._display.ring()
        return True
