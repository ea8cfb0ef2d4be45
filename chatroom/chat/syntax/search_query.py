"""Search queries: parses what people type to find something."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..refusals import TooLong
from .words import words as split

LONGEST = 1000
"""Longest query, in characters; longer ones are not even parsed."""

WORDS = 16
"""Words in a query, including those in phrases: each costs as much as the first."""

WORD = 64
"""Longest word or option value, in characters."""

_TERM = re.compile(r'(from|in|before|after|page):("[^"]*"|\S+)|"([^"]*)"?|(\S+)')


@dataclass(slots=True)
class SearchQuery:
    """A parsed search query."""

    terms: tuple[tuple[str, ...], ...]
    options: dict[str, str]


def parse_query(text: str) -> SearchQuery:
    """
    Parse a typed query.

    Words are those of `words`; there are no operators besides those in the help.

    :raises TooLong: if the query or a part of it is too long.
    """
    if len(text) > LONGEST:
        raise TooLong(f"A search has at most {LONGEST} characters.")
    terms: list[tuple[str, ...]] = []
    options: dict[str, str] = {}
    for found in _TERM.finditer(text):
        name, value, phrase, word = found.groups()
        if name:
            options[name] = value.strip('"')
        else:
            words = tuple(split(phrase if word is None else word))
            terms += [words] if words else []
    every = [word for term in terms for word in term]
    if len(every) > WORDS:
        raise TooLong(f"A search has at most {WORDS} words; this one has {len(every)}.")
    if any(len(word) > WORD for word in (*every, *options.values())):
        raise TooLong(f"A word of a search has at most {WORD} characters.")
    return SearchQuery(tuple(terms), options)
