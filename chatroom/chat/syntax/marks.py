"""Combining marks: how many of them a letter may carry."""

from __future__ import annotations

import re
from collections import Counter
from unicodedata import category, combining

_IN_ONE_PLACE = 3
"""Marks of a letter that are drawn in the same place, one beyond the other; phonetic notation needs three."""

_IN_ALL = 8
"""Marks of a letter.  Hebrew with points and accents needs five, Burmese five, Tibetan Sanskrit seven."""

_PILE = re.compile(f"(?:MC*){{{_IN_ONE_PLACE + 1}}}")
"""Finds letters that may carry too many, among the first letters of categories; what is invisible parts no marks."""


def bounded(text: str) -> str:
    """
    Remove the marks that letters of *text* carry beyond what any script needs: they would cover other lines.

    Marks of the same combining class are drawn in the same place (Unicode, section 3.11). Those of class 0 have
    places of their own, each beside the letter or beyond it.
    """
    if not _PILE.search("".join([category(character)[0] for character in text])):
        return text
    kept: list[str] = []
    places: Counter[int | str] = Counter()
    for character in text:
        kind = category(character)[0]
        if kind == "M":
            place = combining(character) or character
            if places[place] == _IN_ONE_PLACE or places.total() == _IN_ALL:
                continue
            places[place] += 1
        elif kind != "C":
            places.clear()
        kept.append(character)
    return "".join(kept)
