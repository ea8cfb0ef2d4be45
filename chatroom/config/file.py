"""The configuration file: TOML, with the names of the command line's options, and more."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .settings import read
from .toml_lines import line_of
from .values import Wrong

MAX_FILE_BYTES = 4_000_000
"""The file is read while people chat, so it must be short enough to read in a moment."""

_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
"""Matches an error message of ``tomllib``."""


class ConfigError(Exception):
    """The file cannot be used; the text is one clear line, with the file, the line in it and the reason."""


def read_config(path: Path) -> dict[str, Any]:
    """
    Read the server's settings in *path*, by name, as `settings.Setting.read` returns them.

    :raises ConfigError: if it cannot be read, is empty, is not TOML, or has an unknown name or an invalid value.
    """
    source = _source(path)
    if not source.strip():
        # A file that is being written is empty for a moment: that must not reset everything.
        raise ConfigError(f"{path}: the file is empty")
    return _checked(path, source, read)


def read_file(path: Path, check: Callable[[Mapping[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """
    Read the TOML file *path*, and return what *check* makes of it, which raises `Wrong` for a mistake.

    :raises ConfigError: if it cannot be read, is not TOML, or *check* finds a mistake in it.
    """
    return _checked(path, _source(path), check)


def _checked(path: Path, source: str, check: Callable[[Mapping[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    try:
        document = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}, {_placed(str(error), source)}") from None
    except (RecursionError, ValueError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else "a number in it has too many digits"
        raise ConfigError(f"{path}: {why}") from None
    try:
        return check(document)
    except Wrong as wrong:
        raise ConfigError(f"{path}, line {line_of(source, wrong.path)}: {wrong}") from None


def _source(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            # Reading a pipe or a device might never end, or never begin.
            raise ConfigError(f"{path}: it is not a file")
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise ConfigError(f"{str(path)!r} is not a valid file name") from None
    if len(content) > MAX_FILE_BYTES:
        raise ConfigError(f"{path}: the file is too long: {MAX_FILE_BYTES} bytes at most")
    try:
        # Some editors put a byte order mark at the start.
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: the file is not UTF-8 text") from None


def _placed(error: str, source: str) -> str:
    """Rearrange an error: first the place, then the reason."""
    found = _PLACE.fullmatch(error)
    if found is None:
        return f"somewhere: {error}"
    reason, line, column = found.groups()
    if line is None:
        return f"line {len(source.splitlines())}: {reason} (at the end of the file)"
    return f"line {line}, column {column}: {reason}"
