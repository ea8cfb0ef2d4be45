"""Command parser: from lines that people type, and from fields that programs send."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from ..command_table import NAMES, TABLE, Command, Spec
from ..refusals import BadInput, UnknownCommand
from ..syntax import durations


def parse_line(line: str) -> Command:
    """
    Parse a typed line: plain text is said, ``/name …`` is a command, ``//`` says a slash.

    :param line: without its newline, sanitised, not empty.
    :raises Refusal: if the command is unknown or its arguments are wrong.
    """
    if line in TABLE["quit"].aliases:
        # The only commands without a slash.
        return TABLE["quit"].make()
    if line[0] != "/":
        return TABLE["say"].make(line)
    if line.startswith("//"):
        return TABLE["say"].make(line[1:])
    name, _, arguments = line[1:].partition(" ")
    spec = NAMES.get(name.lower())
    if spec is None or not spec.typed:
        raise UnknownCommand(f"There is no command /{name[:32]}.{_nearest(name)} /help lists them all.")
    return _build(spec, arguments.strip())


def from_fields(name: str, values: Mapping[str, Any]) -> Command:
    """
    Make the command *name* from named *values*, as a program sends them.

    Unknown arguments are ignored, for the sake of newer programs.

    :raises Refusal: if the command is unknown, or a value is missing or has the wrong type.
    """
    spec = TABLE.get(name)
    if spec is None:
        raise UnknownCommand(f"There is no command of type {name[:32]!r}.{_nearest(name, typed_only=False)}")
    given = {}
    for one, value in values.items():
        if value is not None and one in spec.fields:
            fits, expected = _JSON_TYPES[_bare_type(spec.fields[one].type)]
            if not fits(value):
                raise BadInput(f"In {name!r}, {one!r} must be {expected}.")
            given[one] = value
    return _make(spec, given)


def lookup(name: str) -> Spec:
    """
    Find a typed command by *name*, with or without its slash.

    :raises UnknownCommand: if it is unknown; the text suggests the closest name.
    """
    spec = NAMES.get(name.lower().removeprefix("/"))
    if spec is None or not spec.typed:
        raise UnknownCommand(f"There is no command /{name.removeprefix('/')[:32]}.{_nearest(name)}")
    return spec


def _make(spec: Spec, values: Mapping[str, Any]) -> Command:
    missing = [spec.fields[name].metadata.get("shown", name) for name in spec.required if name not in values]
    if missing:
        raise BadInput(f"{' and '.join(missing)} missing. Usage: {spec.usage}")
    return spec.make(**values)


def _build(spec: Spec, arguments: str) -> Command:
    values: dict[str, Any] = {}
    for one in spec.arguments:
        if one.metadata["kind"] == "duration" and not durations.looks_like(arguments):
            continue
        if one.metadata["kind"] == "remainder":
            value, arguments = arguments, ""
        else:
            value, _, arguments = arguments.partition(" ")
            arguments = arguments.lstrip()
        if not value:
            break
        values[one.name] = _whole(value, spec) if one.metadata["kind"] == "number" else value
    if arguments:
        raise BadInput(f"Too many words for /{spec.name}. Usage: {spec.usage}")
    return _make(spec, values)


def _whole(text: str, spec: Spec) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < 1:
        raise BadInput(f"{text[:32]!r} is not a number from 1 up. Usage: {spec.usage}")
    return int(text)


_JSON_TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
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
"""The JSON type of each field, by its annotation."""


def _bare_type(annotation: Any) -> str:
    return cast(str, annotation).removesuffix(" | None")


def _nearest(name: str, typed_only: bool = True) -> str:
    names = [spec.name for spec in TABLE.values() if spec.typed or not typed_only]
    near = difflib.get_close_matches(name[:32].lower().removeprefix("/"), names, n=1)
    slash = "/" if typed_only else ""
    return f" Did you mean {slash}{near[0]}?" if near else ""
