"""The marks of a message in text: what it answers, that it was edited or deleted, and reactions to it."""

from __future__ import annotations

from typing import Any

from chatroom.chat.event import Marks, Quote, Reaction

_MAX_NICKS = 3
"""Nicks after one emoji; more are counted."""


def marked(message: Any) -> str:
    """Return the text of *message* with its marks: ``(to ann: "hello ev…") yes (edited)``."""
    marks: Marks | None = message.marks
    if marks is None:
        return str(message.text)
    answer = ""
    if marks.re is not None:
        answer = f"(to {quoted(marks.quote)}) " if marks.quote is not None else "(to an old message) "
    if marks.deleted:
        return f"{answer}(deleted)"
    edited = " (edited)" if marks.edited else ""
    return f"{answer}{message.text}{edited}{_reactions(marks.reactions, _symbols)}"


def marked_plainly(message: Any) -> str:
    """Return the text of *message* with its marks in words, for a screen reader."""
    marks: Marks | None = message.marks
    if marks is None:
        return str(message.text)
    if marks.deleted:
        return "deleted message"
    edited = ", edited" if marks.edited else ""
    return f"{message.text}{edited}{_reactions(marks.reactions, _words)}"


def answering(message: Any) -> str:
    """Say in words what *message* answers: ``, answering ann``; empty if nothing."""
    marks: Marks | None = message.marks
    if marks is None or marks.re is None:
        return ""
    return ", answering an old message" if marks.quote is None else f", answering {quoted(marks.quote)}"


def quoted(quote: Quote) -> str:
    """Write who is quoted, and what: ``ann: "hello"``; only who, if the message has been deleted."""
    return f'{quote.nick}: "{quote.text}"' if quote.text else quote.nick


def _reactions(reactions: tuple[Reaction, ...], word: Any) -> str:
    return "".join(word(one.emoji, _nicks(one.nicks)) for one in reactions)


def _symbols(emoji: str, nicks: str) -> str:
    return f" ({emoji} {nicks})"


def _words(emoji: str, nicks: str) -> str:
    return f", {emoji} from {nicks}"


def _nicks(nicks: tuple[str, ...]) -> str:
    more = len(nicks) - _MAX_NICKS
    return ", ".join(nicks) if more <= 0 else f"{', '.join(nicks[:_MAX_NICKS])} and {more:,} more"
