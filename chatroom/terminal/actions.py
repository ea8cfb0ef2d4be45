"""Actions: what a person does at a terminal, beyond changing what is typed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """Enter, after one line, which may be empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """Enter, after several lines, of which some were pasted: one message, with ``\\n`` between its lines."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Enter, after what was typed at the hidden prompt.  Keys wait until the next ``ask``."""

    text: str


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Ctrl-C, on an empty line or at the hidden prompt, which is empty then."""


@dataclass(frozen=True, slots=True)
class EndOfInput:
    """Ctrl-D, on an empty line or at an empty hidden prompt."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Alt with *character*, which means nothing to the editor."""

    character: str


@dataclass(frozen=True, slots=True)
class TooLong:
    """A paste that does not fit into the line, so that nothing of it is in there; or Enter after more than fits."""


Action = Line | Block | Answer | Interrupt | EndOfInput | Shortcut | TooLong
