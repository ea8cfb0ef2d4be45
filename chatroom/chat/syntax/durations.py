"""How people write and read lengths of time: ``10m``, ``1h30m``; "1 hour and 30 minutes"."""

from __future__ import annotations

import math
import re

from ..refusals import BadInput

LONGEST = 3650 * 86_400.0
"""Seconds in the longest duration that can be given, ten years: who means for ever gives none."""

_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))

_WRITTEN = re.compile(
    "".join(rf"(?:(\d{{1,9}}){name[0]})?" for name, _ in _UNITS),
    re.ASCII | re.IGNORECASE,
)
"""Up to nine digits each: no text that is longer can be meant."""

_EXAMPLES = "Please write it like 90s, 10m, 2h, 1h30m, 1d or 1w."


def parse(text: str) -> float:
    """
    Read a duration: numbers with a letter each, the longest unit first.

    :returns: seconds.
    :raises BadInput: if it is none, nothing at all, or more than `LONGEST`.
    """
    found = _WRITTEN.fullmatch(text)
    if not text or found is None:
        # The text itself is not repeated: it may be huge, or anything.
        raise BadInput(f"That is no duration. {_EXAMPLES}")
    counts = zip(found.groups("0"), _UNITS, strict=True)
    seconds = float(sum([int(count) * each for count, (_, each) in counts]))
    if not seconds:
        raise BadInput(f"A duration cannot be nothing. {_EXAMPLES}")
    if seconds > LONGEST:
        raise BadInput(f"A duration is at most {LONGEST / 86_400:,.0f} days. {_EXAMPLES}")
    return seconds


def looks_like(text: str) -> bool:
    """
    Tell whether *text* is meant as a duration, so that ``/ban bob spam`` needs none.

    It is if it begins with a digit, or with a sign and a digit; whether it can be read is another matter.
    """
    return text.lstrip("+-\N{MINUS SIGN}")[:1].isdigit()


def spoken(seconds: float) -> str:
    """
    Say *seconds* as people do, in the two largest units that matter, rounded up to the smaller of them.

    Rounded up, because it tells how long to wait.
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
