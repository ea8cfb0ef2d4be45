"""Which words are the same, for the journal in memory: as FTS5's tokenizer ``unicode61`` sees it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from chatroom.chat.events import TALK, Event
from chatroom.chat.names import key
from chatroom.chat.ports import Query

_WORD = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]")


def matches(event: Event, query: Query) -> bool:
    """Tell whether *event*, of one of the rooms that *query* names, is what it looks for."""
    if not isinstance(event, TALK) or (query.nick and key(event.nick) != query.nick):
        return False
    if query.after is not None and event.at < query.after:
        return False
    if query.before is not None and event.at >= query.before:
        return False
    said = _words(event.text)
    return all(_follows(_words(" ".join(term)), said) for term in query.terms)


def _words(text: str) -> list[str]:
    """Return the words of *text*, without case and accents."""
    return _WORD.findall(_ACCENTS.sub("", unicodedata.normalize("NFD", text)).casefold())


def _follows(wanted: Sequence[str], said: Sequence[str]) -> bool:
    """Tell whether *wanted*, which must not be empty, stands somewhere in *said*."""
    count = len(wanted)
    return count > 0 and any(said[start : start + count] == wanted for start in range(len(said) - count + 1))
