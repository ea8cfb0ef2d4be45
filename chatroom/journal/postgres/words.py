"""
The words of the search index: made by the tokenizer of every journal, never by PostgreSQL's parser.

So every journal finds the same.  Beside the words of a message, its document has its room, its parties and its nick:
one look into the index finds what has all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256

from chatroom.chat.syntax.names import speaker_key
from chatroom.chat.syntax.words import words

from .._tokens import Phrase, indexed
from .rows import parameter

_MARK = "\x02"
"""What tokens that are no words begin with: no word has it."""
_LONGEST, _KEPT = 500, 400
"""Characters of a token at most, and those that are left of a longer one: PostgreSQL's are of 2,046 bytes at most."""

_key = lru_cache(512)(speaker_key)


def document(text: str, nick: str, room: int, name: str) -> str:
    """Write the ``tsvector`` of the message *text*, said by *nick* in the room *name*, whose id is *room*."""
    tokens = indexed(text)
    spoken = words(text) if tokens is None else tokens.split(" ")
    found = [f"{_quoted(_short(token))}:{place}" for place, token in enumerate(spoken, 1) if token]
    found += [_quoted(f"{_MARK}r{room}"), _quoted(f"{_MARK}n{parameter(_key(nick))}")]
    if name.startswith("@"):
        found += [_quoted(_party(party)) for party in name[1:].split(":")]
    return " ".join(found)


def question(phrases: Iterable[Phrase], nick: str, rooms: Sequence[int], party: str) -> str:
    """
    Write the ``tsquery`` for all of *phrases*, in one of *rooms* or in a conversation of *party*.

    :param nick: the key of who said it; "": anyone.
    """
    wanted = [_phrase(one) for one in dict.fromkeys(phrases)]
    if nick:
        wanted.append(_quoted(f"{_MARK}n{parameter(nick)}"))
    places = [_quoted(f"{_MARK}r{room}") for room in rooms]
    if party:
        places.append(_quoted(_party(party)))
    return " & ".join((*wanted, f"({' | '.join(places)})"))


def _phrase(wanted: Phrase) -> str:
    tokens = [_quoted(_short(token)) for token in wanted.tokens]
    return f"({' <-> '.join(tokens)}{':*' if wanted.prefix else ''})"


def _party(identity: str) -> str:
    return f"{_MARK}p{parameter(identity)}"


def _quoted(token: str) -> str:
    escaped = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _short(token: str) -> str:
    if len(token) <= _LONGEST:
        return token
    return f"{token[:_KEPT]}{_MARK}{sha256(token.encode()).hexdigest()[:16]}"
