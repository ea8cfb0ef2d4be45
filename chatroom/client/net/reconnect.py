"""Reconnecting with exponential backoff and jitter: the first attempt, the waits, and giving up."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from twisted.internet import error
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorCore, IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure
from zope.interface import implementer

from ..conversation import Conversation
from ..ui_port import ConnectionState
from .connection import Connection
from .trust_errors import CannotTrust

FIRST_RETRY_INTERVAL = 0.5
"""Seconds before the first attempt to reconnect; each wait is twice the one before."""
MAX_RETRY_INTERVAL = 30.0
SHUTDOWN_TIMEOUT = 3.0
"""Seconds that an interrupted client has to write out its lines."""
_NICK_POLL_INTERVAL = 1.0
"""Seconds between checks whether the person has chosen another nick."""

_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (error.ConnectionRefusedError, "nothing is listening there. Is the server running?"),
    (error.DNSLookupError, "there is no host with that name."),
    (error.TimeoutError, "it does not answer."),
    (error.NoRouteError, "there is no route to it."),
)


@implementer(IPushProducer)
class Reconnector:
    """
    Connects a `Conversation`, and reconnects it whenever the connection is lost.

    Backpressure: it is the push producer of the user interface; while paused, it reads nothing from the server.

    :param where: the server's address, for people.
    :param give_up_after: seconds without a connection after which this gives up; None: never.
    :param jitter: a number from 0 to 1, so that thousands of clients do not all come back at once.
    """

    def __init__(
        self,
        clock: IReactorTime,
        endpoint: IStreamClientEndpoint,
        conversation: Conversation,
        where: str,
        give_up_after: float | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._endpoint = endpoint
        self._conversation = conversation
        self._where = where
        self._give_up_after = give_up_after
        self._jitter = jitter
        self._connecting: Deferred[Any] | None = None
        self._connection: Connection | None = None
        self._retry: IDelayedCall | None = None
        self._deadline: IDelayedCall | None = None
        self._wait = FIRST_RETRY_INTERVAL
        self._progress = 0
        self._made_at = 0.0
        self._paused = False
        self._distrust = ""
        """Why the server could not be trusted last time; the person has been shown it."""
        self._stopped: Deferred[None] | None = None

    def start(self) -> None:
        """Connect for the first time; if that fails, the conversation fails."""
        self._connect()

    def stop(self) -> Deferred[None]:
        """Stop connecting; fires when the connection is closed."""
        for call in (self._retry, self._deadline):
            if call is not None and call.active():
                call.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
        self._stopped = Deferred()
        if self._connection is None:
            self._stopped.callback(None)
        else:
            self._connection.drop()
        return self._stopped

    # Backpressure.

    def pauseProducing(self) -> None:
        """Read nothing more from the server for now."""
        self._paused = True
        if self._connection is not None:
            self._connection.pause()

    def resumeProducing(self) -> None:
        """Read on."""
        self._paused = False
        if self._connection is not None:
            self._connection.resume()

    def stopProducing(self) -> None:
        """Do nothing: the user interface itself notices that nobody reads it any more."""

    # Connecting.

    def _connect(self) -> None:
        self._retry = None
        if self._conversation.state is ConnectionState.ENDED:
            return
        if self._conversation.state is ConnectionState.ASKING:
            self._retry = self._clock.callLater(_NICK_POLL_INTERVAL, self._connect)
            return
        factory = Factory.forProtocol(lambda: Connection(self._conversation, self._clock, self._lost))
        # A log of connections is for servers.
        factory.noisy = False
        self._connecting = dialling = self._endpoint.connect(factory)
        dialling.addCallbacks(self._made, self._failed)

    def _made(self, connection: Connection) -> None:
        self._connecting = None
        self._distrust = ""
        self._made_at = self._clock.seconds()
        self._connection = connection
        if self._paused and self._conversation.state is not ConnectionState.ENDED:
            connection.pause()

    def _failed(self, failure: Failure) -> None:
        self._connecting = None
        if isinstance(failure.value, CancelledError) or self._conversation.state is ConnectionState.ENDED:
            return
        if not self._conversation.greeted and self._conversation.state is not ConnectionState.ASKING:
            self._conversation.fail(f"Cannot reach {self._where}: {_reason(failure)}")
            return
        if isinstance(failure.value, CannotTrust) and self._distrust != str(failure.value):
            # The right server may come back, but the person should know what they are waiting for.
            self._distrust = str(failure.value)
            self._conversation.warn(f"Cannot reconnect to {self._where}, but still trying: {self._distrust}")
        self._again()

    def _lost(self) -> None:
        self._connection = None
        if self._stopped is not None and not self._stopped.called:
            self._stopped.callback(None)
        conversation = self._conversation
        if conversation.state is ConnectionState.ENDED:
            return
        if not conversation.greeted and conversation.state is not ConnectionState.ASKING:
            conversation.fail(f"{self._where} closed the connection without an answer.")
            return
        if self._has_progressed():
            # That connection worked, so this is a new loss: start over.
            self._progress = conversation.progress
            self._wait = FIRST_RETRY_INTERVAL
            self._cancel_deadline()
            if conversation.called_back:
                self._connect()
                return
        self._again()

    def _has_progressed(self) -> bool:
        """
        Return whether the last connection was of use, and did not just break over the same line as the one before.

        It had one answered, or it lasted.
        """
        lasted = self._clock.seconds() - self._made_at >= MAX_RETRY_INTERVAL
        return self._conversation.progress > self._progress or (lasted and self._conversation.caught_up > 0)

    def _again(self) -> None:
        if self._give_up_after is not None and self._deadline is None:
            self._deadline = self._clock.callLater(self._give_up_after, self._give_up)
        self._retry = self._clock.callLater(self._wait * (0.5 + self._jitter() / 2), self._connect)
        self._wait = min(self._wait * 2, MAX_RETRY_INTERVAL)

    def _give_up(self) -> None:
        self._deadline = None
        if self._conversation.state is not ConnectionState.LIVE:
            self._conversation.fail(
                f"{self._where} could not be reached again within {self._give_up_after:.0f} seconds."
            )

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


async def run_until_done(
    reactor: IReactorCore,
    clock: IReactorTime,
    reconnector: Reconnector,
    conversation: Conversation,
    running: Deferred[None],
) -> None:
    """
    Keep *conversation* connected until *running* fires.

    The reactor stops only after the goodbye has been sent and the terminal has its settings back.
    """
    over: Deferred[None] = Deferred()

    def be_over() -> None:
        if not over.called:
            over.callback(None)

    def interrupt() -> Deferred[None]:
        conversation.fail("Interrupted.")
        if not over.called:
            # The reader of our output may have stopped reading.
            clock.callLater(SHUTDOWN_TIMEOUT, be_over)
        return over

    reactor.addSystemEventTrigger("before", "shutdown", interrupt)
    reconnector.start()
    try:
        await running
        await reconnector.stop()
    finally:
        conversation.end()
        be_over()


def _reason(failure: Failure) -> str:
    for kind, text in _REASONS:
        if isinstance(failure.value, kind):
            return text
    return failure.getErrorMessage()
