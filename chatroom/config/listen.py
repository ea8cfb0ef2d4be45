"""Reader of the addresses to listen on: a port, an address with a port, or a Twisted endpoint."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

from twisted.internet.interfaces import IStreamServerEndpointStringParser
from twisted.plugin import getPlugins

from .values import Wrong, string, strings

LOOPBACK = ""
"""The host of a port of this machine only, which listens on both of its loopback addresses."""

MAX_PORT = 65_535

_BUILT_IN = ("ssl", "tcp", "unix")
"""The types of endpoints that Twisted parses itself; all others are plugins."""

_EXPECTED = "a port, an address with a port (192.168.1.7:4440, [::1]:4440), or a Twisted endpoint"


def listen(value: Any) -> list[str]:
    """Read a list of addresses, and check them; they stay as they are written."""
    found = strings(value)
    for place, written in enumerate(found):
        try:
            check(written)
        except Wrong as wrong:
            raise wrong.inside(place) from None
    return found


def link_listen(value: Any) -> str:
    """Read the one address, with a port, at which a house takes links."""
    written = string(value)
    if host_and_port(written) is None:
        raise Wrong(f"must be a port or an address with a port (10.0.0.1:2429); {_quoted(written)} is an endpoint")
    return written


def link_address(value: Any) -> str:
    """Read the name or address, with a port, by which other machines reach this one."""
    written = string(value)
    host, _, port = written.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else ""
    named = re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?", host)
    if not (named or _address(bare)) or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) <= MAX_PORT:
        raise Wrong(f"must be a name or an address with a port (one.example:2429); {_quoted(written)} is not")
    return written


def check(written: str) -> None:
    """
    Check the form of an address to listen on.

    :raises Wrong: if it has none of them.
    """
    if not _is_endpoint(written):
        host_and_port(written)


def host_and_port(written: str) -> tuple[str, int] | None:
    """
    Split an address to listen on: ``4440``, ``192.168.1.7:4440``, ``[::1]:4440`` or ``localhost:4440``.

    :returns: the host, which is `LOOPBACK` for a port alone or ``localhost``, and the port; None if it is an endpoint.
    :raises Wrong: if it is neither.
    """
    if _is_endpoint(written):
        return None
    host, colon, port = written.rpartition(":")
    if colon and _address(written.strip("[]")):
        hint = "needs brackets around the address, and a port" if "[" not in written else "has no port"
        raise Wrong(f"must be {_EXPECTED}; {_quoted(written)} {hint}")
    if not colon and (_address(written) or written == "localhost"):
        raise Wrong(f"must be {_EXPECTED}; {_quoted(written)} has no port")
    if not re.fullmatch("[0-9]{1,9}", port):
        raise Wrong(f"must be {_EXPECTED}; {_quoted(written)} is none of them")
    if int(port) > MAX_PORT:
        raise Wrong(f"must have a port of at most {MAX_PORT}; {_quoted(written)} has not")
    if not colon or host == "localhost":
        return LOOPBACK, int(port)
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not _address(bare) or (":" in bare) is (bare == host):
        raise Wrong(f"must be {_EXPECTED}; {_quoted(host)} is not an address of this machine")
    return bare, int(port)


def _is_endpoint(written: str) -> bool:
    """Return whether *written* begins with the type of an endpoint, which always wins."""
    kind, colon, _ = written.partition(":")
    if not colon or not kind[:1].isalpha():
        return False
    return kind in _BUILT_IN or any(kind == plugin.prefix for plugin in getPlugins(IStreamServerEndpointStringParser))


def _address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _quoted(written: str) -> str:
    short = written if len(written) <= 60 else f"{written[:60]}…"
    return short if short.isprintable() and short and " " not in short else repr(short)
