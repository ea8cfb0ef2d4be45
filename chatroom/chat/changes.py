"""Changes: events about an earlier message of the same room, whose seq is ``re``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .event import Event, Quote


@dataclass(frozen=True, slots=True)
class Edited(Event):
    """
    Someone changed the text of the message *re* to *text*.

    Read later, *text* is what the message says by then: earlier versions are not kept.  It is empty if the message has
    been deleted.
    """

    type: ClassVar[str] = "edited"
    words: ClassVar[tuple[str | None, str | None]] = ("text", "re")
    re: int
    text: str


@dataclass(frozen=True, slots=True)
class Deleted(Event):
    """
    Someone deleted the message *re* of *author*; it stays where it was, without its text.

    *by_author* tells whether they wrote it themselves; *reason* may be empty.
    """

    type: ClassVar[str] = "deleted"
    more: ClassVar[tuple[str, ...]] = ("re", "author", "by_author", "reason")
    re: int
    author: str
    by_author: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reacted(Event):
    """
    Someone *added* the reaction *emoji* to the message *re*, or took it back.

    *quote* is the beginning of that message, None if it is gone; *emoji* is empty if the message has been deleted.
    """

    type: ClassVar[str] = "reacted"
    more: ClassVar[tuple[str, ...]] = ("re", "emoji", "added", "quote")
    re: int
    emoji: str
    added: bool = True
    quote: Quote | None = None


Change = Edited | Deleted | Reacted
CHANGES = (Edited, Deleted, Reacted)
"""The events that change an earlier message."""
