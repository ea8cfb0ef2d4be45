"""The terminal's settings: the shell's own whenever this process stops, and when it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_ENDING = (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM)
"""What ends a process by default, and leaves the terminal as it is.  SIGINT is an exception in Python."""
_FOCUS_ON, _FOCUS_OFF = b"\x1b[?1004h", b"\x1b[?1004l"
"""DECSET and DECRST of xterm's mode FocusIn/FocusOut: the terminal says when its window comes to the front."""
_LOCAL_MODES = 3
"""Where the local modes are in what ``tcgetattr`` returns."""


class TerminalMode:
    """
    Keeps the settings that the terminal has now, and gives them back on every stop and at the end.

    Until there is an event loop, signals are handled where they arrive, for instance while a password is asked for.

    :param number: the file descriptor of the terminal.
    """

    def __init__(self, number: int) -> None:
        # Our own descriptor, because the other one may be closed when the settings are given back.
        self._number = os.dup(number)
        self._theirs = _settings(self._number)
        self._ours: Any = None
        self._resumes = False
        self._reports_focus = False
        self.later: Callable[[Callable[[], None]], object] = lambda call: call()
        """Calls a function as soon as that is safe, such as ``reactor.callFromThread``."""
        self.hide: Callable[[], object] = lambda: None
        """Removes what is drawn, before the shell writes to the terminal."""
        self.show: Callable[[bool], object] = lambda changed: None
        """Draws again; the argument says whether the settings had been changed, and so the screen."""

    def report_focus(self) -> None:
        """Let the terminal report whether its window is in front, until the settings are given back."""
        self._reports_focus = True
        self._write(_FOCUS_ON)

    def give_back(self) -> None:
        """Restore the settings that the terminal had at first."""
        if self._reports_focus:
            self._write(_FOCUS_OFF)
        self._set(self._theirs)

    def close(self) -> None:
        """Restore the settings for the last time."""
        self.give_back()
        os.close(self._number)

    def take(self) -> None:
        """Note the settings that this process has made, to restore them after a stop."""
        self._ours = _settings(self._number)

    def take_first(self) -> None:
        """Do so unless it has been done: after a stop the settings may be the shell's."""
        if self._ours is None:
            self.take()

    def echo(self, on: bool) -> None:
        """Switch the echo of what is typed on or off."""
        settings = _settings(self._number)
        if settings is not None:
            local = settings[_LOCAL_MODES]
            # The newline is always echoed, so that the next line starts on a line of its own.
            settings[_LOCAL_MODES] = local | termios.ECHO if on else local & ~termios.ECHO | termios.ECHONL
            self._set(settings)
            self.take()

    # Signals.

    def asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        """Handle SIGTSTP."""
        self.later(self._stop)

    def asked_to_continue(self, number: int, frame: FrameType | None) -> None:
        """Handle SIGCONT: SIGSTOP, and reading or writing in the background, stop without a warning."""
        self._resumes = True
        self.later(self._resume)

    def asked_to_end(self, number: int, frame: FrameType | None) -> None:
        """End with the status that a shell gives a command that a signal has ended."""
        raise SystemExit(128 + number)

    def _stop(self) -> None:
        self.take()
        self.hide()
        self.give_back()
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        # Every thread stops here.  Without a shell that could continue it, the kernel ignores this.
        signal.raise_signal(signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, before)
        # At once, before anything else draws.
        self._resumes = True
        self._resume()

    def _resume(self) -> None:
        """Take the terminal back, once for each stop."""
        if not self._resumes:
            return
        self._resumes = False
        changed = self._ours is not None and _settings(self._number) != self._ours
        if changed:
            # In the background this stops the process again, until the shell brings it to the foreground.
            self._set(self._ours)
        if self._reports_focus:
            self._write(_FOCUS_ON)
        self.show(changed)

    def _write(self, sequence: bytes) -> None:
        # The terminal may be gone, full, or open for reading only.
        with contextlib.suppress(OSError):
            os.write(self._number, sequence)

    def _set(self, settings: Any) -> None:
        # The terminal may be gone.
        with contextlib.suppress(termios.error):
            if settings is not None:
                termios.tcsetattr(self._number, termios.TCSANOW, settings)


@contextmanager
def terminal_mode(number: int = 0) -> Iterator[TerminalMode | None]:
    """
    Give the terminal at the file descriptor *number* back as it was, whenever this process stops and when it ends.

    Signals that were ignored at the start remain so (``nohup``).

    :returns: its mode; None if there is no terminal.
    """
    if not os.isatty(number):
        yield None
        return
    mode = TerminalMode(number)
    handlers = {signal.SIGTSTP: mode.asked_to_stop, signal.SIGCONT: mode.asked_to_continue}
    handlers |= dict.fromkeys(_ENDING, mode.asked_to_end)
    before = {one: signal.getsignal(one) for one in handlers}
    for one, handler in handlers.items():
        if before[one] is not signal.SIG_IGN:
            signal.signal(one, handler)
    try:
        yield mode
    finally:
        mode.close()
        for one, former in before.items():
            signal.signal(one, former or signal.SIG_DFL)


def _settings(number: int) -> Any:
    """Return the settings of the terminal; None if it is gone."""
    try:
        return termios.tcgetattr(number)
    except termios.error:
        return None
