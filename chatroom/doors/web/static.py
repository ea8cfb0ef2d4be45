"""Static files: the page's files, read, stripped of comments and compressed once at the start."""

from __future__ import annotations

import gzip
import hashlib
import re
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
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""Content types by extension; other files are not served."""


_SETTINGS = "tsconfig.json"
"""The type checker's settings: no part of the page."""

_COMMENT = re.compile(rb"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)
"""Comments on lines of their own, a third of the bytes on the wire: a minifier would save hardly more."""

_CODED = ("Content-Encoding", "gzip")
_WORTH_IT = len("Content-Encoding: gzip\r\n")
"""Bytes that compression must save, to make up for its header."""

_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
"""The weight of a coding (RFC 9110 section 12.4.2)."""


class Page:
    """
    A file of the page, plain and compressed with gzip.

    Browsers cache it and revalidate it each time, so nobody mixes old and new files after an upgrade.
    """

    def __init__(self, name: str, content: bytes) -> None:
        kind = ("Content-Type", _KINDS[PurePath(name).suffix])
        self._plain = _Form(content, kind)
        # The tag depends only on the content, so it survives restarts.
        packed = gzip.compress(content, 9, mtime=0)
        worth_it = len(content) - len(packed) > _WORTH_IT
        self._packed = _Form(packed, kind, _CODED) if worth_it else self._plain

    def answer(self, request: Request) -> Response:
        """Answer *request*; 304 if the client has it already (RFC 9110 section 13.1.2)."""
        form = self._packed if _takes_gzip(request) else self._plain
        had = {tag.removeprefix("W/") for tag in header_list(request, b"if-none-match")}
        return form.unchanged if form.tag in had or "*" in had else form.whole


class _Form:
    """One form of a file: the response with the file, and the "not modified" response."""

    def __init__(self, content: bytes, *headers: tuple[str, str]) -> None:
        self.tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
        shared = (("ETag", self.tag), ("Cache-Control", "no-cache"), ("Vary", "Accept-Encoding"))
        self.whole = Response(200, (*headers, *shared), content)
        self.unchanged = Response(304, shared)


def pages() -> Mapping[str, Page]:
    """Read the page's files, by path; ``""`` is ``index.html``, the page itself."""
    found = {
        file.name: Page(file.name, served(file.name, file.read_bytes()))
        for file in (files("chatroom") / "web").iterdir()
        if PurePath(file.name).suffix in _KINDS and file.name != _SETTINGS
    }
    return {"": found[INDEX], **found}


def served(name: str, content: bytes) -> bytes:
    """Return what is served of the file *name* with this *content*: scripts and styles without their comments."""
    return _COMMENT.sub(b"", content) if name.endswith((".js", ".css")) else content


def _takes_gzip(request: Request) -> bool:
    """
    Return whether gzip is accepted at least as readily as no compression (RFC 9110 section 12.5.3).

    An invalid weight counts as 0, because everyone can read the plain form.
    """
    weights = {}
    for entry in header_list(request, b"accept-encoding"):
        coding, separator, weight = "".join(entry.lower().split()).partition(";")
        matched = _WEIGHT.fullmatch(weight if separator else "q=1")
        # The old name of the same coding (RFC 9110 section 8.4.1.3).
        weights[coding.removeprefix("x-")] = float(matched[1]) if matched else 0.0
    gzipped = weights.get("gzip", weights.get("*", 0.0))
    return gzipped > 0 and gzipped >= weights.get("identity", 0.0)
