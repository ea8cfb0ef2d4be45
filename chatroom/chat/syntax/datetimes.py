"""Dates and times as people read and write them: a day, a time of today, or both."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ..refusals import BadInput

_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_BETWEEN = re.compile(r"(?<=\d)T(?=\d)", re.ASCII)
"""What programs write between a day and a time."""
_NAMED = {"today": timedelta(), "yesterday": timedelta(days=1)}
"""Days that have a name, and how long before today each is."""
_USAGE = "Please write a day like 2026-11-23 or yesterday, a time like 14:30, or both."


def minute(seconds: float) -> str:
    """Write the day and the minute *seconds* after the epoch, in the server's time zone."""
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"


def begins(word: str) -> bool:
    """Return whether *word* is a day or a time, or both, in shape: there may be no such day."""
    first = _BETWEEN.sub(" ", word).partition(" ")[0]
    return first.lower() in _NAMED or bool(_DAY.fullmatch(first) or _TIME.fullmatch(first))


def parse(text: str, now: float) -> float:
    """
    Parse a day and/or time in the server's time zone.

    A day without a time is its beginning; a time without a day is today's.

    :param now: seconds since the epoch.
    :returns: seconds since the epoch.
    :raises BadInput: if it is invalid.
    """
    today = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    day, clock = today, (0, 0, 0)
    words = _BETWEEN.sub(" ", text[:40]).split()
    if not 1 <= len(words) <= 2:
        raise BadInput(f"That is not a day or time. {_USAGE}")
    try:
        for word in words:
            if word.lower() in _NAMED:
                day = today - _NAMED[word.lower()]
            elif found := _DAY.fullmatch(word):
                year, month, number = map(int, found.groups())
                day = datetime(year, month, number)
            elif found := _TIME.fullmatch(word):
                hour, minute, second = (int(part or 0) for part in found.groups())
                clock = (hour, minute, second)
            else:
                raise BadInput(f"That is not a day or time. {_USAGE}")
        return day.replace(hour=clock[0], minute=clock[1], second=clock[2]).timestamp()
    except (ValueError, OverflowError, OSError):
        raise BadInput(f"There is no such day or time. {_USAGE}") from None
