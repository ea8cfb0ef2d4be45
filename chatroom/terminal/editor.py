"""The line editor: a prompt at the bottom of a terminal, and above it the lines of the conversation."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from chatroom.chat.limits import Limits
from chatroom.dialects.sanitize import clean

from .actions import Action, EndOfInput, Interrupt
from .completion import Completer, candidates
from .keys import Key, KeyReader, Pressed, Text
from .layout import lay_out
from .line_input import LineInput
from .plain_screen import PlainScreen
from .screen import Bottom, Screen
from .shown_text import harmless, one_row
from .wrap import wrap_line

_PASTES_ON, _PASTES_OFF = "\x1b[?2004h", "\x1b[?2004l"
"""Bracketed paste mode (xterm's control sequences, DECSET 2004)."""

_LEFT = "\x1b[0m\x1b[?25h"
"""No colours, and a cursor that can be seen."""

_HELD = 16_384
"""Bytes that may wait while it isn't known what they are for."""


class LineEditor:
    """
    Lets a person type lines at a terminal while other lines come in.

    Bytes from the terminal go to ``receive``, and what ``take`` returns goes to the terminal, after each event or
    after several.  All that is kept is bounded, except for the lines between two calls of ``take``.

    :param columns: the size of the screen; unknown (0) is 80 × 24.
    :param prompt: shown before what is typed.
    :param completer: says what fits at a place in the text.
    :param limit: bytes that what is typed may have, as UTF-8; more is refused with a bell.
    :param keeps: whether a line may be in the history: passwords must not.
    :param plain: begins as `plain` leaves it.
    :param reflows: whether the terminal wraps its lines anew when its width changes, as nearly all do.
    """

    def __init__(
        self,
        *,
        columns: int,
        rows: int,
        prompt: str = "",
        completer: Completer | None = None,
        limit: int = Limits().line,
        keeps: Callable[[str], bool] = lambda line: True,
        plain: bool = False,
        reflows: bool = True,
    ) -> None:
        self._columns, self._rows = columns or 80, rows or 24
        self._prompt = clean(prompt)
        self._status = ""
        self._reader = KeyReader(limit)
        self._keys: deque[Pressed] = deque()
        self._held = 0
        self._screen = Screen(self._columns, self._rows, reflows=reflows)
        self._plain = PlainScreen(self._columns) if plain else None
        if not plain:
            self._screen.write(_PASTES_ON)
        self._input = LineInput(self, completer, limit, keeps)
        self._input.plain = plain
        self._lines: list[str] = []
        self._bottom: Bottom | None = None
        """What is to be at the bottom; None: it has changed."""
        self._top = 0
        """The first row of what is typed that is shown, if not all fit."""

    # Input.

    def receive(self, data: bytes) -> Iterator[Action]:
        """
        Take bytes from the terminal; return the actions in them.

        Go through them all, and show or ask in between as they say: that changes what the keys after them mean.
        """
        pressed = _with_pasted_tabs(list(self._reader.read(data)))
        if self._keys and self._held + len(data) > _HELD:
            self.ring()
        else:
            self._keys.extend(pressed)
            self._held += len(data)
        return self._act(pressed)

    def _act(self, pressed: list[Pressed]) -> Iterator[Action]:
        if self._input.answered:
            leaving: tuple[tuple[Key, Action], ...] = ((Key.INTERRUPT, Interrupt()), (Key.END_OF_INPUT, EndOfInput()))
            for key, action in leaving:
                if key in pressed:
                    self._keys.clear()
                    yield action
        while self._keys and not self._input.answered:
            done = self._input.press(self._keys.popleft())
            self._bottom = None
            if done is not None:
                yield done
        if not self._keys:
            self._held = 0

    @property
    def length(self) -> int:
        """How many characters of a line are typed: each key may go through them all, and so does drawing it."""
        return len(self._input.text.text)

    # Output.

    def show(self, text: str) -> None:
        """Show *text* of one or several lines above what is typed; only colours pass of what a terminal obeys."""
        self._lines += map(harmless, text.split("\n"))

    def ring(self) -> None:
        """Ring the bell."""
        (self._plain or self._screen).write("\a")

    def clear(self) -> None:
        """Clear the screen, and have the prompt at its top."""
        if self._plain is None:
            self._lines.clear()
            self._screen.clear()
            self._bottom = None

    def ask(self, question: str | None) -> None:
        """
        Ask *question*, and show nothing of the answer; None: go back to what was half typed.

        After an ``Answer``, call this in any case, and then ``receive(b"")``: keys have waited.  They belong to the
        next question.  If there is none, they are dropped, because they may be a password.
        """
        if self._input.answered and question is None and self._keys:
            self._keys.clear()
            self.ring()
        self._input.ask(question)
        self._bottom = None

    def forget(self, line: str) -> None:
        """Have *line*, which has been entered, in the history no more: it was a password."""
        self._input.forget(line)
        self._bottom = None

    def set_prompt(self, prompt: str) -> None:
        """Show *prompt* before what is typed."""
        self._prompt, self._bottom = clean(prompt), None

    def set_status(self, text: str | None) -> None:
        """Show *text*, which may be coloured, in a row below what is typed; None: have no such row."""
        self._status, self._bottom = text or "", None

    def resize(self, columns: int, rows: int) -> None:
        """Adapt to the size of the screen."""
        self._columns, self._rows, self._bottom = columns or 80, rows or 24, None
        self._screen.resize(self._columns, self._rows)
        if self._plain is not None:
            self._plain.columns = self._columns

    def plain(self, on: bool) -> None:
        """
        Write text only, one line after the other, for screen readers and terminals that can do nothing else.

        The cursor is always at the end, so keys that would move it only ring the bell.
        """
        if on is (self._plain is not None):
            return
        self._flush()
        self._input.set_plain(on)
        self._bottom = None
        if on:
            self._screen.erase()
            self._screen.write(_PASTES_OFF)
            self._plain = PlainScreen(self._columns)
            self._plain.write(self._screen.take())
        elif self._plain is not None:
            self._plain.end_line()
            self._screen.write(self._plain.take() + _PASTES_ON)
            self._plain = None

    def take(self) -> bytes:
        """Return what is to be written to the terminal."""
        self._flush()
        return (self._plain or self._screen).take().encode(errors="replace")

    def close(self) -> bytes:
        """Return what leaves the terminal clean: what was half typed, and the cursor on an empty line below it."""
        self.set_status(None)
        self._input.finish()
        self._flush()
        if self._plain is not None:
            self._plain.end_line()
        else:
            if self._input.line.text:
                self._screen.leave()
            else:
                self._screen.erase()
            self._screen.write(_PASTES_OFF + _LEFT)
        return (self._plain or self._screen).take().encode(errors="replace")

    def offer(self, offers: list[str]) -> None:
        """Show what a word may be completed to."""
        self.show("\n".join(candidates(offers, self._columns, in_words=self._plain is not None)))

    def end_line(self, *, whole: bool) -> None:
        """Go to a new line if lines stay as they were typed; *whole*: show first what has been typed of this one."""
        if self._plain is not None:
            if whole:
                self._draw_plain(self._plain)
            self._plain.end_line()

    def _flush(self) -> None:
        if self._plain is not None:
            self._draw_plain(self._plain)
        elif self._lines or self._bottom is None:
            rows = [row for line in self._lines for row in wrap_line(line, self._columns)]
            self._lines.clear()
            if self._bottom is None:
                self._bottom = self._make_bottom()
            self._screen.draw(rows, self._bottom)

    def _draw_plain(self, plain: PlainScreen) -> None:
        plain.draw(self._lines, self._input.question if self._input.hidden is not None else self._input.line.text)
        self._lines.clear()

    def _make_bottom(self) -> Bottom:
        line, search = self._input.line, self._input.search
        if self._input.hidden is not None:
            layout = lay_out(self._input.question, "", 0, self._columns)
        elif search is not None:
            layout = lay_out(search.prompt, search.line, search.cursor, self._columns)
        else:
            layout = lay_out(self._prompt, line.text, line.cursor, self._columns)
        status = one_row(self._status, self._columns) if self._rows > 2 else ""
        height = self._rows - bool(status)
        self._top = min(max(self._top, layout.row - height + 1), layout.row, max(0, len(layout.rows) - height))
        rows = layout.rows[self._top : self._top + height]
        return Bottom(rows, status, layout.row - self._top, layout.column)


def _with_pasted_tabs(pressed: list[Pressed]) -> list[Pressed]:
    """
    Return *pressed*, which arrived at once, with each tab that was pasted as text.

    A tab at the end may have been pressed on a slow connection, and completes.
    """
    if Key.TAB not in pressed:
        return pressed
    last = max((place for place, key in enumerate(pressed) if isinstance(key, Text)), default=-1)
    return [Text(" ") if key is Key.TAB and place < last else key for place, key in enumerate(pressed)]
