"""What is answered to an HTTP request: a status, headers and a body, ready to be sent."""

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
"""What every answer says, so that a browser takes nothing of it for more than it is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One answer (RFC 9110).

    :param last: whether the connection closes after it.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    last: bool = False

    @property
    def reason(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase

    def head(self, date: str) -> list[tuple[str, str]]:
        """
        Return all the headers.

        :param date: now, as RFC 9110 section 5.6.7 writes it.
        """
        head = [("Date", date), *_SAFE, *self.headers]
        if self.status != HTTPStatus.NOT_MODIFIED:
            head.append(("Content-Length", str(len(self.body))))
        if self.last:
            head.append(("Connection", "close"))
        return head


def told(status: int, text: str, *headers: tuple[str, str], last: bool = False) -> Answer:
    """Answer with one clear line."""
    kind = ("Content-Type", "text/plain; charset=utf-8")
    return Answer(status, (kind, ("Cache-Control", "no-store"), *headers), f"{text}\n".encode(), last)


def alone(answer: Answer) -> bytes:
    """Write *answer* as a whole, for a connection of which nothing was read, and that closes after it."""
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{name}: {value}" for name, value in answer.headers)]
    return (
        "\r\n".join([*lines, f"Content-Length: {len(answer.body)}", "Connection: close", "", ""]).encode()
        + answer.body
    )


CROWDED = alone(told(429, "There are too many connections from your address."))
"""What is written to a connection too many at a port where only HTTP is spoken."""
