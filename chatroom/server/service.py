"""The Twisted service: starts and stops all parts of the server in order."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing, nullcontext
from typing import Any, TextIO

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, TimeoutError, maybeDeferred
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.hub import LAST_LINES, Hub
from chatroom.chat.ports import JournalError
from chatroom.doors.factory import CannotOpen, DoorFactory
from chatroom.passwords import ArgonPasswords
from chatroom.tls.pair import BadPair
from chatroom.tls.renewal import Certificate

from .errors import CannotStart
from .listeners import Listener
from .memory import Trimming
from .open_files import raise_open_files_limit
from .retention import Retention
from .signals import stop

FLUSH_TIMEOUT = 5.0
"""Time limit for sending goodbyes and for storing the last events, in seconds."""

log = Logger(namespace="chatroom")


class ChatService(Service):
    """
    One chat server, from opening its journal to the last goodbye.

    :param listeners: where to listen.
    :param front: the factory that listens there.
    :param doors: their connections are waited for when the server stops.
    :param announce: called once everything is open, with the ports and the number of people still in rooms after a
        crash.
    :param retention: stopped first.
    :param passwords: stopped last.
    :param certificate: for TLS; None: no TLS.
    :param trimming: returns freed memory; None: not available.
    :param errors: where to write why it cannot start, besides the log; closed when it has started.
    :param goes_on: whether to go on with the people of the last house: nobody can come in before they are back.
    """

    name = "chatroom"

    def __init__(
        self,
        clock: IReactorTime,
        hub: Hub,
        listeners: Sequence[Listener],
        front: IProtocolFactory,
        doors: Sequence[DoorFactory],
        announce: Callable[[Sequence[IListeningPort], int], None],
        retention: Retention,
        passwords: ArgonPasswords,
        certificate: Certificate | None = None,
        trimming: Trimming | None = None,
        errors: TextIO | None = None,
        *,
        goes_on: bool = False,
    ) -> None:
        self._clock = clock
        self._hub = hub
        self._goes_on = goes_on
        self._listeners = listeners
        self._front = front
        self._doors = doors
        self._announce = announce
        self._retention = retention
        self._passwords = passwords
        self._certificate = certificate
        self._trimming = trimming
        self._errors = errors
        self.ports: list[IListeningPort] = []
        self._chatting: list[IListeningPort] = []
        """The ports with all protocols, not only HTTP."""
        self.reason = "it was asked to stop"
        """The reason for the shutdown, shown to everyone."""
        self.hands_over = False
        """Whether another house goes on in its place, so that nobody has to go."""

    def startService(self) -> None:
        """
        Read the certificate, open the journal, then listen.

        :raises CannotStart: with a clear line, if any of these fails.
        """
        raise_open_files_limit()
        with closing(self._errors) if self._errors is not None else nullcontext():
            try:
                left = self._open()
            except CannotStart as error:
                if self._errors is not None:
                    print(error, file=self._errors)
                raise
        self._retention.start()
        if self._certificate is not None:
            self._certificate.start()
        if self._trimming is not None:
            self._trimming.start()
        super().startService()  # type: ignore[no-untyped-call]
        if self._goes_on:
            Deferred.fromCoroutine(self._restore(left)).addErrback(self._give_up)
        else:
            self._announce(self._chatting, left)

    async def _restore(self, left: int) -> None:
        """Let everyone in again who was here, and then anyone else."""
        await self._hub.restore()
        if not self.running:
            return
        for listener in self._listeners:
            self._listen(listener)
        self._announce(self._chatting, left)

    def _give_up(self, failure: Failure) -> None:
        """End, so that another house tries it: for that, too, everyone is absent, and in their rooms."""
        log.failure("The house cannot go on.", failure)
        self.hands_over = self._hub.hands_over = True
        stop(self._clock)

    def _open(self) -> int:
        """Open everything; return the number of people still in rooms after a crash."""
        try:
            if self._certificate is not None:
                self._certificate.open()
            left = self._hub.open(keep=self._goes_on)
        except (BadPair, JournalError) as error:
            raise CannotStart(error) from None
        try:
            for door in self._doors:
                door.open()
            for listener in () if self._goes_on else self._listeners:
                self._listen(listener)
        except CannotOpen as error:
            self._abandon()
            raise CannotStart(error) from None
        except CannotStart:
            self._abandon()
            raise
        return left

    def stopService(self) -> Deferred[None]:
        """Stop listening, say goodbye, send what is pending, close the journal."""
        super().stopService()  # type: ignore[no-untyped-call]
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        # The order is the point, so it is written by hand: MultiService would stop all at once.
        await DeferredList([maybeDeferred(port.stopListening) for port in self.ports], consumeErrors=True)
        self.ports = []
        self._retention.stop()
        if self._certificate is not None:
            self._certificate.stop()
        if self._trimming is not None:
            self._trimming.stop()
        if self.hands_over:
            await self._at_most(self._hub.hand_over())
        else:
            begun = self._clock.seconds()
            await self._at_most(self._hub.close(self.reason))
            # Whoever takes nothing has been waited for already.
            waited = min(self._clock.seconds() - begun, LAST_LINES)
            await self._at_most(self._everyone_gone(), FLUSH_TIMEOUT - waited)
        for factory in self._doors:
            for door in list(factory.connected):
                door.transport.abortConnection()
        await self._at_most(self._close_journal())
        self._passwords.stop()
        log.info("Stopped: everything that anyone has seen is stored.")

    async def _everyone_gone(self) -> None:
        for factory in self._doors:
            await factory.all_gone()

    async def _close_journal(self) -> None:
        await self._hub.core.journal.close()

    def _listen(self, listener: Listener) -> None:
        port = listener.open(self._front)
        if port is not None:
            self.ports.append(port)
            if listener.front is None:
                self._chatting.append(port)

    def _abandon(self) -> None:
        """Close what was opened before something failed."""
        for port in self.ports:
            port.stopListening()
        self.ports = []
        self._hub.core.journal.close()

    async def _at_most(self, step: Coroutine[Any, Any, None], seconds: float = FLUSH_TIMEOUT) -> None:
        """Run *step*, for so many *seconds* at most."""
        try:
            await Deferred.fromCoroutine(step).addTimeout(seconds, self._clock)
        except TimeoutError:
            log.warn("Not everything could be written out in {seconds} seconds.", seconds=FLUSH_TIMEOUT)
        except Exception:
            log.failure("An error while stopping; stopping continues.")
