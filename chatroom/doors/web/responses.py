"""HTTP responses: a status, headers and a body, ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

Headers = tuple[tuple[str, str], ...]

_SAFE: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Content-Security-Policy",
        (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'"
        ),
    ),
)
"""Security headers of every response."""


@dataclass(frozen=True, slots=True)
class Response:
    """
    One response (RFC 9110).

    :param last: whether the connection closes after it.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    last: bool = False

    @property
    def reason(self) -> str:
        """The reason phrase of the status."""
        return HTTPStatus(self.status).phrase

    def head(self, date: str = "") -> list[tuple[str, str]]:
        """
        Return all the headers.

        :param date: the current date (RFC 9110 section 5.6.7); "": unknown.
        """
        head = [*([("Date", date)] if date else []), *_SAFE, *self.headers]
        if self.status != HTTPStatus.NOT_MODIFIED:
            head.append(("Content-Length", str(len(self.body))))
        if self.last:
            head.append(("Connection", "close"))
        return head


def text_response(status: int, text: str, *headers: tuple[str, str], last: bool = False) -> Response:
    """Build a response of one line of text."""
    kind = ("Content-Type", "text/plain; charset=utf-8")
    return Response(status, (kind, ("Cache-Control", "no-store"), *headers), f"{text}\n".encode(), last)
