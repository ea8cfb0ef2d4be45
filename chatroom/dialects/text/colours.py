"""Nick colours on a terminal."""

from __future__ import annotations

import zlib

NICK_COLOURS = (28, 29, 31, 33, 63, 64, 94, 99, 100, 130, 132, 135, 162, 164, 166, 167)
"""
Colours of the table of 256 that can be read on black and on white: the contrast with both is at least 3.5 to 1.

Their values are the same everywhere, while each terminal has its own idea of the first sixteen.
"""


def colour(nick: str) -> str:
    """Choose the colour of *nick*, as parameters of SGR: the same always, and on every machine."""
    return f"38;5;{NICK_COLOURS[zlib.crc32(nick.casefold().encode(errors='replace')) % len(NICK_COLOURS)]}"


def coloured(nick: str) -> str:
    """Colour *nick* with the escape sequences of ECMA-48, section 8.3.117, and reset the colour after it."""
    return f"\x1b[{colour(nick)}m{nick}\x1b[0m"
