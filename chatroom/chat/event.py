"""The base of all events, and the marks of a message: what it answers, and what has become of it since."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

BOT = "bot:"
"""What the identities of bots begin with: scripts that post with a token, see `Event.bot`."""

QUOTED = 40
"""Characters of a message that a quote repeats, about half a line of a terminal."""


@dataclass(frozen=True, slots=True)
class Quote:
    """
    A quote: who said the message that an event is about, and how it begins.

    ``text`` is empty if that message has been deleted.
    """

    nick: str
    text: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """Everyone who reacted to a message with one emoji: their identities (never shown) and the nicks they had."""

    emoji: str
    by: tuple[str, ...]
    nicks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """
    What a message answers, and what has become of it since; most messages have no marks.

    ``re`` is the seq of the message that it answers, and ``quote`` how that begins (None: it is gone).  ``deleted`` is
    the nick of the person who deleted it, and then its text is empty.
    """

    re: int | None = None
    quote: Quote | None = None
    edited: bool = False
    deleted: str = ""
    reactions: tuple[Reaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """
    An event: one fact in one room.  Its place in the room, ``seq``, is known to the `Batch` that holds it.

    ``room`` is the journal's name, ``at`` seconds since the epoch, ``by`` the identity behind the
    person or bot (stable across renames, never shown), ``nick`` the name they had then, and ``ref`` the mark that the
    sender put on the command; only the sender is shown it.  ``session`` tells which session of theirs that was; empty
    for the first one.  ``ask`` tells which command it was, if the session's door is a process of its own, which may
    have to know whether that command is stored: ``SID.N``, the door's name for the session and the command's number
    in it; it is never shown.  ``marks`` are for messages only.
    """

    type: ClassVar[str]
    words: ClassVar[tuple[str | None, str | None]] = (None, None)
    """The field names of its free text and of its target, if any."""
    more: ClassVar[tuple[str, ...]] = ()
    """The names of its other fields; such events are rare, and store all of them as one JSON text."""
    sentence: ClassVar[str] = ""
    """The sentence for it, as a format string over the event; "": each dialect has its own wording."""

    room: str
    at: float
    by: str
    nick: str
    ref: str | None = field(default=None, kw_only=True)
    session: str = field(default="", kw_only=True)
    ask: str = field(default="", kw_only=True)
    marks: Marks | None = field(default=None, kw_only=True)

    @property
    def origin(self) -> str:
        """The id of the session that it comes from: see `Connection.id`."""
        return self.session or self.by

    @property
    def bot(self) -> bool:
        """Whether a script did it; its nick may have a label behind it, in parentheses: ``build (grafana)``."""
        return self.by.startswith(BOT)


def quote(nick: str, text: str) -> Quote:
    """Quote the beginning of *text*, which *nick* has said: at most its first line."""
    first, newline, _ = text.partition("\n")
    if len(first) > QUOTED:
        return Quote(nick, first[:QUOTED].rstrip() + "…")
    return Quote(nick, f"{first}…" if newline else first)
