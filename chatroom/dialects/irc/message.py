"""IRC messages: parses and writes single lines (RFC 2812, section 2.3.1, and IRCv3's message tags)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

NO_TAGS: Mapping[str, str] = MappingProxyType({})
"""No tags, shared by most messages."""

MAX_LINE = 512
"""Bytes in a line with its CR LF, without tags (RFC 2812, section 2.3)."""

MAX_TAGS = 4096
"""Bytes that a client's tags may have, with the ``@`` before them and the space behind them (IRCv3)."""

_COLOUR = re.compile("\3(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\4(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?")
"""A colour by its number, or by red, green and blue (modern.ircdocs.horse, formatting)."""

_ESCAPES = {":": ";", "s": " ", "\\": "\\", "r": "\r", "n": "\n"}
_ESCAPED = str.maketrans({plain: f"\\{letter}" for letter, plain in _ESCAPES.items()})


class Message(NamedTuple):
    """A parsed line; *command* is in upper case, and *source* is empty in what clients send."""

    command: str
    params: tuple[str, ...] = ()
    source: str = ""
    tags: Mapping[str, str] = NO_TAGS

    def param(self, place: int) -> str:
        """Return the parameter at *place*; empty if there are fewer."""
        return self.params[place] if place < len(self.params) else ""

    def named(self, place: int) -> list[str]:
        """Return the names in the parameter at *place*, which are separated by commas."""
        return [name for name in self.param(place).split(",") if name]


def parse(line: str) -> Message:
    """Parse *line*, without its end; the command is empty if there is none."""
    tags, source = NO_TAGS, ""
    if line.startswith("@"):
        written, _, line = line[1:].partition(" ")
        tags = _tags(written)
        line = line.lstrip(" ")
    if line.startswith(":"):
        source, _, line = line[1:].partition(" ")
    head, colon, trailing = line.partition(" :")
    words = head.split(" ")
    if "" in words:
        words = [word for word in words if word]
    if colon:
        words.append(trailing)
    command = words[0].upper() if words else ""
    return Message(command, tuple(words[1:]), source, tags)


def without_colours(text: str) -> str:
    """Return *text* without codes for colours: sanitizing removes what begins them, and would leave the numbers."""
    return _COLOUR.sub("", text) if "\3" in text or "\4" in text else text


def split_mask(source: str) -> tuple[str, str, str]:
    """Split *source* into nick, user and host; empty where it has none."""
    rest, _, host = source.partition("@") if "@" in source else (source, "", "")
    nick, _, user = rest.partition("!")
    return nick, user, host


def _tags(written: str) -> Mapping[str, str]:
    found = {}
    for one in written.split(";"):
        key, _, value = one.partition("=")
        if key:
            found[key] = _unescaped(value) if "\\" in value else value
    return found


def _unescaped(value: str) -> str:
    found, letters = [], iter(value)
    for letter in letters:
        if letter == "\\":
            letter = next(letters, "")
            letter = _ESCAPES.get(letter, letter)
        found.append(letter)
    return "".join(found)


def escaped(value: str) -> str:
    """Write the *value* of a tag."""
    return value.translate(_ESCAPED)


def tags_prefix(tags: Mapping[str, str]) -> str:
    """Write *tags* as they stand before a message, with the space behind them; nothing if there are none."""
    if not tags:
        return ""
    written = ";".join([f"{key}={escaped(value)}" if value else key for key, value in tags.items()])
    return f"@{written} "


def line(source: str, command: str, *params: str) -> str:
    """
    Write one message, without tags and without its end.

    Only the last of *params* may be empty, contain spaces or begin with a colon.
    """
    return f":{source} {bare_line(command, *params)}" if source else bare_line(command, *params)


def bare_line(command: str, *params: str) -> str:
    """Write one message that has no source."""
    if not params:
        return command
    *middle, last = [*(_word(one) for one in params[:-1]), params[-1]]
    colon = ":" if not last or " " in last or last[0] == ":" else ""
    return " ".join([command, *middle, f"{colon}{last}"])


def _word(param: str) -> str:
    """Return *param* as it may stand before others; what a client has sent may be anything."""
    return param if param and param[0] != ":" and " " not in param else "*"


def with_tags(line: str, tags: Mapping[str, str]) -> str:
    """Put *tags* before *line*, behind those which it has."""
    if not tags:
        return line
    prefix = tags_prefix(tags)
    return f"{prefix[:-1]};{line[1:]}" if line.startswith("@") else prefix + line


def pieces(text: str, most: int, *, whole: bool = False) -> Iterator[str]:
    """
    Split *text* into pieces of at most *most* bytes: between words if that is possible, and never within a character.

    :param whole: leave the space between two pieces at the end of the first, because they are put together again.
    """
    while len(text) * 4 > most and len(encoded := text.encode()) > most:
        piece = encoded[:most].decode(errors="ignore") or text[0]
        space = piece.rfind(" ", len(piece) // 2)
        if space > 0:
            piece = piece[: space + whole]
        yield piece
        text = text[len(piece) :]
        if space > 0 and not whole:
            text = text.removeprefix(" ")
    if text:
        yield text


def lists(source: str, command: str, params: Sequence[str], words: Iterable[str]) -> Iterator[str]:
    """Write *words* behind *params*, with spaces between them, in as few messages as they fit into."""
    start = line(source, command, *params, "")
    most, text, at = MAX_LINE - 2 - len(start.encode()), " ".join(words).encode(), 0
    while len(text) - at > most:
        end = text.rfind(b" ", at, at + most + 1)
        if end < 0:
            # A word that fits into no line is cut later.
            end = text.find(b" ", at)
            if end < 0:
                break
        yield start + text[at:end].decode()
        at = end + 1
    if at < len(text):
        yield start + text[at:].decode()


def mask_pattern(mask: str) -> re.Pattern[str]:
    """Compile *mask*, where ``*`` stands for anything and ``?`` for one character, for whole texts to match."""
    first, *rest = (re.escape(part).replace(r"\?", ".") for part in mask.split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    # What a star stands for is as short as can be, and tried once: the time is that of one search for each star.
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)
