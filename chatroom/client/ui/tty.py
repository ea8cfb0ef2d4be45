"""Terminal settings: changed while the client runs, and restored afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def borrowed(number: int = 0) -> Iterator[Callable[[bool], None] | None]:
    """
    Borrow the terminal at the file descriptor *number*.

    The shell reads from it again afterwards, so its settings are restored, even if our own descriptor has
    been closed.

    :returns: a function that switches echo on or off; None if there is no terminal.
    """
    if not os.isatty(number):
        yield None
        return
    import termios

    ours = os.dup(number)
    blocking, settings = os.get_blocking(ours), termios.tcgetattr(ours)

    def echo(on: bool) -> None:
        now = termios.tcgetattr(ours)
        # The newline is always echoed, so that the next line starts on a line of its own.
        now[3] = now[3] | termios.ECHO if on else now[3] & ~termios.ECHO | termios.ECHONL
        termios.tcsetattr(ours, termios.TCSANOW, now)

    try:
        yield echo
    finally:
        termios.tcsetattr(ours, termios.TCSANOW, settings)
        os.set_blocking(ours, blocking)
        os.close(ours)
