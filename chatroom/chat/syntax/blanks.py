"""Blanks: the characters that show nothing, alone or at the beginning of a line."""

from __future__ import annotations

import re

_BLANK = (
    r"\s"  # Unicode's White_Space
    "\x00-\x1f\x7f-\x9f"  # controls
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    # Unicode's Default_Ignorable_Code_Point: soft hyphen, joiners, fillers, variation selectors, tags and the like
    "\u2800\U00013430-\U0001343f\U0001d159"  # the empty Braille pattern, hieroglyph controls, a note without a head
)
"""
A character class; Python's own database has no property for this.

Arabic and Kaithi number signs are format characters, too, but people see them.
"""

_ALL_BLANK = re.compile(f"[{_BLANK}]*")
_FIRST_VISIBLE = re.compile(f"[^{_BLANK}]")


def without_mark(text: str) -> str:
    """Return *text* without a byte order mark, which some programs write before what is UTF-8."""
    return text.removeprefix("\ufeff")


def is_blank(text: str) -> bool:
    """Return whether nothing of *text* can be seen; an empty one is blank, too."""
    return _ALL_BLANK.fullmatch(text) is not None


def without_leading(text: str) -> str:
    """Return *text* from its first visible character on."""
    found = _FIRST_VISIBLE.search(text)
    return text[found.start() :] if found else ""
