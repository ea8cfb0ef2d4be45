"""Keys: the bytes that a terminal sends become keys, text and pastes, wherever the bytes are split."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto


class Key(Enum):
    """What a key does, whichever of its sequences the terminal sends."""

    ENTER = auto()
    TAB = auto()
    BACKSPACE = auto()
    DELETE = auto()
    LEFT = auto()
    RIGHT = auto()
    UP = auto()
    DOWN = auto()
    EARLIER = auto()
    LATER = auto()
    HOME = auto()
    END = auto()
    WORD_LEFT = auto()
    WORD_RIGHT = auto()
    TEXT_START = auto()
    TEXT_END = auto()
    KILL_TO_END = auto()
    KILL_TO_START = auto()
    KILL_BLANK_WORD = auto()
    """Back to the blank before the word, as Ctrl-W does."""
    KILL_WORD_LEFT = auto()
    KILL_WORD_RIGHT = auto()
    YANK = auto()
    TRANSPOSE = auto()
    CLEAR_SCREEN = auto()
    SEARCH = auto()
    CANCEL = auto()
    INTERRUPT = auto()
    END_OF_INPUT = auto()


@dataclass(frozen=True, slots=True)
class Text:
    """Characters that were typed, none of them a control character."""

    text: str


@dataclass(frozen=True, slots=True)
class Paste:
    """
    A bracketed paste, as it was sent, but with ``\\n`` between its lines.

    :param size: characters of all of it; *text* is empty if that are too many.
    """

    text: str
    size: int


@dataclass(frozen=True, slots=True)
class Alt:
    """Alt with *character*, which has no meaning in a line."""

    character: str


Pressed = Key | Text | Paste | Alt

_CONTROLS = {
    "\x01": Key.HOME,
    "\x02": Key.LEFT,
    "\x03": Key.INTERRUPT,
    "\x04": Key.END_OF_INPUT,
    "\x05": Key.END,
    "\x06": Key.RIGHT,
    "\x07": Key.CANCEL,
    "\b": Key.BACKSPACE,
    "\t": Key.TAB,
    "\n": Key.ENTER,
    "\x0b": Key.KILL_TO_END,
    "\x0c": Key.CLEAR_SCREEN,
    "\r": Key.ENTER,
    "\x0e": Key.LATER,
    "\x10": Key.EARLIER,
    "\x12": Key.SEARCH,
    "\x14": Key.TRANSPOSE,
    "\x15": Key.KILL_TO_START,
    "\x17": Key.KILL_BLANK_WORD,
    "\x19": Key.YANK,
    "\x7f": Key.BACKSPACE,
}
"""The keys with Ctrl, as in Emacs and in every shell."""

_ALTS = {
    "b": Key.WORD_LEFT,
    "f": Key.WORD_RIGHT,
    "d": Key.KILL_WORD_RIGHT,
    "\b": Key.KILL_WORD_LEFT,
    "\x7f": Key.KILL_WORD_LEFT,
    "<": Key.TEXT_START,
    ">": Key.TEXT_END,
}

_LETTERS = {
    "A": Key.UP,
    "B": Key.DOWN,
    "C": Key.RIGHT,
    "D": Key.LEFT,
    "F": Key.END,
    "H": Key.HOME,
    # rxvt, with Ctrl or Shift.
    "c": Key.WORD_RIGHT,
    "d": Key.WORD_LEFT,
}
"""The last characters of CSI and SS3 sequences (xterm's control sequences, "PC-Style Function Keys")."""

_NUMBERS = {"1": Key.HOME, "3": Key.DELETE, "4": Key.END, "7": Key.HOME, "8": Key.END}
"""The numbers of CSI sequences that end with ``~``."""

_BY_WORD = {
    Key.LEFT: Key.WORD_LEFT,
    Key.RIGHT: Key.WORD_RIGHT,
    Key.HOME: Key.TEXT_START,
    Key.END: Key.TEXT_END,
    Key.DELETE: Key.KILL_WORD_RIGHT,
}
"""What keys do with Ctrl or Alt."""

_ALT_OR_CTRL = 2 | 4
"""Bits of the number that stands for modifiers, less one."""

_CSI, _SS3, _OSC, _DCS, _APC = "[", "O", "]", "P", "_"
_STRINGS = {_OSC: "0123456789", _DCS: "0123456789!$+>|", _APC: "G"}
"""
What follows the beginnings of strings that terminals send.

Anything else after these is text after Alt with the character.
"""

_LONGEST_SEQUENCE = 64
"""Characters of a CSI sequence that are kept; longer ones mean nothing."""
_LONGEST_STRING = 4096
"""Characters of a string that are swallowed."""

_PASTE_BEGINS, _PASTE_ENDS = "200", "\x1b[201~"

_RUN = re.compile("[^\x00-\x1f\x7f-\x9f]+")
"""Text without control characters (C0, DEL, and C1)."""


class KeyReader:
    """
    Reads keys from the bytes of a terminal.

    Bytes that aren't UTF-8 become U+FFFD, so that people see what is wrong.  Sequences that mean nothing here are
    swallowed.  What is kept of unfinished ones is bounded.

    :param longest_paste: characters of a paste that are kept; a longer one is only counted.
    """

    def __init__(self, longest_paste: int) -> None:
        self._longest_paste = longest_paste
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._state = self._ground
        self._sequence = ""
        self._string_size = 0
        self._after_cr = False
        self._pasted: list[str] = []
        self._pasted_size = 0
        self._paste_tail = ""

    def read(self, data: bytes) -> Iterator[Pressed]:
        """Read what *data* adds to the bytes before it."""
        text = self._decoder.decode(data)
        place = 0
        while place < len(text):
            place, pressed = self._state(text, place)
            if pressed is not None:
                yield pressed

    # The states: each reads *text* from *place* on, and returns the next place, and the key if there is one.

    def _ground(self, text: str, place: int) -> tuple[int, Pressed | None]:
        run = _RUN.match(text, place)
        if run is not None:
            self._after_cr = False
            return run.end(), Text(run[0])
        return self._control(text[place], place + 1)

    def _control(self, character: str, after: int) -> tuple[int, Pressed | None]:
        self._state = self._ground
        was_after_cr, self._after_cr = self._after_cr, character == "\r"
        if was_after_cr and character in "\n\0":
            # CR LF and CR NUL (RFC 854, "The NVT printer and keyboard") are one Enter.
            return after, None
        if character == "\x1b":
            self._state = self._escape
        return after, _CONTROLS.get(character)

    def _escape(self, text: str, place: int) -> tuple[int, Pressed | None]:
        character = text[place]
        self._state = self._ground
        if character == _CSI:
            self._sequence, self._state = "", self._csi
        elif character == _SS3:
            self._sequence, self._state = "", self._ss3
        elif character in _STRINGS:
            self._sequence, self._state = character, self._string_begins
        elif character in _ALTS or character.lower() in _ALTS:
            return place + 1, _ALTS.get(character) or _ALTS[character.lower()]
        elif not _RUN.match(character):
            # Escape alone means nothing, and the next key counts.
            return self._control(character, place + 1)
        else:
            return place + 1, Alt(character)
        return place + 1, None

    def _csi(self, text: str, place: int) -> tuple[int, Pressed | None]:
        character = text[place]
        if " " <= character <= "?" or (character == "[" and not self._sequence):
            # The Linux console sends "[[" and a letter for some function keys.
            if len(self._sequence) < _LONGEST_SEQUENCE:
                self._sequence += character
            return place + 1, None
        self._state = self._ground
        if not "@" <= character <= "~":
            return place, None
        if character == "~" and self._sequence == _PASTE_BEGINS:
            self._state = self._paste
            return place + 1, None
        return place + 1, _function_key(self._sequence, character)

    def _ss3(self, text: str, place: int) -> tuple[int, Pressed | None]:
        character = text[place]
        if character in "0123456789;" and len(self._sequence) < _LONGEST_SEQUENCE:
            # Some terminals put the modifiers here.
            self._sequence += character
            return place + 1, None
        self._state = self._ground
        if not "@" <= character <= "~":
            return place, None
        if character == "M":
            return place + 1, Key.ENTER
        return place + 1, _function_key(self._sequence and f"1;{self._sequence[-1]}", character)

    def _string_begins(self, text: str, place: int) -> tuple[int, Pressed | None]:
        is_string = text[place] in _STRINGS[self._sequence]
        self._state = self._string if is_string else self._ground
        self._string_size = 0
        return place, None

    def _string(self, text: str, place: int) -> tuple[int, Pressed | None]:
        run = _RUN.match(text, place)
        if run is not None:
            self._string_size += len(run[0])
            if self._string_size > _LONGEST_STRING:
                self._state = self._ground
            return run.end(), None
        if text[place] in "\x07\x9c":
            self._state = self._ground
            return place + 1, None
        if text[place] == "\x1b":
            self._state = self._string_ends
            return place + 1, None
        # Nothing that a terminal reports has controls: this is a key.
        return self._control(text[place], place + 1)

    def _string_ends(self, text: str, place: int) -> tuple[int, Pressed | None]:
        if text[place] == "\\":
            self._state = self._ground
            return place + 1, None
        return self._escape(text, place)

    def _paste(self, text: str, place: int) -> tuple[int, Pressed | None]:
        tail = self._paste_tail
        joined = tail + text[place:]
        end = joined.find(_PASTE_ENDS)
        if end < 0:
            # The end of the paste may be split.
            kept = next(size for size in range(len(_PASTE_ENDS), -1, -1) if joined.endswith(_PASTE_ENDS[:size]))
            self._keep(joined[: len(joined) - kept])
            self._paste_tail = joined[len(joined) - kept :]
            return len(text), None
        self._keep(joined[:end])
        pasted, size = "".join(self._pasted), self._pasted_size
        self._pasted, self._pasted_size, self._paste_tail = [], 0, ""
        self._state, self._after_cr = self._ground, False
        newlines = pasted.replace("\r\n", "\n").replace("\r", "\n")
        return place + end + len(_PASTE_ENDS) - len(tail), Paste(newlines, size)

    def _keep(self, text: str) -> None:
        self._pasted_size += len(text)
        if self._pasted_size <= self._longest_paste:
            self._pasted.append(text)
        else:
            self._pasted.clear()


def _function_key(parameters: str, letter: str) -> Key | None:
    """Name the key of a CSI or SS3 sequence; None: it means nothing here."""
    first, _, modifier = parameters.partition(";")
    if letter == "~":
        key = _NUMBERS.get(first)
    elif first in ("", "1"):
        key = _LETTERS.get(letter)
    else:
        return None
    if modifier.isdecimal() and len(modifier) < 4 and (int(modifier) - 1) & _ALT_OR_CTRL and key is not None:
        return _BY_WORD.get(key, key)
    return key
