"""Command parser: from typed arguments, and from fields that programs send."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from ..command_table import NAMES, TABLE, Command, Spec
from ..refusals import BadInput, UnknownCommand
from ..syntax import durations
from ..syntax.blanks import is_blank


def from_fields(name: str, values: Mapping[str, Any]) -> Command:
    """
    Make the command *name* from named *values*, as a program sends them.

    Unknown arguments are ignored, for the sake of newer programs.

    :raises Refusal: if the command is unknown, or a value is missing or has the wrong type.
    """
    spec = TABLE.get(name)
    if spec is None:
        raise UnknownCommand(f"There is no command of type {name[:32]!r}.{nearest(name, typed_only=False)}")
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
        raise UnknownCommand(f"There is no command /{name.removeprefix('/')[:32]}.{nearest(name)}")
    return spec


def build(spec: Spec, arguments: str) -> Command:
    """
    Make the command of *spec* from what was typed behind its name.

    :raises Refusal: if the arguments are wrong.
    """
    values: dict[str, Any] = {}
    for one in spec.arguments:
        if one.metadata["kind"] == "flag":
            first, rest = _first_word(arguments)
            if first == one.metadata["shown"]:
                values[one.name], arguments = True, rest
            continue
        if one.metadata["kind"] == "number" and one.metadata["unless"](_first_word(arguments)[0]):
            continue
        if one.metadata["kind"] == "duration":
            value, arguments = durations.split(arguments)
            if not value:
                continue
        elif one.metadata["kind"] == "remainder":
            value, arguments = arguments, ""
        else:
            value, arguments = _first_word(arguments)
            if value.lower() in one.metadata["shown"].split("|"):
                # What is shown in small letters is meant literally: on, add, delete.
                value = value.lower()
        if not value:
            break
        if one.metadata["kind"] != "number":
            values[one.name] = value
        elif not (value.islower() and value in one.metadata["shown"].split("|")):
            values[one.name] = _whole(value, spec)
    if arguments:
        raise BadInput(f"Too many words for /{spec.name}. Usage: {spec.usage}")
    if "typed" in spec.fields:
        values["typed"] = True
    return _make(spec, values)


def nearest(name: str, typed_only: bool = True) -> str:
    """Return a sentence that suggests the command whose name is closest to *name*, or ""."""
    names = [spec.name for spec in TABLE.values() if spec.typed or not typed_only]
    near = difflib.get_close_matches(name[:32].lower().removeprefix("/"), names, n=1)
    slash = "/" if typed_only else ""
    return f" Did you mean {slash}{near[0]}?" if near else ""


def _make(spec: Spec, values: Mapping[str, Any]) -> Command:
    for one in spec.arguments:
        value = values.get(one.name)
        if value and one.metadata["kind"] == "remainder" and not one.metadata["secret"] and is_blank(value):
            raise BadInput(f"{one.metadata['shown']} has no visible characters.")
    # What may stand before it, as in ``[NUMBER] TEXT``, is not missing.
    missing = [
        spec.fields[name].metadata.get("shown", name).split()[-1] for name in spec.required if name not in values
    ]
    if missing:
        raise BadInput(f"{' and '.join(missing)} missing. Usage: {spec.usage}")
    return spec.make(**values)


def _first_word(text: str) -> tuple[str, str]:
    word, *rest = text.split(None, 1) or [""]
    return word, "".join(rest)


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
