"""Mentions: finding a nick in what others say, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from .words import HANGUL, SPACELESS, normal

PREFIXES = frozenset("وفبلكהובלמשכ")
"""What Arabic and Hebrew write before a word without a space, such as "and"; one of them may precede a nick."""

_SPACELESS = re.compile(f"[{SPACELESS}]")
_HANGUL = re.compile(f"[{HANGUL}]")
_JAMO = range(0x1160, 0x1200)
"""The vowels and final consonants of Korean: they belong to the character before them, as marks do."""
_HALF_WIDTH_MARKS = "\uff9e\uff9f"


@lru_cache(maxsize=1024)
def folded_nick(nick: str) -> str:
    """Return *nick* without differences of case, width and composition."""
    return _fold(nick)


@lru_cache(maxsize=16)
def folded_text(text: str) -> str:
    """Return the same for *text*."""
    # Everyone in a room is shown the same text, one after another.
    return _fold(text)


def mentions(nick: str, text: str) -> bool:
    """Return whether *text* mentions *nick*, as a whole word and in upper or lower case."""
    nick, text = folded_nick(nick), folded_text(text)
    # Hardly any text mentions anybody in particular.
    return nick in text and next(_places(nick, text), None) is not None


def mentioned_in_any(nick: str, texts: Iterable[str]) -> bool:
    """Return whether any of *texts* mentions *nick*: faster than to look at one after another."""
    # No nick has a line break, and next to one a word begins and ends as it does at the ends of a text.
    nick, text = folded_nick(nick), _fold("\n".join(texts))
    return nick in text and next(_places(nick, text), None) is not None


def mark(nick: str, text: str, marked: Callable[[str], str]) -> str:
    """Replace each mention of *nick* in *text* by what *marked* makes of it."""
    if not mentions(nick, text):
        return text
    characters = list(_characters(text))
    folded = [_fold(one) for one in characters]
    owners = [number for number, one in enumerate(folded) for _ in one]
    made: list[str] = []
    done = 0
    for start, end in _places(folded_nick(nick), "".join(folded)):
        first, last = owners[start], owners[end - 1] + 1
        made += ["".join(characters[done:first]), marked("".join(characters[first:last]))]
        done = last
    return "".join([*made, *characters[done:]])


def _fold(text: str) -> str:
    """Return *text* without differences of case, width and composition."""
    return text.lower() if text.isascii() else normal(normal(text, "NFKC").casefold(), "NFKC")


def _characters(text: str) -> Iterator[str]:
    """Split *text* into characters with their marks, which fold to the same together as in the text."""
    start = 0
    for place in range(1, len(text)):
        one = text[place]
        if not (_is_mark(one) or ord(one) in _JAMO or one in _HALF_WIDTH_MARKS):
            yield text[start:place]
            start = place
    yield text[start:]


def _places(nick: str, text: str) -> Iterator[tuple[int, int]]:
    """Iterate over where *nick* is in *text*, both folded."""
    start = text.find(nick) if nick else -1
    while start >= 0:
        end = start + len(nick)
        whole = begins(text, start) and ends(text, end)
        if whole:
            yield start, end
        start = text.find(nick, end if whole else start + 1)


def begins(text: str, start: int) -> bool:
    """Return whether a word begins at *start* of the folded *text*."""
    if start == 0 or not _in_word(before := text[start - 1]):
        return True
    first = text[start]
    if _is_spaceless(before) or _is_spaceless(first) or _is_hangul(before) != _is_hangul(first):
        return True
    return before in PREFIXES and (start == 1 or not _in_word(text[start - 2]))


def ends(text: str, end: int) -> bool:
    """Return whether a word ends at *end* of the folded *text*, or what is attached to it begins there."""
    if end == len(text) or not _in_word(after := text[end]):
        return True
    if _is_mark(after):
        return False
    return any(_is_spaceless(one) or _is_hangul(one) for one in (text[end - 1], after))


def _in_word(char: str) -> bool:
    return char.isalnum() or char == "_" or _is_mark(char)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def _is_spaceless(char: str) -> bool:
    return _SPACELESS.match(char) is not None


def _is_hangul(char: str) -> bool:
    return _HANGUL.match(char) is not None
