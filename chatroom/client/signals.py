"""The signals that end the client while it runs: it says goodbye, and restores the terminal."""

from __future__ import annotations

import signal
from contextlib import suppress
from types import FrameType
from typing import Any

from twisted.internet.error import ReactorNotRunning

_ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


def stop_on_signals(reactor: Any) -> None:
    """
    Let each signal that ends a process stop *reactor*, and the next ones change nothing.

    Twisted's own handlers know neither SIGHUP, when the terminal is closed, nor SIGQUIT, and log a second signal as an
    error.  Signals that are ignored (``nohup``) remain so.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        reactor.callFromThread(_stop, reactor)

    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)


def _stop(reactor: Any) -> None:
    with suppress(ReactorNotRunning):
        reactor.stop()
