"""The page's files, read once and kept ready to be sent."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import PurePath

from h11 import Request

from .headers import header_list
from .responses import Response

INDEX = "index.html"

_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""Files of any other sort are not served."""


class Page:
    """
    What one file holds, as it is and compressed.

    Browsers keep it, and ask each time whether it is still the same: so after an upgrade nobody mixes old
    files with new ones.
    """

    def __init__(self, name: str, content: bytes) -> None:
        kind = ("Content-Type", _KINDS[PurePath(name).suffix])
        self._plain = _Form(kind, content, "")
        packed = gzip.compress(content, 9, mtime=0)
        self._packed = _Form(kind, packed, "gzip") if len(packed) < len(content) else self._plain

    def answer(self, request: Request) -> Response:
        """Answer *request*; 304 if the other end has it already (RFC 9110 section 13.1.2)."""
        form = self._packed if _takes_gzip(request) else self._plain
        had = {tag.removeprefix("W/") for tag in header_list(request, b"if-none-match")}
        return form.unchanged if form.tag in had or "*" in had else form.whole


class _Form:
    """One form of one file."""

    def __init__(self, kind: tuple[str, str], content: bytes, coding: str) -> None:
        self.tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
        shared = (("ETag", self.tag), ("Cache-Control", "no-cache"), ("Vary", "Accept-Encoding"))
        coded = (("Content-Encoding", coding),) if coding else ()
        self.whole = Response(200, (kind, *coded, *shared), content)
        self.unchanged = Response(304, shared)


def pages() -> Mapping[str, Page]:
    """Read the page's files, by their paths below the site's; ``""`` is the page itself."""
    found = {
        file.name: Page(file.name, file.read_bytes())
        for file in (files("chatroom") / "web").iterdir()
        if PurePath(file.name).suffix in _KINDS
    }
    return {"": found[INDEX], **found}


def _takes_gzip(request: Request) -> bool:
    """Tell whether gzip is among the codings that may be used (RFC 9110 section 12.5.3)."""
    taken = {}
    for entry in header_list(request, b"accept-encoding"):
        coding, _, weight = entry.lower().replace(" ", "").partition(";")
        taken[coding] = weight.rstrip("0.") != "q="
    return taken.get("gzip", taken.get("*", False))
