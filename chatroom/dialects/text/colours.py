"""Nick colours on a terminal."""

from __future__ import annotations

import zlib

_NICK_COLOURS = (31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96)
"""Colours that every terminal has and that are visible on light and dark; black, white and greys are not."""


def colour(nick: str) -> int:
    """Choose the colour of *nick*: the same always, and on every machine."""
    return _NICK_COLOURS[zlib.crc32(nick.casefold().encode(errors="replace")) % len(_NICK_COLOURS)]


def coloured(nick: str) -> str:
    """Colour *nick* with the escape sequences of ECMA-48, section 8.3.117, and reset the colour after it."""
    return f"\x1b[{colour(nick)}m{nick}\x1b[0m"
