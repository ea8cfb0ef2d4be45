"""The one table of commands: parser, argument errors, ``/help`` and JSON all come from it."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, field
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast

from .. import durations
from ..refusals import BadInput, TooLong, UnknownCommand

if TYPE_CHECKING:
    from ..session import Session


class Command(Protocol):
    """Something a person asks; its fields are the arguments."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def run(self, session: Session) -> Any:
        """
        Do it, as *session*.

        A coroutine waits for the answers to everything before it.  A plain function only appends, and
        must not reply: its answer is its own event.

        :raises Refusal: if a rule says no.
        """


PAGE = 200
"""Rows of a list that are shown at a time."""

Made = TypeVar("Made", bound="type[Command]")
Row = TypeVar("Row")


class Entry:
    """
    One row of the table.

    :param typed: whether ``/name`` is a way to ask for it; programs may ask for every command.
    """

    def __init__(self, name: str, help: str, make: type[Command], typed: bool) -> None:
        self.name = name
        self.help = help
        self.make: Callable[..., Command] = make
        self.typed = typed
        fields = dataclasses.fields(make)
        self.fields = {one.name: one for one in fields}
        self.arguments = [one for one in fields if "shown" in one.metadata]
        """The fields that are typed, in order."""
        self.required = [one.name for one in fields if one.default is MISSING]
        shown = [
            one.metadata["shown"] if one.name in self.required else f"[{one.metadata['shown']}]"
            for one in self.arguments
        ]
        self.usage = " ".join([f"/{name}", *shown])
        """How to type it: ``/msg NICK TEXT``."""


TABLE: dict[str, Entry] = {}


@cache
def usages() -> Mapping[str, str]:
    """What each command that can be typed does, by how to type it; the whole `TABLE` must be there by then."""
    return {entry.usage: entry.help for entry in TABLE.values() if entry.typed}


def command(name: str, *, help: str, typed: bool = True) -> Callable[[Made], Made]:
    """Enter the decorated dataclass in the table as *name*; *help* is one short line."""

    def enter(make: Made) -> Made:
        TABLE[name] = Entry(name, help, make, typed)
        return make

    return enter


def word(shown: str, default: Any = MISSING) -> Any:
    """Declare an argument of one word, shown in help as *shown*."""
    return field(default=default, metadata={"shown": shown, "kind": "word"})


def number(shown: str, default: Any = MISSING) -> Any:
    """Declare an argument that is a whole number from 1 up."""
    return field(default=default, metadata={"shown": shown, "kind": "number"})


def span(shown: str) -> Any:
    """Declare an argument that is a duration, such as ``10m``; what is typed in its place may be the next one."""
    return field(default=None, metadata={"shown": shown, "kind": "span"})


def rest(shown: str, default: Any = MISSING) -> Any:
    """Declare the last argument: all that is left of the line."""
    return field(default=default, metadata={"shown": shown, "kind": "rest"})


def typed(line: str) -> Command:
    """
    Read a line as a person types it: plain text is said, ``/name …`` commands, ``//`` says a slash.

    :param line: without its newline, sanitised, not empty.
    :raises Refusal: if it is no command of ours, or its arguments are wrong.
    """
    if line[0] != "/":
        return TABLE["say"].make(line) if line != "exit" else TABLE["quit"].make()
    if line.startswith("//"):
        return TABLE["say"].make(line[1:])
    name, _, arguments = line[1:].partition(" ")
    entry = TABLE.get(name.lower(), TABLE["quit"] if name.lower() == "exit" else None)
    if entry is None or not entry.typed:
        raise UnknownCommand(f"There is no command /{name[:32]}.{_nearest(name)} /help lists them all.")
    return _build(entry, arguments.strip())


def named(name: str, values: Mapping[str, Any]) -> Command:
    """
    Make the command *name* from named *values*, as a program sends them.

    Values for arguments that the command does not have are passed over, for newer programs' sake.

    :raises Refusal: if there is none of that name, or a value is missing or of the wrong type.
    """
    entry = TABLE.get(name)
    if entry is None:
        raise UnknownCommand(f"There is no command of type {name[:32]!r}.{_nearest(name, typed_only=False)}")
    given = {}
    for one, value in values.items():
        if value is not None and one in entry.fields:
            fits, plainly = _PLAIN_TYPES[_plain(entry.fields[one].type)]
            if not fits(value):
                raise BadInput(f"In {name!r}, {one!r} must be {plainly}.")
            given[one] = value
    return _made(entry, given)


def lookup(name: str) -> Entry:
    """
    Find a typed command by *name*, with or without its slash.

    :raises UnknownCommand: if there is none; the text suggests the nearest.
    """
    entry = TABLE.get(name.lower().removeprefix("/"))
    if entry is None or not entry.typed:
        raise UnknownCommand(f"There is no command /{name.removeprefix('/')[:32]}.{_nearest(name)}")
    return entry


def page_of(rows: Sequence[Row], page: int) -> tuple[Sequence[Row], int]:
    """Cut the page with this number, from 1 up, out of *rows*; return how many follow it, too."""
    end = page * PAGE
    return rows[end - PAGE : end], max(0, len(rows) - end)


def _made(entry: Entry, values: Mapping[str, Any]) -> Command:
    missing = [entry.fields[name].metadata.get("shown", name) for name in entry.required if name not in values]
    if missing:
        raise BadInput(f"{' and '.join(missing)} missing. Usage: {entry.usage}")
    return entry.make(**values)


def _build(entry: Entry, arguments: str) -> Command:
    values: dict[str, Any] = {}
    for one in entry.arguments:
        if one.metadata["kind"] == "span" and not durations.looks_like(arguments):
            continue
        if one.metadata["kind"] == "rest":
            value, arguments = arguments, ""
        else:
            value, _, arguments = arguments.partition(" ")
            arguments = arguments.lstrip()
        if not value:
            break
        values[one.name] = _whole(value, entry) if one.metadata["kind"] == "number" else value
    if arguments:
        raise BadInput(f"Too many words for /{entry.name}. Usage: {entry.usage}")
    return _made(entry, values)


def _whole(text: str, entry: Entry) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < 1:
        raise BadInput(f"{text[:32]!r} is not a number from 1 up. Usage: {entry.usage}")
    return int(text)


_PLAIN_TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "str": (lambda value: isinstance(value, str), "a string"),
    "int": (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53,
        "a whole number from 1 up",
    ),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "tuple[str, ...]": (
        lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
        "a list of strings",
    ),
    "Mapping[str, int]": (
        lambda value: (
            isinstance(value, dict)
            and all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one < 2**53 for one in value.values())
        ),
        "an object of whole numbers",
    ),
}
"""What a program may send for a field, by the field's annotation."""


def _plain(annotation: Any) -> str:
    return cast(str, annotation).removesuffix(" | None")


def _nearest(name: str, typed_only: bool = True) -> str:
    names = [entry.name for entry in TABLE.values() if entry.typed or not typed_only]
    near = difflib.get_close_matches(name[:32].lower().removeprefix("/"), names, n=1)
    slash = "/" if typed_only else ""
    return f" Did you mean {slash}{near[0]}?" if near else ""


__all__ = [
    "PAGE",
    "TABLE",
    "Command",
    "Entry",
    "TooLong",
    "command",
    "lookup",
    "named",
    "number",
    "page_of",
    "rest",
    "span",
    "typed",
    "word",
]
