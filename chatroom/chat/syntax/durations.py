"""Durations: parsed from ``10m``, ``1h30m`` or ``3 days``, spoken as "1 hour and 30 minutes"."""

from __future__ import annotations

import math
import re
from itertools import pairwise

from ..refusals import BadInput

LONGEST = 3650 * 86_400.0
"""Longest duration, in seconds (ten years): forever is written without a duration."""

_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))

_SPELLED = (*_UNITS, ("month", 2_592_000), ("year", 31_536_000))
"""The units that may be written in full; a month has 30 days, and a year 365."""

_SHORT = {"w wk wks": 604_800, "d": 86_400, "h hr hrs": 3_600, "m min mins": 60, "s sec secs": 1}

_SPELLINGS = {
    **{f"{name}{plural}": each for name, each in _SPELLED for plural in ("", "s")},
    **{name: each for names, each in _SHORT.items() for name in names.split(" ")},
}
"""Each unit as people write it, with its seconds."""

_WORDS = "an one two three four five six seven eight nine ten eleven twelve"
_COUNTS = {"a": 1, **{word: count or 1 for count, word in enumerate(_WORDS.split(" "))}}
"""The counts that people write as words."""

_UNIT = rf"({'|'.join(sorted(_SPELLINGS, key=len, reverse=True))})(?![^\W\d_])"

_PART = rf"(\d{{1,9}}(?=\s?[a-z])|(?:{'|'.join(_COUNTS)})(?=\s(?!second\b)))\s?{_UNIT}"
"""A count and its unit; up to nine digits: more cannot be intended; and "a second time" is none."""

_FLAGS = re.ASCII | re.IGNORECASE

_ONE = re.compile(_PART, _FLAGS)

_SEVERAL = re.compile(rf"(?:(?:for|in|after)\s)?{_PART}(?:(?:\s|,\s|\sand\s)?{_PART}){{0,6}}(?!\S)", _FLAGS)

_VAGUE = re.compile(
    rf"(?:(?:for|in|after)\s)?(?:an?\s)?(?:half|quarter|couple|few|several|dozen|twenty|thirty|forty|sixty)\s(?:an?\s|of\s)?{_UNIT}",
    _FLAGS,
)
"""What people mean as a duration, and nobody could tell how long."""

_FIRST_WORD = re.compile(r"(?:(?:for|in|after|until|till)\s+)?\S+", _FLAGS)
"""What is taken for a duration if it begins with a number, though it is none."""

_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)\b", _FLAGS)

_EXAMPLES = "Please write it like 90s, 10m, 2h, 1h30m, 1d, 1w or 3 days."


def parse(text: str) -> float:
    """
    Parse a duration: numbers with a unit each, the longest unit first.

    :returns: seconds.
    :raises BadInput: if it is invalid, zero, or more than `LONGEST`.
    """
    if not _SEVERAL.fullmatch(text):
        # The text itself is not repeated: it may be huge, or anything.
        raise BadInput(f"That is not a duration. {_EXAMPLES}")
    parts = [
        (_COUNTS.get(count.lower()) or int(count), _SPELLINGS[unit.lower()]) for count, unit in _ONE.findall(text)
    ]
    if any(larger <= smaller for (_, larger), (_, smaller) in pairwise(parts)):
        raise BadInput(f"That is not a duration. {_EXAMPLES}")
    seconds = float(sum([count * each for count, each in parts]))
    if not seconds:
        raise BadInput(f"A duration cannot be zero. {_EXAMPLES}")
    if seconds > LONGEST:
        raise BadInput(f"A duration is at most {LONGEST / 86_400:,.0f} days. {_EXAMPLES}")
    return seconds


def split(text: str) -> tuple[str, str]:
    """
    Split *text* into the duration at its beginning, which may be "", and the rest.

    What only looks like a duration, because it begins with a number, is split off as well, for `parse` to refuse: a
    ban "for 3 dyas" must not last forever.  Ordinals aside: "3rd warning" is a reason.
    """
    found = _SEVERAL.match(text) or _VAGUE.match(text) or _FIRST_WORD.match(text)
    if found is None or (found.re is _FIRST_WORD and not _is_like_a_number(found[0].split()[-1])):
        return "", text
    return found[0], text[found.end() :].lstrip()


def _is_like_a_number(word: str) -> bool:
    """Return whether *word* begins with a number in any script, after any signs: ``-1h``, ``(10m)``, ``½h``."""
    first = next(filter(str.isalnum, word), "")
    return first.isnumeric() and not _ORDINAL.match(word)


def spoken(seconds: float) -> str:
    """
    Format *seconds* for people, in the two largest units, rounded up.

    It is rounded up because it says how long to wait.
    """
    left = max(0, math.ceil(seconds))
    if not left:
        return "0 seconds"
    smallest = [each for _, each in _UNITS if each <= left][:2][-1]
    left = -(-left // smallest) * smallest
    parts = []
    for name, each in _UNITS:
        count, left = divmod(left, each)
        if count:
            parts.append(f"{count:,} {name}" if count == 1 else f"{count:,} {name}s")
    return " and ".join(parts)
