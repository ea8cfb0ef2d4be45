"""The keyboard: reads keys from the terminal, and notices when the terminal is gone."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from typing import TextIO

from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.input.posix_utils import PosixStdinReader
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

_READ_AT_ONCE = 65_536
"""Bytes that are read at once, so that a paste is seen as a whole."""

_FOCUS = {"\x1b[I": True, "\x1b[O": False}
"""What a terminal sends when its window comes to the front, or is not there any more (xterm, FocusIn and FocusOut)."""
# prompt_toolkit has no key for them; these are ignored by every binding.
ANSI_SEQUENCES.update(dict.fromkeys(_FOCUS, Keys.Ignore))


class TerminalInput(Vt100Input):
    """
    Reads keys as prompt_toolkit does, except for three things.

    A tab within text that arrives at once was pasted, and is text; prompt_toolkit knows that only from terminals that
    announce pastes.  And input ends with the terminal; prompt_toolkit goes on reading what always fails.  What the
    terminal reports about its window is no key.
    """

    def __init__(self, stdin: TextIO) -> None:
        super().__init__(stdin)
        self.focused: Callable[[bool], object] = lambda in_front: None
        """Called when the window has come to the front, or is not there any more."""
        self.stdin_reader = _Reader(stdin.fileno(), encoding=stdin.encoding)

    def read_keys(self) -> list[KeyPress]:
        """Read all keys that have been pressed."""
        keys = super().read_keys()
        for key in keys:
            if key.key == Keys.Ignore and key.data in _FOCUS:
                self.focused(_FOCUS[key.data])
        return with_pasted_tabs(keys)


class _Reader(PosixStdinReader):
    def read(self, count: int = _READ_AT_ONCE) -> str:
        data = b""
        while len(data) < count and not self.closed and select.select([self.stdin_fd], [], [], 0)[0]:
            try:
                piece = os.read(self.stdin_fd, count - len(data))
            except BlockingIOError:
                # Somebody else read it, and has made the terminal non-blocking.
                break
            except OSError:
                # EIO: the terminal is gone.
                piece = b""
            self.closed = not piece
            data += piece
        return self._stdin_decoder.decode(data)


def with_pasted_tabs(keys: list[KeyPress]) -> list[KeyPress]:
    """
    Return *keys*, which arrived at once, with each tab that was pasted as text.

    A tab at the end may have been pressed on a slow connection, and completes.
    """
    last = max((place for place, key in enumerate(keys) if _is_text(key)), default=-1)
    return [
        KeyPress("\t", "\t") if key.key == Keys.ControlI and place < last else key for place, key in enumerate(keys)
    ]


def _is_text(key: KeyPress) -> bool:
    return not isinstance(key.key, Keys) and key.key.isprintable()
