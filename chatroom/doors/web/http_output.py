"""The writing side of an HTTP connection: responses, and how it ends."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

from twisted.internet.interfaces import ISSLTransport, ITCPTransport
from twisted.internet.protocol import Protocol

from .exchange import Exchange
from .http_connections import HttpConnections
from .responses import Response

MAX_PASSED_OVER = 2**18
"""Bytes skipped after the last response, so that the response arrives."""


class HttpOutput(Protocol):
    """Sends responses over one connection, and closes it in good order."""

    transport: Any

    def __init__(self, shared: HttpConnections) -> None:
        self._shared = shared
        self._exchange = Exchange()
        self._paused = self._closing = self._input_over = False
        self._passed = 0
        """Bytes received after the last response."""
        self._place: str | None = None
        """The place under which this HTTP connection is counted."""

    def _end_with(self, response: Response) -> None:
        """Respond early, then close; further input is skipped, so that the response arrives."""
        if self._exchange.may_respond:
            self._write(response)
        # The TLS transport claims to be TCP, too.
        halves = ITCPTransport.providedBy(self.transport) and not ISSLTransport.providedBy(self.transport)
        if halves and not self._input_over:
            self._begin_to_close()
            self._shared.parting.begin(self)
            self.transport.loseWriteConnection()
        else:
            self.close()

    def _write(self, response: Response) -> None:
        shared = self._shared
        shared.routes.statuses[response.status] += 1
        self.transport.write(self._exchange.respond(response, formatdate(shared.now(), usegmt=True)))

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self.transport.pauseProducing()

    def _read_on(self) -> None:
        if self._paused and not self._input_over:
            self._paused = False
            self.transport.resumeProducing()

    def _pass_over(self, size: int) -> None:
        self._passed += size
        if self._passed > MAX_PASSED_OVER:
            self.abort()

    def stopProducing(self) -> None:
        """Do nothing: `connectionLost` follows."""

    def give_up_on_request(self) -> None:
        """Time out an incomplete request."""
        raise NotImplementedError

    def close(self) -> None:
        """Close after everything buffered has been written; a client that doesn't read loses it."""
        if not self._closing:
            self._begin_to_close()
            self._shared.stalled.begin(self)
            self.transport.loseConnection()

    def abort(self) -> None:
        """Close at once; nothing more is answered until the connection is lost."""
        self._closing = True
        self.transport.abortConnection()

    def _begin_to_close(self) -> None:
        self._closing = True
        self._forget()
        # Only reading shows whether the client has gone.
        self._read_on()
        # With a paused producer registered a transport never finishes closing.
        self.transport.unregisterProducer()

    def _forget(self) -> None:
        """Forget this connection."""
        shared = self._shared
        shared.admission.leave(self)
        if self in shared.all:
            shared.all.remove(self)
            shared.limits.remove_http(self._place)
        for timeouts in (shared.requests, shared.idle, shared.stalled):
            timeouts.end(self)
