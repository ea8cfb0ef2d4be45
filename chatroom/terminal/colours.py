"""Colours for a terminal: a nick has the same colour everywhere, and your own nick stands out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chatroom.chat.syntax.mentions import mark
from chatroom.dialects.text.colours import colour

QUIET, WARNING = 244, 160
"""
A grey and a red of the table of 256 that can be read on black and on white.

The attribute "dim" cannot be relied upon: it is invisible on some backgrounds, and nothing on others.
"""

_QUIET, _WARNING, _BOLD, _STANDING_OUT = f"38;5;{QUIET}", f"38;5;{WARNING}", "1", "1;7"

_MONOCHROME = re.compile(r"dumb|vt(?:52|1\d\d|2\d\d)(?:-.*)?|.*-m|.*-mono")
"""Kinds of terminals that take the numbers of colours for other attributes, such as blinking."""

_SPOKEN = re.compile(
    r"(?P<time>(?:\d\d:\d\d )?(?:#\S+ )?)"
    r"(?P<open><|\* |\[you -> |\[)(?P<nick>\S+?)(?P<close>> | -> you\] |\] | )"
    r"(?P<text>.*)"
)
"""A line that somebody said, as the text dialect shows it; nicks have no spaces."""
_EVENT = re.compile(r"(?:\d\d:\d\d (?:#\S+ )?)?-- .*")
"""A line about an event, or from the server."""
_FURTHER = re.compile(r"(?P<bar> {6}\| )(?P<text>.*)")
"""A further line of a pasted block."""


def has_colours(environment: Mapping[str, str]) -> bool:
    """Return whether to colour anything: the person has not said no (no-color.org), and the terminal can."""
    return not environment.get("NO_COLOR") and _MONOCHROME.fullmatch(environment.get("TERM") or "dumb") is None


def colour_line(line: str, me: str) -> str:
    """Colour *line* for the person called *me*, with the escape sequences of ECMA-48, section 8.3.117."""
    if line.startswith("!! "):
        return _in(_WARNING, line)
    if _EVENT.fullmatch(line):
        return _in(_QUIET, line)
    further = _FURTHER.fullmatch(line)
    if further is not None:
        return f"{_in(_QUIET, further['bar'])}{further['text']}"
    spoken = _SPOKEN.fullmatch(line)
    if spoken is None:
        return line
    nick, text = spoken["nick"], spoken["text"]
    if me and nick.casefold() != me.casefold():
        text = mark(me, text, lambda found: _in(_STANDING_OUT, found))
    painted = _in(f"{_BOLD};{colour(nick)}", nick)
    time = _in(_QUIET, spoken["time"]) if spoken["time"] else ""
    return f"{time}{spoken['open']}{painted}{spoken['close']}{text}"


def _in(style: str, text: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"
