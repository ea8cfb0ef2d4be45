"""Readers of settings about the web: networks, origins of pages, a path."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from chatroom.dialects.origins import normal

from .values import Wrong, each, string, strings

UNIX = "unix"
"""The name of UNIX sockets in a list of networks."""

_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")


def networks(value: Any) -> tuple[IPv4Network | IPv6Network | None, ...]:
    """Read networks, such as ``192.0.2.0/24``, and single addresses; None is a UNIX socket."""
    return tuple(each(_network, strings(value), "a list"))


def origins(value: Any) -> frozenset[str]:
    """Read origins, such as ``https://chat.example``, and normalize them; ``*`` is all."""
    return frozenset(each(_origin, strings(value), "a list"))


def prefix(value: Any) -> str:
    """Read a path prefix, and strip the slash at its end."""
    path = string(value)
    if not _PATH.fullmatch(path) or "/." in path:
        raise Wrong("must be a path, such as /chat")
    return path.removesuffix("/")


def _network(written: str) -> IPv4Network | IPv6Network | None:
    if written == UNIX:
        return None
    try:
        return ip_network(written)
    except ValueError as error:
        raise Wrong(f"must contain networks, such as 10.0.0.0/8, or {UNIX}: {error}") from None


def _origin(written: str) -> str:
    found = "*" if written == "*" else normal(written)
    if found is None:
        raise Wrong(f"must contain origins, such as https://chat.example, or *; {written!r} is not one")
    return found
