"""
Tokens: the text that the search index gets, and what a search looks for in it.

SQLite's FTS5 only splits this text at its spaces, so both journals find the same.  A word of a script without spaces
becomes overlapping pairs of its characters: then any part of it is a phrase of pairs, and none needs a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from chatroom.chat.syntax.words import is_joined, is_symbol, words

_PARTS = re.compile("[0-9]\u20e3|\\d+|\\D+")
"""The letters and the digits of a word, so that `1.2.3` finds `v1.2.3`; a digit in a keycap is an emoji."""
_ASCII_PARTS = re.compile("[a-z]+|[0-9]+")
"""The same for a whole text in ASCII."""
_MIXED = re.compile("[0-9](?:(?=[A-Za-z])|(?<=[A-Za-z].))")
"""A digit beside a letter: to begin with the digit lets texts without any pass in a sixth of the time."""
_SPACED = "\u0dff"
"""All characters up to this one belong to scripts with spaces."""
_LONE = "c"
"""What a token of a single character begins with: no other token has both a Latin letter and such a character."""


class Phrase(NamedTuple):
    """Tokens to be found one after another; of the last one, perhaps only the beginning."""

    tokens: tuple[str, ...]
    prefix: bool = False


def indexed(text: str) -> str | None:
    """Return the tokens of *text*, with spaces between them; None if they are the runs of letters and digits in it."""
    if text.isascii():
        return None if _MIXED.search(text) is None else " ".join(_ASCII_PARTS.findall(text.lower()))
    tokens: list[str] = []
    lone: set[str] = set()
    for word in words(text):
        if _is_joined(word):
            tokens += _pairs(word)
            lone.update(word)
        else:
            tokens += _parts(word)
    # At the end, in no phrase: every character by itself, because to join all its pairs takes long.
    tokens += sorted(_LONE + char for char in lone)
    return " ".join(tokens)


def phrase(term: Iterable[str]) -> Phrase:
    """Return what finds *term*, words one after another; without tokens, it finds nothing."""
    tokens: list[str] = []
    last = ""
    for last in words(" ".join(term)):
        tokens += _pairs(last) if _is_joined(last) else _parts(last)
    if not last or not _is_joined(last):
        return Phrase(tuple(tokens))
    # The text may go on after the last character.
    if len(last) > 1:
        return Phrase(tuple(tokens[:-1]))
    return Phrase((_LONE + last,)) if len(tokens) == 1 else Phrase(tuple(tokens), prefix=True)


def _pairs(word: str) -> list[str]:
    """Return the pairs of neighbours in *word*, and its last character."""
    return [word[place : place + 2] for place in range(len(word))]


def _parts(word: str) -> list[str]:
    return [word] if word.isalpha() or is_symbol(word[0]) else _PARTS.findall(word)


def _is_joined(word: str) -> bool:
    return word[0] > _SPACED and is_joined(word[0])
