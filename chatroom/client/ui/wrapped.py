"""User interfaces around another: each changes a little of what reaches it."""

from __future__ import annotations

import re

from ..ui_port import UserInterface

_TIME = re.compile(r"\d\d:\d\d (?=#\S+ |<|\* |\[|-- )")
"""The time in front of a line, as the text dialect shows it."""


class Wrapped(UserInterface):
    """Passes everything on to the user interface *inner*."""

    def __init__(self, inner: UserInterface) -> None:
        self._inner = inner
        self.keeps_typed, self.repeats_passwords = inner.keeps_typed, inner.repeats_passwords
        self.answers_at_hello, self.is_typed = inner.answers_at_hello, inner.is_typed

    def show(self, line: str) -> None:
        """Pass it on."""
        self._inner.show(line)

    def complain(self, line: str) -> None:
        """Pass it on."""
        self._inner.complain(line)

    def ring(self) -> None:
        """Pass it on."""
        self._inner.ring()

    def notify(self, title: str, text: str) -> None:
        """Pass it on."""
        self._inner.notify(title, text)

    def escape(self, sequence: str) -> None:
        """Pass it on."""
        self._inner.escape(sequence)

    def want_password(self, question: str) -> None:
        """Pass it on."""
        self._inner.want_password(question)

    def give_back(self, text: str) -> None:
        """Pass it on."""
        self._inner.give_back(text)

    def prefer(self, *, coloured: bool | None, plain: bool) -> None:
        """Pass it on."""
        self._inner.prefer(coloured=coloured, plain=plain)

    def clear(self) -> None:
        """Pass it on."""
        self._inner.clear()

    def changed(self) -> None:
        """Pass it on."""
        self._inner.changed()

    def end(self) -> None:
        """Pass it on."""
        self._inner.end()


class Untimed(Wrapped):
    """Shows no time in front of lines."""

    def show(self, line: str) -> None:
        """Show *line* without its time."""
        self._inner.show(_TIME.sub("", line, count=1) if _TIME.match(line) else line)


class Silent(Wrapped):
    """Rings no bell."""

    def ring(self) -> None:
        """Do nothing."""
