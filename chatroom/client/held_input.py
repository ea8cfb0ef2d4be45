"""Held input: what was typed while an answer is to come that decides what it is, or where it goes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container
from dataclasses import dataclass

from .command_names import command_name
from .outbox import Line

ASKS = ("/account", "/login", "/password", "/register")
"""The commands that may ask for a secret, unless the server's welcome lists them."""
MAX_HELD = 200
"""Entries that are held while the server doesn't answer."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person entered: *text*, of one or several lines, to say in *room*; None: where a command leads first."""

    text: str
    room: str | None


class HeldInput:
    """
    The line whose answer is awaited, and what was typed after it, in order.

    A line that may ask for a secret is awaited, because the next one may be the secret; a line that changes the
    room is awaited, because the next ones go there.
    """

    def __init__(self) -> None:
        self.asks: Container[str] = ASKS
        self.moves: Container[str] | None = None
        """The commands that change the current room, by the server's welcome; None: any may."""
        self.awaited: Line | None = None
        self._typed: deque[Typed] = deque()

    def keep(self, typed: Typed) -> bool:
        """Hold *typed*; return False if too much is held already."""
        if len(self._typed) >= MAX_HELD:
            return False
        self._typed.append(typed)
        return True

    def take(self) -> Typed | None:
        """Return what was typed first, and hold it no more."""
        return self._typed.popleft() if self._typed else None

    def sent(self, line: Line) -> None:
        """Await the answer to *line*, if it decides about the next one."""
        if self.may_ask(line.text) or self.may_move(line.text):
            self.awaited = line

    @property
    def hides(self) -> bool:
        """Whether the next line may be a secret."""
        return self._any(self.may_ask)

    @property
    def moving(self) -> bool:
        """Whether the current room may be another one for the next line."""
        return self._any(self.may_move)

    def may_ask(self, text: str) -> bool:
        """Return whether the answer to *text* may be a question for a secret."""
        return command_name(text) in self.asks

    def may_move(self, text: str) -> bool:
        """Return whether *text* may change the current room."""
        name = command_name(text)
        return bool(name) if self.moves is None else name in self.moves

    def _any(self, true: Callable[[str], bool]) -> bool:
        return (self.awaited is not None and true(self.awaited.text)) or any(true(one.text) for one in self._typed)

    def __len__(self) -> int:
        return len(self._typed)
