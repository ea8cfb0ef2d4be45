"""The settings of the terminal that we were started from: switched while we need it, and put back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def borrowed(number: int = 0) -> Iterator[Callable[[bool], None] | None]:
    """
    Use the terminal at the file descriptor *number* for a while.

    Whoever started us reads from it again afterwards, so it is left as it was, also if our own
    descriptor has been closed.

    :returns: what switches its echo on or off; None if there is no terminal.
    """
    if not os.isatty(number):
        yield None
        return
    import termios

    ours = os.dup(number)
    blocking, settings = os.get_blocking(ours), termios.tcgetattr(ours)

    def echo(on: bool) -> None:
        now = termios.tcgetattr(ours)
        # The newline is shown all the same: the next line begins on a line of its own.
        now[3] = now[3] | termios.ECHO if on else now[3] & ~termios.ECHO | termios.ECHONL
        termios.tcsetattr(ours, termios.TCSANOW, now)

    try:
        yield echo
    finally:
        termios.tcsetattr(ours, termios.TCSANOW, settings)
        os.set_blocking(ours, blocking)
        os.close(ours)
