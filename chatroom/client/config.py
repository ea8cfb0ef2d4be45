"""The client's configuration file ``client.toml``: defaults for the command line, under the same names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from chatroom.config.file import read_file
from chatroom.config.values import Number, Reader, Wrong, each, flag, room_name, string, table

from .addresses import PORT, address

NOTIFICATIONS = ("off", "osc9", "osc777")
"""
How to ask the terminal for a notification on the desktop, by the number of the escape sequence.

iTerm2, kitty, WezTerm and Ghostty take 9; rxvt-unicode, foot and Ghostty take 777.
"""


def config_path(environment: Mapping[str, str]) -> Path:
    """Return where the file is, by the XDG Base Directory Specification: relative paths don't count."""
    base = Path(environment.get("XDG_CONFIG_HOME") or "~/.config")
    if not base.is_absolute():
        base = Path(os.path.expanduser("~/.config"))
    return base / "chatroom" / "client.toml"


def read_defaults(path: Path) -> dict[str, Any]:
    """
    Read the values in *path*, by name; none if there is no file.

    :raises ConfigError: if it cannot be read, is not TOML, or has an unknown name or an invalid value.
    """
    if not os.path.lexists(path):
        return {}
    return read_file(path, _checked)


def _checked(document: Mapping[str, Any]) -> dict[str, Any]:
    values = table(_READERS, dict(document))
    if "host" in values:
        host, port = values["host"]
        if port and "port" in values:
            raise Wrong("is given twice: host has a port, too", ("port",))
        values |= {"host": host} | ({"port": port} if port else {})
    return values


def _address(value: Any) -> tuple[str, int]:
    try:
        return address(string(value), 0)
    except ValueError as mistake:
        raise Wrong(f"is not valid: {mistake}") from None


def _port(value: Any) -> int:
    port: int = Number(1, whole=True)(value)
    if port > 65535:
        raise Wrong("is too large: at most 65535")
    return port


def _rooms(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each(room_name, value, 'a list of rooms, such as ["lobby", "games"]')))


def _file(value: Any) -> Path:
    if not string(value):
        raise Wrong("must be the name of a file")
    return Path(os.path.expanduser(value))


def _one_of(known: tuple[str, ...], value: Any) -> str:
    if value not in known:
        raise Wrong(f"must be {', '.join(repr(one) for one in known[:-1])} or {known[-1]!r}")
    return string(value)


_READERS: dict[str, Reader] = {
    "host": _address,
    "port": _port,
    "nick": string,
    "rooms": _rooms,
    "login": flag,
    "tls": flag,
    "ca": _file,
    "plain": flag,
    "color": flag,
    "timestamps": flag,
    "bell": flag,
    "title": flag,
    "notifications": partial(_one_of, NOTIFICATIONS),
    "log": _file,
}

DEFAULTS: Mapping[str, Any] = {
    "host": "localhost",
    "port": PORT,
    "nick": "",
    "rooms": (),
    "login": False,
    "tls": False,
    "ca": None,
    "plain": False,
    "color": True,
    "timestamps": True,
    "bell": True,
    "title": False,
    "notifications": "off",
    "log": None,
}
"""What holds if neither the command line nor the file says otherwise."""
