"""What a value in the configuration may be: each reader takes one as TOML has it, and returns it as we use it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from chatroom.chat import names
from chatroom.chat.limits import Limits
from chatroom.chat.policy import DefaultRoom
from chatroom.chat.ports import Keep
from chatroom.chat.refusals import Refusal
from chatroom.dialects.sanitize import clean

from .toml_lines import Path

Reader = Callable[[Any], Any]
"""
:raises Wrong: if the value cannot be had.
"""

MAX_NUMBER = 10**9
"""No number here can sensibly be more; as seconds it is thirty years, which every timer can still wait."""

MAX_MESSAGE_LINES = 100
"""Lines of a message of the day: more than anyone's screen has."""


class Wrong(Exception):
    """
    A value cannot be had.

    :param reason: what is wrong with it, to be read after its name.
    :param path: the way to it, from the value that was to be read.
    """

    def __init__(self, reason: str, path: Path = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def inside(self, *outer: str | int) -> Wrong:
        """The same, seen from further out."""
        return Wrong(self.reason, (*outer, *self.path))

    def __str__(self) -> str:
        """One clear line; places in lists are left out, for the line in the file tells more."""
        return f"{'.'.join(_plain(part) for part in self.path if isinstance(part, str))} {self.reason}"


@dataclass(frozen=True, slots=True)
class Number:
    """
    A number.

    :param least: the least that it may be; with *above* it must be more than that.
    """

    least: float = 0.0
    whole: bool = False
    above: bool = False

    def __call__(self, value: Any) -> Any:
        """Read a number of TOML."""
        kind = "a whole number" if self.whole else "a number"
        bound = f"above {self.least:g}" if self.above else f"from {self.least:g} up"
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            raise Wrong(f"must be {kind} {bound}")
        # Told in this way round, what is not a number (nan) is not enough either.
        if not value >= self.least or (self.above and value == self.least):
            raise Wrong(f"must be {kind} {bound}")
        if value > MAX_NUMBER:
            raise Wrong(f"is too large: {MAX_NUMBER} at most")
        return value if self.whole else float(value)

    def parse(self, written: str) -> Any:
        """Read a number of the command line."""
        try:
            value = int(written) if self.whole else float(written)
        except ValueError:
            return self(written)
        return self(value)


def flag(value: Any) -> bool:
    """Read yes or no."""
    if not isinstance(value, bool):
        raise Wrong("must be true or false")
    return value


def string(value: Any) -> str:
    """Read a text of any sort."""
    if not isinstance(value, str):
        raise Wrong("must be a string")
    if "\0" in value:
        raise Wrong("must not hold the character NUL")
    return value


def strings(value: Any) -> list[str]:
    """Read several."""
    return _each(string, value, "a list of strings")


def message(value: Any) -> tuple[str, ...]:
    """Read lines for people: one string, with as many lines as it has, or a list of strings."""
    pieces = [value] if isinstance(value, str) else _each(string, value, "a string or a list of strings")
    lines = tuple(line for piece in pieces for line in piece.strip("\n").split("\n") if pieces != [""])
    if len(lines) > MAX_MESSAGE_LINES:
        raise Wrong(f"has more than {MAX_MESSAGE_LINES} lines")
    for line in lines:
        _check_shown(line, Limits().line)
    return lines


def nick_key(value: Any) -> str:
    """Read a nick that somebody may have."""
    try:
        return names.nick(string(value), Limits().nick)[1]
    except Refusal as refusal:
        raise Wrong(f"will not do: {refusal}") from None


def nicks(value: Any) -> tuple[str, ...]:
    """Read several, as their keys."""
    return tuple(_each(nick_key, value, "a list of nicks"))


def reserved(value: Any) -> frozenset[str]:
    """Read nicks that nobody shall have; those that nobody may have anyhow do no harm."""
    return frozenset(_each(_reserved_key, value, "a list of nicks"))


def room_name(value: Any) -> str:
    """Read the name of a room."""
    try:
        return names.room(string(value), Limits().room)
    except Refusal as refusal:
        raise Wrong(f"will not do: {refusal}") from None


def rooms(value: Any) -> tuple[DefaultRoom, ...]:
    """Read the rooms that are always there."""
    found = tuple(_each(_room, value, "a list of tables, each beginning with [[rooms]]"))
    taken: set[str] = set()
    for place, room in enumerate(found):
        if room.name in taken:
            raise Wrong(f"is {room.name} once more; each room is named once", (place, "name"))
        taken.add(room.name)
    return found


def keep(value: Any) -> Keep:
    """Read how much history is kept."""
    bounds = _table(
        {"days": Number(above=True), "lines": Number(1, whole=True), "megabytes": Number(above=True)}, value
    )
    days, megabytes = bounds.get("days"), bounds.get("megabytes")
    return Keep(
        seconds=None if days is None else days * 86_400,
        events=bounds.get("lines"),
        bytes=None if megabytes is None else max(1, int(megabytes * 1_000_000)),
    )


def keep_of(value: Any) -> dict[str, Keep]:
    """Read the same for single rooms, by name."""
    if not isinstance(value, dict):
        raise Wrong("must be a table for each room, as [keep-of.lobby]")
    found: dict[str, Keep] = {}
    for written, bounds in value.items():
        try:
            name = room_name(written)
            if name in found:
                raise Wrong(f"is {name} once more; each room is named once")
            found[name] = keep(bounds)
        except Wrong as wrong:
            raise wrong.inside(written) from None
    return found


def unknown(name: str, known: Iterable[str]) -> Wrong:
    """Word that there is no *name*, and what may have been meant."""
    known = sorted(known)
    near = get_close_matches(name.replace("_", "-").lower(), known, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return Wrong(f"is not known here; {hint}", (name,))


def _room(value: Any) -> DefaultRoom:
    found = _table({"name": room_name, "topic": _topic, "operators": nicks}, value)
    if "name" not in found:
        raise Wrong("has no name")
    return DefaultRoom(**found)


def _topic(value: Any) -> str:
    text = string(value)
    if len(text) > Limits().topic:
        raise Wrong(f"is too long: {Limits().topic} characters at most")
    _check_shown(text, 4 * Limits().topic)
    return text.strip()


def _reserved_key(value: Any) -> str:
    key = names.key(string(value))
    return key if key in names.RESERVED else nick_key(value)


def _plain(name: str) -> str:
    """Write a name of which nothing is known so that it stays one short line."""
    short = name if len(name) <= 60 else f"{name[:60]}…"
    return short if short.isprintable() else repr(short)


def _check_shown(text: str, longest: int) -> None:
    if clean(text) != text.replace("\t", " "):
        raise Wrong("holds characters that would damage people's screens")
    if len(text.encode()) > longest:
        raise Wrong(f"has a line that is too long: {longest} bytes at most")


def _each(reader: Reader, value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise Wrong(f"must be {what}")
    found = []
    for place, one in enumerate(value):
        try:
            found.append(reader(one))
        except Wrong as wrong:
            raise wrong.inside(place) from None
    return found


def _table(readers: Mapping[str, Reader], value: Any) -> dict[str, Any]:
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
