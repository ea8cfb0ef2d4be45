"""HTTP protocol core: parses requests and serializes responses, without a socket."""

from __future__ import annotations

import h11

from .headers import header
from .request_heads import MAX_HEAD, BadRequest, RequestHeads, not_understood
from .responses import Response, text_response


class Exchange:
    """The requests and responses of one connection (RFC 9112): first a request, then its response."""

    __slots__ = ("_head_only", "_heads", "_http")

    def __init__(self) -> None:
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._heads = RequestHeads()
        self._head_only = False
        """Whether the current request is HEAD."""

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

    def next_request(self) -> h11.Request:
        """
        Read the next request, which is ready; requests with a body are refused.

        :raises BadRequest: if it is invalid or not supported.
        """
        request = self.next_head()
        if self._http.they_are_waiting_for_100_continue:
            raise BadRequest(text_response(417, "Requests with a body are not accepted here.", last=True))
        if header(request, b"transfer-encoding") or header(request, b"content-length").strip("0"):
            raise BadRequest(text_response(413, "Requests with a body are not accepted here.", last=True))
        try:
            self._http.next_event()
        except h11.RemoteProtocolError:
            raise not_understood() from None
        return request

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

    def go_on(self) -> bool:
        """
        Start the next request.

        :returns: False if the connection closes after the last response.
        """
        if self._http.our_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True
