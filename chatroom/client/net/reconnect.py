"""Keeping a connection: the first attempt, the waits between later ones, and giving up."""

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
"""Seconds that an interrupted client has to write out what it has."""
_NICK_POLL_INTERVAL = 1.0
"""Seconds between looks whether the person has given another nick."""

_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (error.ConnectionRefusedError, "nobody is listening there. Is the server running?"),
    (error.DNSLookupError, "there is no host of that name."),
    (error.TimeoutError, "it does not answer."),
    (error.NoRouteError, "there is no way to it from here."),
)


@implementer(IPushProducer)
class Reconnector:
    """
    Connects a `Conversation`, and connects it again whenever the connection is lost.

    It is the push producer of whatever shows the conversation: paused, it reads nothing from the server.

    :param where: the server's address, for people.
    :param patience: seconds that the server may be away before this gives up; None: for ever.
    :param jitter: a number from 0 to 1, so that thousands of clients do not all come back at once.
    """

    def __init__(
        self,
        clock: IReactorTime,
        endpoint: IStreamClientEndpoint,
        conversation: Conversation,
        where: str,
        patience: float | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._endpoint = endpoint
        self._conversation = conversation
        self._where = where
        self._patience = patience
        self._jitter = jitter
        self._dialling: Deferred[Any] | None = None
        self._connection: Connection | None = None
        self._retry: IDelayedCall | None = None
        self._despair: IDelayedCall | None = None
        self._wait = FIRST_RETRY_INTERVAL
        self._caught_up = 0
        self._paused = False
        self._distrust = ""
        """Why the server could not be trusted the last time, as the person has been told."""
        self._stopped: Deferred[None] | None = None

    def start(self) -> None:
        """Connect for the first time; if that fails, so does the conversation."""
        self._dial()

    def stop(self) -> Deferred[None]:
        """Connect no more; fires when the connection is closed."""
        for call in (self._retry, self._despair):
            if call is not None and call.active():
                call.cancel()
        if self._dialling is not None:
            self._dialling.cancel()
        self._stopped = Deferred()
        if self._connection is None:
            self._stopped.callback(None)
        else:
            self._connection.drop()
        return self._stopped

    # Pacing.

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
        """Nobody reads what is shown any more; whoever shows it knows what that means."""

    # Connecting.

    def _dial(self) -> None:
        self._retry = None
        if self._conversation.state is ConnectionState.ENDED:
            return
        if self._conversation.state is ConnectionState.ASKING:
            self._retry = self._clock.callLater(_NICK_POLL_INTERVAL, self._dial)
            return
        factory = Factory.forProtocol(lambda: Connection(self._conversation, self._clock, self._lost))
        # The log of connections is for servers.
        factory.noisy = False
        self._dialling = dialling = self._endpoint.connect(factory)
        dialling.addCallbacks(self._made, self._failed)

    def _made(self, connection: Connection) -> None:
        self._dialling = None
        self._distrust = ""
        self._connection = connection
        if self._paused and self._conversation.state is not ConnectionState.ENDED:
            connection.pause()

    def _failed(self, failure: Failure) -> None:
        self._dialling = None
        if isinstance(failure.value, CancelledError) or self._conversation.state is ConnectionState.ENDED:
            return
        if not self._conversation.greeted and self._conversation.state is not ConnectionState.ASKING:
            self._conversation.fail(f"Cannot reach {self._where}: {_reason(failure)}")
            return
        if isinstance(failure.value, CannotTrust) and self._distrust != str(failure.value):
            # The right server may come back; but nobody should wait for it without knowing what is wrong.
            self._distrust = str(failure.value)
            self._conversation.warn(f"Cannot go on with {self._where}, but trying again: {self._distrust}")
        self._again()

    def _lost(self) -> None:
        self._connection = None
        if self._stopped is not None and not self._stopped.called:
            self._stopped.callback(None)
        conversation = self._conversation
        if conversation.state is ConnectionState.ENDED:
            return
        if not conversation.greeted and conversation.state is not ConnectionState.ASKING:
            conversation.fail(f"{self._where} closed the connection without a word.")
            return
        if conversation.caught_up > self._caught_up:
            # That connection was good: this is a new loss.
            self._caught_up = conversation.caught_up
            self._wait = FIRST_RETRY_INTERVAL
            self._stop_despairing()
        self._again()

    def _again(self) -> None:
        if self._patience is not None and self._despair is None:
            self._despair = self._clock.callLater(self._patience, self._give_up)
        self._retry = self._clock.callLater(self._wait * (0.5 + self._jitter() / 2), self._dial)
        self._wait = min(self._wait * 2, MAX_RETRY_INTERVAL)

    def _give_up(self) -> None:
        self._despair = None
        if self._conversation.caught_up == self._caught_up:
            self._conversation.fail(f"{self._where} did not come back within {self._patience:.0f} seconds.")

    def _stop_despairing(self) -> None:
        if self._despair is not None:
            self._despair.cancel()
            self._despair = None


async def run_until_done(
    reactor: IReactorCore,
    clock: IReactorTime,
    reconnector: Reconnector,
    conversation: Conversation,
    running: Deferred[None],
) -> None:
    """
    Keep *conversation* connected until *running* fires.

    Whatever stops the reactor, it stops after the server has heard goodbye and whoever shows the
    conversation is done: a terminal has its settings back.
    """
    over: Deferred[None] = Deferred()

    def be_over() -> None:
        if not over.called:
            over.callback(None)

    def interrupt() -> Deferred[None]:
        conversation.fail("Interrupted.")
        if not over.called:
            # Whoever reads our output may have stopped reading.
            clock.callLater(SHUTDOWN_TIMEOUT, be_over)
        return over

    reactor.addSystemEventTrigger("before", "shutdown", interrupt)
    reconnector.start()
    try:
        await running
        await reconnector.stop()
    finally:
        be_over()


def _reason(failure: Failure) -> str:
    for kind, text in _REASONS:
        if isinstance(failure.value, kind):
            return text
    return failure.getErrorMessage()
