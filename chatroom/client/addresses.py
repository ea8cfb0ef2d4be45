"""Addresses of servers, as people write them."""

from __future__ import annotations

import re

PORT = 2428
"""The default port: CHAT on the keys of a phone."""

_ADDRESS = re.compile(r"(?:\[(?P<bracketed>[0-9a-fA-F:.%\w]+)\]|(?P<host>[^:\[\]\s]+))(?::(?P<port>\d{1,5}))?")
_IPV6 = re.compile(r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%\w+)?")


def address(text: str, default: int = PORT) -> tuple[str, int]:
    """
    Parse ``HOST``, ``HOST:PORT``, ``[::1]:PORT`` or ``::1``.

    :param default: the port if *text* names none.
    :raises ValueError: if it is none of these.
    """
    if _IPV6.fullmatch(text):
        return text, default
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an address such as localhost:{PORT} or [::1]:{PORT}.")
    return match["bracketed"] or match["host"], default if match["port"] is None else port_number(match["port"])


def port_number(text: str) -> int:
    """
    Parse a port.

    :raises ValueError: if it is none.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 0 < int(text) < 65536):
        raise ValueError(f"{text!r} is not a port: ports go from 1 to 65535.")
    return int(text)


def written(host: str, port: int) -> str:
    """Write an address as people do, with an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
