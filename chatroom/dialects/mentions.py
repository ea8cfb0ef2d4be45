"""When somebody is named in what others say."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def mention(nick: str) -> re.Pattern[str]:
    """Build what finds *nick* as a word of its own, in any case."""
    return re.compile(rf"(?<!\w){re.escape(nick)}(?!\w)", re.IGNORECASE)


def mentions(nick: str, text: str) -> bool:
    """Tell whether *text* names *nick*."""
    return mention(nick).search(text) is not None
