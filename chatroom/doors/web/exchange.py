"""HTTP protocol core: parses requests and serializes responses, without a socket."""

from __future__ import annotations

from collections.abc import Callable

import h11

from .headers import header
from .request_heads import MAX_HEAD, BadRequest, RequestHeads, not_understood
from .responses import Headers, Response, text_response

MAX_BODY = 65_536
"""Longest body of a request, in bytes: a message has 4 KB at most, what monitoring systems post some ten."""


def _too_much() -> BadRequest:
    return BadRequest(text_response(413, f"A body has at most {MAX_BODY:,} bytes here.", last=True))


def _parser() -> h11.Connection:
    return h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)


class Exchange:
    """The requests and responses of one connection (RFC 9112): first a request, then its response."""

    __slots__ = ("_body", "_head_only", "_heads", "_http", "_left")

    def __init__(self) -> None:
        self._http = _parser()
        self._heads = RequestHeads()
        self._head_only = False
        """Whether the current request is HEAD."""
        self._body = bytearray()
        self._left: int | None = 0
        """How much of the body is still to come; None: unknown, because it comes in chunks."""

    # Input.

    def add(self, data: bytes) -> None:
        """Append *data*."""
        self._heads.add(data)

    @property
    def ready(self) -> bool:
        """Whether there is something to answer: a whole request, or invalid bytes."""
        return self._heads.ready

    @property
    def size(self) -> int:
        """Return the size of the next request, if it is ready."""
        return self._heads.size

    @property
    def held(self) -> int:
        """Return the number of unread bytes."""
        return len(self._heads)

    def next_head(self) -> h11.Request:
        """
        Read the head of the next request, which is ready.

        :raises BadRequest: if it is invalid.
        """
        self._http.receive_data(self._heads.take())
        try:
            request = self._http.next_event()
        except h11.RemoteProtocolError:
            raise not_understood() from None
        assert isinstance(request, h11.Request), "there is a whole head"
        self._head_only = request.method == b"HEAD"
        if request.http_version not in (b"1.0", b"1.1"):
            raise BadRequest(text_response(505, "Only HTTP/1.1 is supported here.", last=True))
        return request

    def next_request(self, takes_body: Callable[[h11.Request], bool] = lambda request: False) -> h11.Request:
        """
        Read the next request, which is ready; a body is refused unless the request *takes_body*.

        :raises BadRequest: if it is invalid or not supported.
        """
        request = self.next_head()
        if takes_body(request):
            self._expect_body(request)
            return request
        if self._http.they_are_waiting_for_100_continue:
            raise BadRequest(text_response(417, "Requests with a body are not accepted here.", last=True))
        if header(request, b"transfer-encoding") or header(request, b"content-length").strip("0"):
            raise BadRequest(text_response(413, "Requests with a body are not accepted here.", last=True))
        try:
            self._http.next_event()
        except h11.RemoteProtocolError:
            raise not_understood() from None
        return request

    def _expect_body(self, request: h11.Request) -> None:
        chunked = header(request, b"transfer-encoding")
        # h11 has checked that it is a number.
        self._left = None if chunked else int(header(request, b"content-length") or "0")
        self._body.clear()
        if self._left is not None and self._left > MAX_BODY:
            raise _too_much()

    def go_ahead(self) -> bytes:
        """Return what a client has to be sent that waits before it sends the body; usually nothing."""
        if not self._http.they_are_waiting_for_100_continue:
            return b""
        return self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b""

    def read_body(self) -> bytes | None:
        """
        Read what has arrived of the body.

        :returns: the body; None if it is incomplete.
        :raises BadRequest: if it is invalid or too long.
        """
        # Of a body with a length, not a byte more: what follows is the next request.
        data = self._heads.rest(self._left)
        if data:
            self._http.receive_data(data)
            self._left = None if self._left is None else self._left - len(data)
        try:
            while type(event := self._http.next_event()) is h11.Data:
                self._body += event.data
                if len(self._body) > MAX_BODY:
                    raise _too_much()
        except h11.RemoteProtocolError:
            raise not_understood() from None
        return bytes(self._body) if type(event) is h11.EndOfMessage else None

    def rest(self) -> bytes:
        """Take the bytes after the requests read so far."""
        return self._heads.rest()

    # Output.

    @property
    def may_respond(self) -> bool:
        """Whether a response may be sent now, even before a request."""
        return self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE)

    def respond(self, response: Response, date: str = "") -> bytes:
        """
        Return *response* as bytes.

        :param date: now, as in `Response.head`.
        """
        events: list[h11.Event] = [
            h11.Response(status_code=response.status, headers=response.head(date), reason=response.reason),
            h11.EndOfMessage(),
        ]
        if response.body and not self._head_only:
            events.insert(1, h11.Data(data=response.body))
        self._head_only = False
        return b"".join(self._http.send(event) or b"" for event in events)

    def begin(self, headers: Headers, date: str = "") -> bytes:
        """
        Return the head of a response whose body is written apart; the connection closes after it.

        :param date: now, as in `Response.head`.
        """
        head = [pair for pair in Response(200, headers).head(date) if pair[0] != "Content-Length"]
        return self._http.send(h11.Response(status_code=200, headers=head, reason="OK")) or b""

    def go_on(self) -> bool:
        """
        Start the next request.

        :returns: False if the connection closes after the last response.
        """
        if self._http.our_state is not h11.DONE:
            return False
        beyond, _ = self._http.trailing_data
        if beyond:
            # It came together with the end of a chunked body.
            self._heads.give_back(beyond)
            self._http = _parser()
        else:
            self._http.start_next_cycle()
        self._heads.begin()
        return True
