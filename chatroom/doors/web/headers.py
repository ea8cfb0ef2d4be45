"""HTTP headers: lookup in a request."""

from __future__ import annotations

from h11 import Request


def header_values(request: Request, name: bytes) -> list[str]:
    """Return the values of the header *name* (in lower case)."""
    return [value.decode("latin-1") for key, value in request.headers if key == name]


def header(request: Request, name: bytes) -> str:
    """Return the value of the header *name*; several are joined by commas, and none is ""."""
    return ", ".join(header_values(request, name))


def header_list(request: Request, name: bytes) -> list[str]:
    """Return the entries of a header that is a list (RFC 9110 section 5.6.1)."""
    return [entry for part in header(request, name).split(",") if (entry := part.strip())]
