"""The mention index: finds the registered nicks that a text mentions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from ..syntax.mentions import PREFIXES, begins, ends, folded_nick, folded_text
from ..syntax.words import HANGUL, SPACELESS

_WORD = re.compile(f"[^\\W{SPACELESS}{HANGUL}]+")
"""
A word of scripts with spaces between words.

A nick that begins with one can be mentioned only where a text has the same word, with a prefix or without.
"""
_ASCII_WORD = re.compile("[a-z0-9_]+")
"""The same in ASCII, without capitals."""

_MOST_TRIES = 20_000
"""
Nicks that are compared with one text, in some 10 ms; then the rest is not looked at.

A long text needs hundreds; only people with dozens of accounts, registered for that, can make it more.
"""


class _Lengths(dict[str, Counter[int]]):
    """How many nicks there are of each length, by how they begin."""

    def add(self, beginning: str, length: int) -> None:
        """Count one more."""
        self.setdefault(beginning, Counter())[length] += 1

    def remove(self, beginning: str, length: int) -> None:
        """Count one less."""
        self[beginning] -= Counter([length])
        if not self[beginning]:
            del self[beginning]


class _Ends(dict[int, bool]):
    """Whether a word ends somewhere in a text, worked out once for all nicks of the same beginning."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.tries = 0
        """Nicks compared with the text so far."""

    def __missing__(self, end: int) -> bool:
        self[end] = found = end <= len(self._text) and ends(self._text, end)
        return found


class MentionIndex:
    """
    Nicks and the accounts behind them, found without looking at every account.

    A line of 80 characters takes some 3 µs with 10,000 nicks; without any, nothing.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, tuple[tuple[str, str], ...]] = {}
        """By the folded nick, its nicks with their accounts: nearly always one."""
        self._longer = _Lengths()
        """Nicks that go on after their first word, by that word."""
        self._others = _Lengths()
        """Nicks that do not begin with a word, by their first two characters."""
        self._firsts = _Lengths()
        """The same by their first character."""

    def put(self, nick: str, account: str) -> None:
        """Add *nick*, which belongs to the *account* with this id from now on."""
        folded = folded_nick(nick)
        known = self.accounts.get(folded, ())
        if (nick, account) in known or not folded:
            return
        self.accounts[folded] = (*(one for one in known if one[0] != nick), (nick, account))
        if not known:
            for lengths, beginning in self._tables(folded):
                lengths.add(beginning, len(folded))

    def drop(self, nick: str) -> None:
        """Remove *nick*, if present."""
        folded = folded_nick(nick)
        known = self.accounts.pop(folded, ())
        others = tuple(one for one in known if one[0] != nick)
        if others:
            self.accounts[folded] = others
        elif known:
            for lengths, beginning in self._tables(folded):
                lengths.remove(beginning, len(folded))

    def _tables(self, folded: str) -> list[tuple[_Lengths, str]]:
        """Return which tables a nick is in besides that of all nicks, and under what."""
        word = _WORD.match(folded)
        if word is None:
            return [(self._others, folded[:2]), (self._firsts, folded[0])]
        return [(self._longer, word[0])] if len(word[0]) < len(folded) else []

    def find(self, text: str, most: int = 20) -> list[str]:
        """Find the accounts whose nicks *text* mentions, as `mentions` would; up to *most*."""
        if not self.accounts:
            return []
        found: dict[str, None] = {}
        for nick in self._mentioned(folded_text(text)):
            found.update((account, None) for _, account in self.accounts[nick])
            if len(found) >= most:
                break
        return list(found)[:most]

    def _mentioned(self, text: str) -> Iterable[str]:
        """Iterate over the folded nicks that the folded *text* mentions; one may come several times."""
        plain = text.isascii()
        words = (_ASCII_WORD if plain else _WORD).findall(text)
        if not plain:
            words += [word[1:] for word in words if word[0] in PREFIXES]
        found: list[Iterable[str]] = []
        if not self._longer.keys().isdisjoint(words):
            found.append(self._beginning_with_words(text))
        elif not self.accounts.keys().isdisjoint(words):
            # In ASCII, nothing can be attached to a word.
            found.append(filter(self.accounts.__contains__, words) if plain else self._beginning_with_words(text))
        if self._firsts and not self._firsts.keys().isdisjoint(text):
            found.append(self._beginning_otherwise(text))
        return chain.from_iterable(found)

    def _beginning_with_words(self, text: str) -> Iterator[str]:
        ends_at = _Ends(text)
        for match in _WORD.finditer(text):
            first, end = match.span()
            for start in (first, first + 1) if text[first] in PREFIXES else (first,):
                word = text[start:end]
                if word in self.accounts or word in self._longer:
                    yield from self._at(text, start, ends_at, (len(word), *self._longer.get(word, ())))

    def _beginning_otherwise(self, text: str) -> Iterator[str]:
        ends_at = _Ends(text)
        for start, first in enumerate(text):
            if first in self._firsts:
                for beginning in {first, text[start : start + 2]}:
                    if beginning in self._others:
                        yield from self._at(text, start, ends_at, self._others[beginning])

    def _at(self, text: str, start: int, ends_at: _Ends, lengths: Collection[int]) -> Iterator[str]:
        """Iterate over the nicks that *text* mentions at *start*, and that have one of these lengths."""
        ends_at.tries += len(lengths)
        if ends_at.tries <= _MOST_TRIES and begins(text, start):
            for end in [start + length for length in lengths]:
                if ends_at[end] and (nick := text[start:end]) in self.accounts:
                    yield nick
