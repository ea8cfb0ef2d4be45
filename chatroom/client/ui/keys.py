"""Keys of the prompt: Enter, which notes what the prompt shows, and Ctrl-Z, which stops the client as any program."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent


def enter_key(entered: Callable[[], object]) -> KeyBindings:
    """Call *entered* before Enter accepts the line: the prompt may show something else by the time it is read."""
    keys = KeyBindings()

    @keys.add("enter", filter=has_focus(DEFAULT_BUFFER))
    def enter(event: KeyPressEvent) -> None:
        """Accept the line."""
        entered()
        event.current_buffer.validate_and_handle()

    return keys


def suspend_key() -> KeyBindings:
    """Let Ctrl-Z do what the terminal does while it isn't in raw mode."""
    keys = KeyBindings()

    @keys.add("c-z")
    def suspend(event: KeyPressEvent) -> None:
        """Stop, with everything else in the foreground."""
        os.kill(0, signal.SIGTSTP)

    return keys
