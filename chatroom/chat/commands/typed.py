"""Typed input: the one reader of what people type, behind every door and every client."""

from __future__ import annotations

import re

from ..command_table import NAMES, TABLE, Command, Spec
from ..refusals import BadInput, UnknownCommand
from ..syntax import substitution
from ..syntax.blanks import is_blank, without_leading, without_mark
from .parse import build, nearest

SLASHES = "/\N{FULLWIDTH SOLIDUS}\N{FRACTION SLASH}\N{DIVISION SLASH}\N{BIG SOLIDUS}"
"""What begins a command: the slash, the one of East Asian keyboards, and those that nobody can tell from it."""

_BARE = ("exit",)
"""The only command without a slash."""

_BEYOND_LATIN = "\u0300"
"""From here on, some letters cannot be seen."""


def parse_line(text: str) -> Command | None:
    """
    Read what somebody typed, or pasted.

    Plain text is said, ``/name …`` is a command, ``exit`` leaves.  A line that begins with a slash after any white
    space and invisible characters is never said by accident: it is a command, or refused.  Only ``//`` at the very
    start says a slash.  Several lines are a pasted block, which is said unchanged, unless a line of it `ends_block`.

    :param text: sanitized, with ``\\n`` between lines.
    :returns: None if nothing of it can be seen: that says nothing.
    :raises Refusal: if the command is unknown or its arguments are wrong.
    """
    first = text[:1]
    if first < _BEYOND_LATIN and first.isalnum() and "\n" not in text:
        # Nearly every line.
        said = text.rstrip()
        if text[1:2] == "/" and substitution.parse(said) is not None:
            return TABLE["say"].make(said, typed=True)
        return TABLE["quit"].make() if said in _BARE else TABLE["say"].make(said)
    lines = text.split("\n")
    while lines and is_blank(lines[-1]):
        lines.pop()
    while lines and is_blank(lines[0]):
        del lines[0]
    if len(lines) > 1:
        return _block(lines)
    return _single(lines[0]) if lines else None


def is_command(line: str) -> bool:
    """Return whether *line* is a command, known or not, rather than something to say."""
    typed = without_leading(line)
    return (typed[:1] in SLASHES and typed != "" and not line.startswith("//")) or typed.rstrip() in _BARE


def ends_block(line: str) -> bool:
    """Return whether *line* ends a pasted block: a known command, or ``exit``, with nothing before it."""
    if line[:1] in SLASHES and line:
        return _known(_name_and_arguments(line)[0]) is not None
    return line.rstrip() in _BARE


def _block(lines: list[str]) -> Command:
    command = next((place for place, line in enumerate(lines, 1) if ends_block(line)), None)
    if command is not None:
        raise BadInput(f"Nothing was sent: a command is one line by itself, and line {command} of these is one.")
    return TABLE["say"].make(without_mark("\n".join(lines)))


def _single(line: str) -> Command:
    if not is_command(line):
        return TABLE["say"].make((line[1:] if line.startswith("//") else without_mark(line)).strip())
    typed = without_leading(line)
    if typed.rstrip() in _BARE:
        return TABLE["quit"].make()
    name, arguments = _name_and_arguments(typed)
    spec = _known(name)
    if spec is None:
        how = " To say it, begin the line with // and no space." if name[:1] in SLASHES and name else ""
        raise UnknownCommand(f"There is no command /{name[:32]}.{nearest(name)} /help lists them.{how}")
    return build(spec, arguments.strip())


def _name_and_arguments(typed: str) -> tuple[str, str]:
    name, *arguments = re.split(r"\s", typed[1:], maxsplit=1)
    return name, "".join(arguments)


def _known(name: str) -> Spec | None:
    spec = NAMES.get(name.lower())
    return spec if spec is not None and spec.typed else None
