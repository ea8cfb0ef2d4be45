"""The server as a service: what opens in which order, and what closes in which."""

from __future__ import annotations

import errno
import os
import resource
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, TimeoutError, maybeDeferred
from twisted.internet.error import CannotListenError, ReactorNotRunning
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IReactorTime, IStreamServerEndpoint
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.hub import Hub
from chatroom.chat.ports import JournalError
from chatroom.doors.factory import DoorFactory
from chatroom.doors.front.accept_limit import limit_accepts
from chatroom.memory import Trimming
from chatroom.passwords import ArgonPasswords
from chatroom.retention import Retention
from chatroom.tls.pair import BadPair
from chatroom.tls.renewal import Certificate

FLUSH_WITHIN = 5.0
"""Seconds that the goodbyes may take to be written out, and that the journal may take for the last events."""

log = Logger(namespace="chatroom")


class CannotStart(SystemExit, Exception):
    """
    The server cannot start; the text is one clear line.

    A SystemExit, so that in the foreground the line is printed without a traceback and the exit status
    is 1; an Exception, so that twistd's parent process is told of it when it runs as a daemon.
    """


class Listener:
    """
    One place to listen at.

    :param description: how people write it, for messages.
    :param optional: whether it is no loss if this machine has no such address.
    :param front: what listens there; None: the front door that speaks everything.
    """

    def __init__(
        self,
        endpoint: IStreamServerEndpoint,
        description: str,
        optional: bool = False,
        front: IProtocolFactory | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.description = description
        self.optional = optional
        self.front = front


class ChatService(Service):
    """
    One chat server, from the opening of its journal to the last goodbye.

    :param listeners: where to listen.
    :param front: the factory that listens there.
    :param doors: the doors whose connections are waited for at the end.
    :param announce: called with the ports once everything is open.
    :param retention: ends before anything else does.
    :param passwords: ends after everything else has.
    :param certificate: what is shown to whoever comes by TLS; None: nobody can.
    :param trimming: gives freed memory back; None: nothing does.
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
    ) -> None:
        self._clock = clock
        self._hub = hub
        self._listeners = listeners
        self._front = front
        self._doors = doors
        self._announce = announce
        self._retention = retention
        self._passwords = passwords
        self._certificate = certificate
        self._trimming = trimming
        self.ports: list[IListeningPort] = []
        self._chatting: list[IListeningPort] = []
        """Those at which everything is spoken."""
        self.reason = "it was told to stop"
        """What everyone is told when it stops."""

    def startService(self) -> None:
        """
        Read the certificate, open the journal, then the doors.

        :raises CannotStart: with a clear line, if any of them cannot be had.
        """
        _raise_open_files_limit()
        try:
            if self._certificate is not None:
                self._certificate.open()
            left = self._hub.open()
        except (BadPair, JournalError) as error:
            raise CannotStart(f"chatroom cannot start: {error}") from None
        try:
            for listener in self._listeners:
                self._listen(listener)
        except CannotStart:
            self._abandon()
            raise
        self._retention.start()
        if self._certificate is not None:
            self._certificate.start()
        if self._trimming is not None:
            self._trimming.start()
        super().startService()
        self._announce(self._chatting, left)

    def stopService(self) -> Deferred[None]:
        """Close the doors, say goodbye, write it all out, close the journal."""
        super().stopService()
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
        await self._at_most(Deferred.fromCoroutine(self._hub.close(self.reason)))
        await self._at_most(Deferred.fromCoroutine(self._everyone_gone()))
        for factory in self._doors:
            for door in list(factory.connected):
                door.transport.abortConnection()
        await self._at_most(self._hub.journal.close())
        self._passwords.stop()
        log.info("Stopped: everything that anyone has seen is stored.")

    async def _everyone_gone(self) -> None:
        for factory in self._doors:
            await factory.all_gone()

    def _listen(self, listener: Listener) -> None:
        outcome: list[IListeningPort | Failure] = []
        listener.endpoint.listen(listener.front or self._front).addBoth(outcome.append)
        # Ports of every kind that Twisted has are open, or refused, by now.
        [port] = outcome or [Failure(CannotStart(f"chatroom cannot start: {listener.description} is not ready"))]
        if not isinstance(port, Failure):
            self.ports.append(port)
            if hasattr(port, "numberAccepts"):
                limit_accepts(port)
            if listener.front is None:
                self._chatting.append(port)
        elif port.check(CannotListenError) is None:
            raise CannotStart(f"chatroom cannot start: {listener.description}: {port.getErrorMessage()}")
        elif not (listener.optional and _no_such_address(port.value)):
            raise CannotStart(f"chatroom cannot start: {_why_not(listener, port.value)}")

    def _abandon(self) -> None:
        """Let go of what was opened before something could not be."""
        for port in self.ports:
            port.stopListening()
        self.ports = []
        self._hub.journal.close()

    async def _at_most(self, waited: Deferred[Any]) -> None:
        """Wait for *waited*, but no longer than goodbyes may take."""
        waited.addTimeout(FLUSH_WITHIN, self._clock)
        try:
            await waited
        except TimeoutError:
            log.warn("Not everything could be written out in {seconds} seconds.", seconds=FLUSH_WITHIN)
        except Exception:
            log.failure("Stopping goes on after this.")


def stop_with_success(reactor: Any) -> None:
    """
    Let SIGTERM and SIGINT end the process with status 0: being told to stop is no failure.

    Twisted stops in good order too, but then ends the process by that signal once more.  Call this
    when *reactor* has installed its own handlers; where it has not, they are not ours to replace.
    """
    twisted_handlers = {signal.SIGTERM: reactor.sigTerm, signal.SIGINT: reactor.sigInt}
    ours = [number for number, handler in twisted_handlers.items() if signal.getsignal(number) == handler]

    def told(number: int, frame: FrameType | None) -> None:
        log.info("Received {name}, stopping.", name=signal.Signals(number).name)
        for each in ours:
            # Stopping takes a few seconds at most; an impatient second Ctrl-C changes nothing.
            signal.signal(each, signal.SIG_IGN)
        reactor.callFromThread(stop, reactor)

    for number in ours:
        signal.signal(number, told)


def reload_on_hangup(reactor: Any, reload: Callable[[], object]) -> None:
    """
    Let SIGHUP call *reload* on the reactor's thread; nobody else handles it, and it would end the process.

    It also comes when the terminal is closed in which the server runs in the foreground: that stops the
    server in good order, unless ``nohup`` said to go on.  Call this when *reactor* has installed its own
    handlers for signals, and before `stop_with_success`; where it has not, they are not ours to set.
    """
    before = signal.getsignal(signal.SIGHUP)
    if signal.getsignal(signal.SIGTERM) != reactor.sigTerm or before not in (signal.SIG_DFL, signal.SIG_IGN):
        return
    terminals = [number for number in range(3) if os.isatty(number)] if before == signal.SIG_DFL else []

    def told(number: int, frame: FrameType | None) -> None:
        # A terminal that has hung up is one no longer.
        if terminals and not any(map(os.isatty, terminals)):
            log.info("The terminal is gone, stopping.")
            reactor.callFromThread(stop, reactor)
        else:
            reactor.callFromThread(reload)

    signal.signal(signal.SIGHUP, told)


def stop(reactor: Any) -> None:
    """Stop *reactor*; harmless if that is being done."""
    with suppress(ReactorNotRunning):
        reactor.stop()


def _raise_open_files_limit() -> None:
    # Each connection is an open file; the soft limit is often 1,024 for the sake of select().
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _no_such_address(error: BaseException | None) -> bool:
    cause = getattr(error, "socketError", None)
    return isinstance(cause, OSError) and cause.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def _why_not(listener: Listener, error: BaseException | None) -> str:
    cause = getattr(error, "socketError", error)
    if isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE:
        return (
            f"{listener.description} is in use, perhaps by another chatroom. "
            "Stop that, or choose another port: --listen tcp:2429:interface=127.0.0.1"
        )
    reason = cause.strerror if isinstance(cause, OSError) else str(cause)
    return f"cannot listen at {listener.description}: {reason}."
