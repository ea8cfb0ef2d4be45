"""Durations: parsed from ``10m`` or ``1h30m``, spoken as "1 hour and 30 minutes"."""

from __future__ import annotations

import math
import re

from ..refusals import BadInput

LONGEST = 3650 * 86_400.0
"""Longest duration, in seconds (ten years): forever is written without a duration."""

_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))

_WRITTEN = re.compile(
    "".join(rf"(?:(\d{{1,9}}){name[0]})?" for name, _ in _UNITS),
    re.ASCII | re.IGNORECASE,
)
"""Up to nine digits each: more cannot be intended."""

_EXAMPLES = "Please write it like 90s, 10m, 2h, 1h30m, 1d or 1w."


def parse(text: str) -> float:
    """
    Parse a duration: numbers with a unit letter each, the longest unit first.

    :returns: seconds.
    :raises BadInput: if it is invalid, zero, or more than `LONGEST`.
    """
    found = _WRITTEN.fullmatch(text)
    if not text or found is None:
        # The text itself is not repeated: it may be huge, or anything.
        raise BadInput(f"That is not a duration. {_EXAMPLES}")
    counts = zip(found.groups("0"), _UNITS, strict=True)
    seconds = float(sum([int(count) * each for count, (_, each) in counts]))
    if not seconds:
        raise BadInput(f"A duration cannot be zero. {_EXAMPLES}")
    if seconds > LONGEST:
        raise BadInput(f"A duration is at most {LONGEST / 86_400:,.0f} days. {_EXAMPLES}")
    return seconds


def looks_like(text: str) -> bool:
    """
    Return whether *text* is meant as a duration; ``/ban bob spam`` has none.

    That is so if it begins with a digit, or a sign and a digit; it may still be invalid.
    """
    return text.lstrip("+-\N{MINUS SIGN}")[:1].isdigit()


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
