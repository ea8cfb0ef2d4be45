"""Search queries: what people type to find something, parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..refusals import TooLong

LONGEST = 1000
"""Characters of a search: what is longer is not even taken apart."""

WORDS = 16
"""Words in a search, including those in phrases: each costs as much as the first."""

WORD = 64
"""Characters in a word, and in what stands behind an option."""

_TERM = re.compile(r'(from|in|before|after|page):("[^"]*"|\S+)|"([^"]*)"?|(\S+)')
_WORD = re.compile(r"[^\W_]+")


@dataclass(slots=True)
class SearchQuery:
    """A search as it was typed, taken apart."""

    terms: tuple[tuple[str, ...], ...]
    options: dict[str, str]


def parse_query(text: str) -> SearchQuery:
    """
    Parse what was typed.

    Words are what is made of letters and digits, as in the index: a search has no other operators than those
    of the help.

    :raises TooLong: if it is more than a search may be.
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
            words = tuple(_WORD.findall(phrase if word is None else word))
            terms += [words] if words else []
    every = [word for term in terms for word in term]
    if len(every) > WORDS:
        raise TooLong(f"A search has at most {WORDS} words; this one has {len(every)}.")
    if any(len(word) > WORD for word in (*every, *options.values())):
        raise TooLong(f"A word of a search has at most {WORD} characters.")
    return SearchQuery(tuple(terms), options)
