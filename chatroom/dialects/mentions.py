"""Mentions: finding a nick in what others say."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def mention(nick: str) -> re.Pattern[str]:
    """Compile a pattern that finds *nick* as a whole word, in upper or lower case."""
    return re.compile(rf"(?<!\w){re.escape(nick)}(?!\w)", re.IGNORECASE)


def mentions(nick: str, text: str) -> bool:
    """Return whether *text* mentions *nick*."""
    return mention(nick).search(text) is not None
