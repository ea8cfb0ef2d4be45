"""Readers of configuration values: each checks a value as TOML has it, and converts it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from chatroom.chat.limits import Limits
from chatroom.chat.policy import DefaultRoom
from chatroom.chat.ports import RetentionLimit
from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax import names
from chatroom.dialects.sanitize import clean

from .toml_lines import Path

Reader = Callable[[Any], Any]
"""
:raises Wrong: if the value is not valid.
"""

MAX_NUMBER = 10**9
"""No larger number makes sense; as seconds it is thirty years, which every timer can still wait."""

MAX_MESSAGE_LINES = 100
"""The longest message of the day, in lines: more than fit on a screen."""

UNKNOWN = "is unknown"
"""The reason for a name that is not in a table."""


class Wrong(Exception):
    """
    A value is not valid.

    :param reason: what is wrong, worded to follow the name of the value.
    :param path: the path to it, from the value that was being read.
    """

    def __init__(self, reason: str, path: Path = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def inside(self, *outer: str | int) -> Wrong:
        """Return the same error, seen from a value around it."""
        return Wrong(self.reason, (*outer, *self.path))

    def __str__(self) -> str:
        """Word the error in one line, without indexes of lists: the line number says more."""
        return f"{'.'.join(_printable(part) for part in self.path if isinstance(part, str))} {self.reason}"


@dataclass(frozen=True, slots=True)
class Number:
    """
    A number.

    :param least: the minimum; with *above* the number must be greater than that.
    :param most: the maximum.
    """

    least: float = 0.0
    whole: bool = False
    above: bool = False
    most: float = MAX_NUMBER

    def __call__(self, value: Any) -> Any:
        """Read a number from TOML."""
        kind = "a whole number" if self.whole else "a number"
        bound = f"above {self.least:g}" if self.above else f"of at least {self.least:g}"
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            raise Wrong(f"must be {kind} {bound}")
        # With "not" in front, nan is refused as well.
        if not value >= self.least or (self.above and value == self.least):
            raise Wrong(f"must be {kind} {bound}")
        if value > self.most:
            raise Wrong(f"is too large: at most {self.most}")
        return value if self.whole else float(value)

    def parse(self, written: str) -> Any:
        """Read a number from the command line."""
        try:
            value = int(written) if self.whole else float(written)
        except ValueError:
            return self(written)
        return self(value)


def flag(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise Wrong("must be true or false")
    return value


def string(value: Any) -> str:
    """Read any string."""
    if not isinstance(value, str):
        raise Wrong("must be a string")
    if "\0" in value:
        raise Wrong("must not contain a NUL character")
    return value


def folder(value: Any) -> str:
    """Read the path of a folder: an empty one would be whatever folder the server happens to run in."""
    if not value and isinstance(value, str):
        raise Wrong("must not be empty")
    return string(value)


def role(value: Any) -> str:
    """Read what a machine of a cluster has only."""
    if value not in ("house", "door"):
        raise Wrong("must be house or door; without it, a machine has both")
    return string(value)


def files(value: Any) -> tuple[str, ...]:
    """Read a list of paths of files."""
    return tuple(each(folder, value, "a list of paths"))


def server_name(value: Any) -> str:
    """Read the name of a server, as messages of IRC begin with it: letters, digits, dots and hyphens."""
    label = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    if not re.fullmatch(rf"(?=.{{1,63}}$){label}([.]{label})*", string(value)):
        raise Wrong("must be a name such as chat.example: letters, digits, dots and hyphens, 63 at most")
    return string(value)


class Secret(str):
    """A string that may contain a password, so that it is shown to nobody."""

    __slots__ = ()


def address(value: Any) -> Secret:
    """Read the address of a database: an empty one would be whatever the environment happens to say."""
    return Secret(folder(value))


def strings(value: Any) -> list[str]:
    """Read a list of strings."""
    return each(string, value, "a list of strings")


def message(value: Any) -> tuple[str, ...]:
    """Read lines for people: a string of one or more lines, or a list of strings."""
    pieces = [value] if isinstance(value, str) else each(string, value, "a string or a list of strings")
    lines = tuple(line for piece in pieces for line in piece.strip("\n").split("\n") if pieces != [""])
    if len(lines) > MAX_MESSAGE_LINES:
        raise Wrong(f"has more than {MAX_MESSAGE_LINES} lines")
    for line in lines:
        _check_shown(line, Limits().line)
    return lines


def nick_key(value: Any) -> str:
    """Read a nick, and return its key."""
    try:
        return names.nick(string(value), Limits().nick)[1]
    except Refusal as refusal:
        raise Wrong(f"is not valid: {refusal}") from None


def nicks(value: Any) -> tuple[str, ...]:
    """Read a list of nicks, as their keys."""
    return tuple(each(nick_key, value, "a list of nicks"))


def reserved(value: Any) -> frozenset[str]:
    """Read reserved nicks, which may include those that are never allowed."""
    return frozenset(each(_reserved_key, value, "a list of nicks"))


def room_name(value: Any) -> str:
    """Read the name of a room."""
    try:
        return names.room(string(value), Limits().room)
    except Refusal as refusal:
        raise Wrong(f"is not valid: {refusal}") from None


def rooms(value: Any) -> tuple[DefaultRoom, ...]:
    """Read the rooms that always exist."""
    found = tuple(each(_room, value, "a list of tables, each beginning with [[rooms]]"))
    taken: set[str] = set()
    for place, room in enumerate(found):
        if room.name in taken:
            raise Wrong(f"repeats {room.name}; each room may appear only once", (place, "name"))
        taken.add(room.name)
    return found


def keep(value: Any) -> RetentionLimit:
    """Read how much history to keep."""
    bounds = table(
        {"days": Number(above=True), "lines": Number(1, whole=True), "megabytes": Number(above=True)}, value
    )
    days, megabytes = bounds.get("days"), bounds.get("megabytes")
    return RetentionLimit(
        seconds=None if days is None else days * 86_400,
        events=bounds.get("lines"),
        bytes=None if megabytes is None else max(1, int(megabytes * 1_000_000)),
    )


def keep_of(value: Any) -> dict[str, RetentionLimit]:
    """Read how much history to keep of single rooms, by name."""
    if not isinstance(value, dict):
        raise Wrong("must be a table for each room, such as [keep-of.lobby]")
    found: dict[str, RetentionLimit] = {}
    for written, bounds in value.items():
        try:
            name = room_name(written)
            if name in found:
                raise Wrong(f"repeats {name}; each room may appear only once")
            found[name] = keep(bounds)
        except Wrong as wrong:
            raise wrong.inside(written) from None
    return found


def unknown(name: str, known: Iterable[str]) -> Wrong:
    """Say that *name* is unknown, and suggest a similar name, or all."""
    known = sorted(known)
    near = get_close_matches(name.replace("_", "-").lower(), known, 1)
    hint = f"did you mean {near[0]}?" if near else f"known names: {', '.join(known)}"
    return Wrong(f"{UNKNOWN}; {hint}", (name,))


def _room(value: Any) -> DefaultRoom:
    found = table({"name": room_name, "topic": _topic, "operators": nicks}, value)
    if "name" not in found:
        raise Wrong("has no name")
    return DefaultRoom(**found)


def _topic(value: Any) -> str:
    text = string(value)
    if len(text) > Limits().topic:
        raise Wrong(f"is too long: at most {Limits().topic} characters")
    _check_shown(text, 4 * Limits().topic)
    return text.strip()


def _reserved_key(value: Any) -> str:
    key = names.key(string(value))
    return key if key in names.RESERVED else nick_key(value)


def _printable(name: str) -> str:
    """Write a name, whatever it contains, as one short line."""
    short = name if len(name) <= 60 else f"{name[:60]}…"
    return short if short.isprintable() else repr(short)


def _check_shown(text: str, longest: int) -> None:
    if clean(text) != text.replace("\t", " "):
        raise Wrong("contains characters that would damage people's screens")
    if len(text.encode()) > longest:
        raise Wrong(f"has a line that is too long: at most {longest} bytes")


def each(reader: Reader, value: Any, what: str) -> list[Any]:
    """Read every item of a list; *what* says what it must be."""
    if not isinstance(value, list):
        raise Wrong(f"must be {what}")
    found = []
    for place, one in enumerate(value):
        try:
            found.append(reader(one))
        except Wrong as wrong:
            raise wrong.inside(place) from None
    return found


def table(readers: Mapping[str, Reader], value: Any) -> dict[str, Any]:
    """Read a table whose values have the *readers* of their names."""
    if not isinstance(value, dict):
        raise Wrong(f"must be a table of {', '.join(readers)}")
    found = {}
    for name, one in value.items():
        if name not in readers:
            raise unknown(name, readers)
        try:
            found[name] = readers[name](one)
        except Wrong as wrong:
            raise wrong.inside(name) from None
    return found
