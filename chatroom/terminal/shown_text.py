"""Text to be shown: colours may pass, and nothing else that a terminal would obey."""

from __future__ import annotations

import re

from wcwidth import clip, strip_sequences

from chatroom.dialects.sanitize import clean

from .graphemes import columns as width
from .graphemes import most_columns

_COLOUR = re.compile("(\x1b\\[[0-9;:]{0,64}m)")
"""SGR: colours and other looks of characters (ECMA-48, section 8.3.117)."""

RESET = "\x1b[0m"


def harmless(line: str) -> str:
    """Remove from *line* what is unsafe on a screen, except for colours, which end with the line."""
    if line.isprintable():
        return line
    parts = _COLOUR.split(line)
    safe = "".join(part if place % 2 or part.isprintable() else clean(part) for place, part in enumerate(parts))
    return safe if len(parts) == 1 or safe.endswith(RESET) else safe + RESET


def one_row(line: str, columns: int) -> str:
    """Cut *line* off behind so many *columns*, colours included."""
    if columns < 1:
        return ""
    safe = harmless(line)
    if safe.isascii() and len(safe) <= columns:
        return safe
    plain = strip_sequences(safe)
    return clip(safe, 0, max(0, columns - most_columns(plain) + width(plain)))
