"""Colours for a terminal: a nick has the same colour everywhere, and your own nick stands out."""

from __future__ import annotations

import re

from chatroom.dialects.mentions import mark
from chatroom.dialects.text.colours import colour

_DIM, _RED, _BOLD, _STANDING_OUT = "2", "31", "1", "1;7"

_SPOKEN = re.compile(
    r"(?P<time>\d\d:\d\d (?:#\S+ )?)"
    r"(?P<open><|\* |\[you -> |\[)(?P<nick>\S+?)(?P<close>> | -> you\] |\] | )"
    r"(?P<text>.*)"
)
"""A line that somebody said, as the text dialect shows it; nicks have no spaces."""
_EVENT = re.compile(r"(?:\d\d:\d\d (?:#\S+ )?)?-- .*")
"""A line about an event, or from the server."""
_FURTHER = re.compile(r"(?P<bar> {6}\| )(?P<text>.*)")
"""A further line of a pasted block."""


def colour_line(line: str, me: str) -> str:
    """Colour *line* for the person called *me*, with the escape sequences of ECMA-48, section 8.3.117."""
    if line.startswith("!! "):
        return _in(_RED, line)
    if _EVENT.fullmatch(line):
        return _in(_DIM, line)
    further = _FURTHER.fullmatch(line)
    if further is not None:
        return f"{_in(_DIM, further['bar'])}{further['text']}"
    spoken = _SPOKEN.fullmatch(line)
    if spoken is None:
        return line
    nick, text = spoken["nick"], spoken["text"]
    if me and nick.casefold() != me.casefold():
        text = mark(me, text, lambda found: _in(_STANDING_OUT, found))
    painted = _in(f"{_BOLD};{colour(nick)}", nick)
    return f"{_in(_DIM, spoken['time'])}{spoken['open']}{painted}{spoken['close']}{text}"


def _in(style: str, text: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"
