"""Origins of web pages (RFC 6454): which site a browser's request comes from."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def normal(origin: str) -> str | None:
    """
    Normalize *origin*, so that it can be compared: ``https://chat.example``.

    :returns: None if it is not an origin: ``null``, an address with a path, or nonsense.
    """
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if (
        not (parts.scheme and host)
        or "@" in parts.netloc
        or origin.lower() != f"{parts.scheme}://{parts.netloc}".lower()
    ):
        return None
    shown = f"[{host}]" if ":" in host else host.removesuffix(".")
    return f"{parts.scheme}://{shown}" + ("" if port in (None, _PORTS.get(parts.scheme)) else f":{port}")


def is_local(origin: str, machine: str) -> bool:
    """Return whether *origin*, which is `normal`, can only be this machine, whose name is *machine*."""
    host, own = urlsplit(origin).hostname or "", machine.lower()
    if host in ("localhost", own, f"{own.partition('.')[0]}.local") or host.endswith(".localhost"):
        # RFC 6761, section 6.3: nobody can register one of these.
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_of(origin: str, site: str) -> bool:
    """
    Return whether *origin* is the *site* that the request goes to.

    :param site: a host, with or without a port, as a request's ``Host`` has it.
    """
    found = normal(origin)
    return found is not None and found == normal(f"{found.partition(':')[0]}://{site}")
