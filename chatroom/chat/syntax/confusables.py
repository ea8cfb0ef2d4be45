"""
Confusables: which names look alike, by the skeletons of UTS #39, section 4, "Confusable Detection".

The table is Unicode's, as the package ``confusable_homoglyphs`` carries it in its documented data file
``confusables.json``.  The file is read here, not through the package's own functions: those answer for
one character after another whether it is confusable with anything, not with what it is at bottom, and
importing them takes 30 ms and keeps 10 MB.  What is kept here is 1 MB, from the first name on.
"""

from __future__ import annotations

import json
import pkgutil
from functools import lru_cache
from typing import Generic, TypeVar
from unicodedata import normalize

T = TypeVar("T")

_UNSEEN = "\N{LEFT-TO-RIGHT MARK}"
"""Direction marks that surround right-to-left characters in the data."""

_ALPHABETS = 0x3000
"""Code points below this cover nearly all alphabets; above are ideographs and syllables."""


def skeleton(text: str) -> str:
    """
    Return the skeleton of *text*: its appearance in lower case, not for display.

    Two names with one skeleton look alike: ``paypaI`` and ``paypal``, ``corn`` and ``com``, ``b0b`` and
    ``bob``.  Capitals keep their own look, because ``I`` looks like ``l`` but ``i`` does not: see `skeletons` for
    case-insensitive names.
    """
    return normalize("NFKD", normalize("NFKD", text).translate(_forms()))


@lru_cache(maxsize=16)
def skeletons(shown: str, key: str) -> frozenset[str]:
    """
    Return the skeletons of a nick: as *shown*, and of its *key*, which is how others may type it.

    ``Neil`` has one skeleton and ``NEIL`` two; names look alike if they share one.  Those of the last names are kept:
    whoever claims a nick asks for them several times.
    """
    return frozenset((skeleton(shown), skeleton(key)))


class ConfusableIndex(Generic[T]):
    """Finds entries by the appearance of their names; one name per key."""

    def __init__(self) -> None:
        self._alike: dict[str, dict[str, T]] = {}

    def put(self, shown: str, key: str, what: T) -> None:
        """Add the nick with the entry *what*."""
        for form in skeletons(shown, key):
            self._alike.setdefault(form, {})[key] = what

    def drop(self, shown: str, key: str) -> None:
        """Remove the nick, if present."""
        for form in skeletons(shown, key):
            keys = self._alike.get(form, {})
            keys.pop(key, None)
            if not keys:
                self._alike.pop(form, None)

    def find(self, shown: str, key: str, besides: T | None = None) -> T | None:
        """Find an entry, other than *besides*, whose nick looks like this one."""
        for form in skeletons(shown, key):
            for other, what in self._alike.get(form, {}).items():
                if other != key and what is not besides:
                    return what
        return None


class _Forms(dict[int, str]):
    """A table for ``str.translate`` that computes a character's form on first use."""

    def __init__(self, prototypes: dict[int, str]) -> None:
        super().__init__()
        self._prototypes = prototypes

    def __missing__(self, code: int) -> str:
        # To look like another is to look like whatever that looks like in lower case, and so on: it
        # ends within a few steps for every character there is, and the bound is for future tables.
        form = chr(code)
        for _ in range(8):
            before = form
            form = normalize("NFKD", normalize("NFKD", form.translate(self._prototypes)).casefold())
            if form == before:
                break
        # Ideographs are not cached: they are many, and most look like no other character.
        if code < _ALPHABETS or form != chr(code):
            self[code] = form
        return form


@lru_cache(maxsize=1)
def _forms() -> _Forms:
    data = pkgutil.get_data("confusable_homoglyphs", "confusables.json")
    assert data is not None
    # The data names pairs, each of a character and its prototype, from both ends.
    alike = {
        one.strip(_UNSEEN): {pair["c"].strip(_UNSEEN) for pair in pairs} for one, pairs in json.loads(data).items()
    }
    return _Forms(
        {
            ord(one): other
            for one, others in alike.items()
            if len(one) == len(others) == 1
            for other in others
            if _is_prototype(other, one, alike)
        }
    )


def _is_prototype(text: str, of: str, alike: dict[str, set[str]]) -> bool:
    # A character has one prototype, a prototype any number of characters, and never one itself.  Of
    # two that only have each other either can be the prototype: the lower one is.
    return len(text) > 1 or len(alike[text]) > 1 or text < of
