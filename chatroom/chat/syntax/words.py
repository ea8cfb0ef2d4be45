"""Words: splits text of any script into the words that can be searched for."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

SPACELESS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff\u19e0-\u19ff"  # Khmer
    "\u1950-\u19df\u1a20-\u1aaf\uaa80-\uaadf\U00011700-\U0001174f"  # Tai Le, New Tai Lue, Tai Tham, Tai Viet, Ahom
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\U00020000-\U0003ffff"  # Han
    "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f\U0001aff0-\U0001b16f"  # Hiragana, Katakana
    "\u3105-\u312f\u31a0-\u31bf"  # Bopomofo
    "\ua000-\ua4cf\U00016fe0-\U00018d8f"  # Yi, Tangut, Khitan, Nushu
)
"""
The blocks of scripts that are written without spaces between words, for a class of a regular expression.

They are those of the classes ID and SA of Unicode's line breaking (UAX #14): their words can be found only
with a dictionary.  Blocks never change, so neither does what an index of older text contains.
"""

HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
"""The blocks of Korean: it has spaces, but particles are attached to its words."""

_EMOJI = (
    "\u203c\u2049\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\U0001f000-\U0001faff"
)
"""The blocks with emoji; other symbols in them, such as arrows, are words as well."""

_TAGS = "\U000e0020-\U000e007f"
"""The invisible letters that make a flag of Scotland from a black one."""

_JOINER = "\u200d"
_LINKED = 10
"""Emoji that a joiner makes one at most: the longest recommended sequence has four."""

_WORDS = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}"
    f"|[{_EMOJI}][{_TAGS}]*(?:{_JOINER}[{_EMOJI}][{_TAGS}]*){{0,{_LINKED - 1}}}"
    f"|[{SPACELESS}{HANGUL}]+"
    f"|[^ {SPACELESS}{HANGUL}{_EMOJI}]+"
)
_ASCII_WORDS = re.compile("[a-z0-9]+")
_JOINED = re.compile(f"[{SPACELESS}{HANGUL}]")
_SYMBOL = re.compile(f"[{_EMOJI}{_TAGS}]")

_OPTIONAL = re.compile(
    "[\u0300-\u036f"  # the accents of Latin, Greek and Cyrillic
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # the points of Hebrew
    "\u0610-\u061a\u0640\u064b-\u065f\u0670]"  # the vowels of Arabic, and what stretches a word
)
"""Marks that a word is found with or without."""

_UNSEEN = re.compile(
    "[\u00ad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
    "\U0001f3fb-\U0001f3ff]"
)
"""What can be inside a word and changes only how it looks: hyphens, directions, and the skin tones of emoji."""

_CACHED = 32_768
"""Characters whose folded form is cached, at some 100 bytes each: more than the largest language has."""

_SHORT = 256
"""Characters that are normalized at once."""

_CHUNK = re.compile(r"[^ ]{1,64}|[ ]+")
"""What is normalized at a time in longer texts: a thousand combining marks in a row would take 10 ms to sort."""

_SPECIAL = re.compile("[^\0-\u0dff]")
"""Without a match, words have spaces between them, and there is no emoji."""


class _Folded(dict[int, "int | str"]):
    """A cache of folded characters, by code point: what `str.translate` takes."""

    def __missing__(self, point: int) -> int | str:
        folded = _fold(chr(point))
        value = point if folded == chr(point) else folded
        if len(self) < _CACHED:
            self[point] = value
        return value


_folded = _Folded()


def _fold(char: str) -> str:
    """Return *char* without case, width and accents; a space if it is not part of a word."""
    if _UNSEEN.match(char):
        return ""
    bare = _OPTIONAL.sub("", unicodedata.normalize("NFKD", char).casefold())
    return "".join(one if _counts(one) else " " for one in unicodedata.normalize("NFC", bare))


def _counts(char: str) -> bool:
    # What this version of Unicode does not know may be a letter of a later one; surrogates cannot be stored.
    category = unicodedata.category(char)
    return category[0] in "LNM" or category in ("Co", "Cn") or char == _JOINER or is_symbol(char)


def is_symbol(char: str) -> bool:
    """Return whether *char* is an emoji, or belongs to one."""
    return _SYMBOL.match(char) is not None


def is_joined(char: str) -> bool:
    """Return whether *char* belongs to a script without spaces, or with words in which others begin or end."""
    return _JOINED.match(char) is not None


def normal(text: str, form: Literal["NFC", "NFKC"]) -> str:
    """Normalize *text* as Unicode says, but in linear time: very long words in parts."""
    if len(text) <= _SHORT:
        return unicodedata.normalize(form, text)
    return "".join(unicodedata.normalize(form, part) for part in _CHUNK.findall(text))


def words(text: str) -> list[str]:
    """
    Split *text* into words, without case, width and accents.

    A word is a run of letters, digits and their marks, an emoji, or a run of a script without spaces.
    """
    if text.isascii():
        return _ASCII_WORDS.findall(text.lower())
    bare = normal(text.translate(_folded), "NFC")
    if _SPECIAL.search(bare) is None:
        return bare.split()
    found = _WORDS.findall(bare)
    if _JOINER in bare:
        # Joiners belong to emoji, and to the spelling of some words; nobody types the latter.
        found = [word if is_symbol(word[0]) else word.replace(_JOINER, "") for word in found]
    return [word for word in found if word]
