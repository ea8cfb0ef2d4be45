"""Which colour a nick has on a terminal."""

from __future__ import annotations

import zlib

_NICK_COLOURS = (31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96)
"""What every colour terminal has, on light and on dark; black, white and greys would vanish on one."""


def colour(nick: str) -> int:
    """Choose the colour of *nick*: always the same, on every machine."""
    return _NICK_COLOURS[zlib.crc32(nick.casefold().encode(errors="replace")) % len(_NICK_COLOURS)]


def coloured(nick: str) -> str:
    """Put *nick* in its colour, with the escape sequences of ECMA-48, section 8.3.117, and end that after it."""
    return f"\x1b[{colour(nick)}m{nick}\x1b[0m"
