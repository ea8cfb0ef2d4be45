"""
Signals: SIGTERM and SIGINT stop the server with status 0, SIGHUP has it read its configuration again.

SIGUSR2 has a supervisor replace its processes.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from twisted.internet.error import ReactorNotRunning
from twisted.logger import Logger

log = Logger(namespace="chatroom")


def stop_with_success(reactor: Any) -> None:
    """
    Let SIGTERM and SIGINT end the process with status 0: being told to stop is no failure.

    Twisted stops in good order too, but then ends the process by that signal once more.  Call this
    when *reactor* has installed its own handlers; where it has not, they are not ours to replace.
    """
    twisted_handlers = {signal.SIGTERM: reactor.sigTerm, signal.SIGINT: reactor.sigInt}
    ours = [number for number, handler in twisted_handlers.items() if signal.getsignal(number) == handler]

    def received(number: int, frame: FrameType | None) -> None:
        log.info("Received {name}, stopping.", name=signal.Signals(number).name)
        for each in ours:
            # Stopping takes a few seconds at most; an impatient second Ctrl-C changes nothing.
            signal.signal(each, signal.SIG_IGN)
        reactor.callFromThread(stop, reactor)

    for number in ours:
        signal.signal(number, received)


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

    def received(number: int, frame: FrameType | None) -> None:
        # isatty() says no of a terminal that has hung up.
        if terminals and not any(map(os.isatty, terminals)):
            log.info("The terminal was closed, stopping.")
            reactor.callFromThread(stop, reactor)
        else:
            reactor.callFromThread(reload)

    signal.signal(signal.SIGHUP, received)


def ignore_early_requests() -> None:
    """Let SIGUSR2 do nothing, until `replace_on_request`: it would end a server that is still starting."""
    if signal.getsignal(signal.SIGUSR2) == signal.SIG_DFL:
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)


def replace_on_request(reactor: Any, replace: Callable[[], object]) -> None:
    """
    Let SIGUSR2 call *replace* on the reactor's thread; nobody else handles it.

    Call this when *reactor* has installed its own handlers for signals; where it has not, they are not ours to set.
    """
    unhandled = signal.getsignal(signal.SIGUSR2) in (signal.SIG_DFL, signal.SIG_IGN)
    if unhandled and signal.getsignal(signal.SIGTERM) == reactor.sigTerm:
        signal.signal(signal.SIGUSR2, lambda number, frame: reactor.callFromThread(replace))


def stop(reactor: Any) -> None:
    """Stop *reactor*; harmless if it is stopping already."""
    with suppress(ReactorNotRunning):
        reactor.stop()
