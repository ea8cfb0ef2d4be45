"""Attention: the title of the terminal's window, and notifications on the desktop, by escape sequences."""

from __future__ import annotations

import re
from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime

from chatroom.dialects.sanitize import clean

from ..ui_port import UserInterface
from .wrapped import Wrapped

MAX_TITLE = 80
"""Characters; taskbars show fewer."""
MAX_TEXT = 200
"""Characters of a notification; desktops show about as many."""
MIN_INTERVAL = 2.0
"""Seconds between notifications: a stranger who mentions somebody in every line fills no desktop."""

_PROGRESS = re.compile(r"\s*\d+\s*;")
"""What ConEmu and Windows Terminal take for a command, such as a progress bar, after the number 9."""

_ST = "\x1b\\"


class Title(Wrapped):
    """
    Keeps the title of the window up to date, and gives the old one back at the end.

    :param describe: returns the title.
    """

    def __init__(self, inner: UserInterface, describe: Callable[[], str]) -> None:
        super().__init__(inner)
        self._describe = describe
        self._title = ""
        # XTWINOPS: the terminal keeps the old title.
        self.escape("\x1b[22;2t")

    def changed(self) -> None:
        """Show the new title, if it is another one."""
        title = harmless(self._describe(), MAX_TITLE)
        if title != self._title:
            self._title = title
            self.escape(f"\x1b]2;{title}{_ST}")
        super().changed()

    def end(self) -> None:
        """Give the old title back; terminals that keep none have an empty one, until the shell sets its own."""
        self.escape(f"\x1b]2;{_ST}\x1b[23;2t")
        super().end()


class Notifying(Wrapped):
    """
    Asks the terminal for notifications.

    :param kind: ``osc9`` or ``osc777``.
    :param inside_tmux: tmux passes on what is wrapped for it, if its option ``allow-passthrough`` is on.
    """

    def __init__(self, inner: UserInterface, clock: IReactorTime, kind: str, *, inside_tmux: bool) -> None:
        super().__init__(inner)
        self._clock = clock
        self._kind = kind
        self._inside_tmux = inside_tmux
        self._next = clock.seconds()

    def notify(self, title: str, text: str) -> None:
        """Show a notification, unless the last one has just been shown."""
        now = self._clock.seconds()
        if now >= self._next:
            self._next = now + MIN_INTERVAL
            sequence = osc9(title, text) if self._kind == "osc9" else osc777(title, text)
            self.escape(_for_tmux(sequence) if self._inside_tmux else sequence)


def osc9(title: str, text: str) -> str:
    """Make a notification for iTerm2, kitty, WezTerm and others."""
    whole = harmless(f"{title}: {text}", MAX_TEXT)
    if _PROGRESS.match(whole):
        whole = f"chatroom: {whole}"
    return f"\x1b]9;{whole}{_ST}"


def osc777(title: str, text: str) -> str:
    """Make a notification for rxvt-unicode, foot and others."""
    return f"\x1b]777;notify;{harmless(title, MAX_TITLE).replace(';', ',')};{harmless(text, MAX_TEXT)}{_ST}"


def harmless(text: str, longest: int) -> str:
    """Make one short line of *text* without characters that could end or change an escape sequence."""
    line = " ".join("".join(character if character.isprintable() else " " for character in clean(text)).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _for_tmux(sequence: str) -> str:
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}{_ST}"
