"""The configuration file: TOML with the same names as the command line's options."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class ConfigError(Exception):
    """The file cannot be used; the text is one clear line that names it."""


def read_config(path: Path, allowed: Mapping[str, type]) -> dict[str, Any]:
    """
    Read *path*.

    :param allowed: the type of the value for each name; ``float`` takes whole numbers too, and a
        ``list`` is one of strings.
    :raises ConfigError: if it cannot be read, is not TOML, or has a name or a value that it may not have.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: the file is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None
    for name, value in values.items():
        if name not in allowed:
            raise ConfigError(f"{path}: there is no option {name!r}; there are {', '.join(sorted(allowed))}")
        if not _fits(value, allowed[name]):
            raise ConfigError(f"{path}: {name} must be {_PLAIN[allowed[name]]}")
    return values


_PLAIN = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string",
    list: "a list of strings",
}


def _fits(value: Any, kind: type) -> bool:
    if kind is list:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)
