"""Errors: answers scripts that are refused, in JSON or, at a webhook, in one line of text."""

from __future__ import annotations

from math import ceil

from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import NotNow, NotStored, Refusal, TooMany, TooSoon
from chatroom.dialects.json.encoder import encode

from ..responses import Headers, Response, text_response

_STATUSES = {
    "bad_input": 400,
    "bad_name": 400,
    "wrong_token": 401,
    "too_long": 413,
    NotStored.code: 503,
    NotNow.code: 503,
    TooMany.code: 429,
    TooSoon.code: 429,
}
"""The status of each refusal by its code; all others are 403."""

_FORBIDDEN = 403


def refused(refusal: Refusal, *, text: bool = False, status: int | None = None) -> Response:
    """
    Answer with *refusal*: as the object that programs get at the other doors, or as *text*.

    :param status: None: the one of its code.
    """
    status = status or _STATUSES.get(refusal.code, _FORBIDDEN)
    headers: Headers = ()
    if status == 401:
        headers = (("WWW-Authenticate", "Bearer"),)
    if isinstance(refusal, TooSoon) and refusal.wait:
        headers = (("Retry-After", str(ceil(refusal.wait))),)
    if text:
        return text_response(status, str(refusal), *headers)
    return json_response(status, {"type": "refused", "code": refusal.code, "text": str(refusal)}, *headers)


def unreadable(error: JournalError, *, text: bool = False) -> Response:
    """Answer that the history cannot be read now."""
    return refused(NotStored(f"The history cannot be read now: {error}"), text=text)


def cross_site() -> Response:
    """Answer a page of another site, which has no business here, even if it knows a token."""
    text = "This page is from another site and may not chat here; see origins in the configuration."
    return json_response(403, {"type": "refused", "code": "cross_site", "text": text})


def json_response(status: int, values: object, *headers: tuple[str, str]) -> Response:
    """Build a response of one JSON object."""
    kind = ("Content-Type", "application/json")
    return Response(status, (kind, ("Cache-Control", "no-store"), *headers), f"{encode(values)}\n".encode())
