"""Suspension: the prompt goes before this process stops, and is drawn again when it continues."""

from __future__ import annotations

import os

from prompt_toolkit import PromptSession
from prompt_toolkit.key_binding import KeyBindingsBase, merge_key_bindings

from .keys import suspend_key
from .reflow import follow_reflow, reflows
from .terminal_mode import TerminalMode


class Suspension:
    """
    Keeps what is on the screen right over stops, and changes of the terminal's width.

    :param mode: the settings of the terminal; None: there is none, so nothing stops.
    """

    def __init__(self, mode: TerminalMode | None) -> None:
        self._mode = mode
        self._prompt: PromptSession[str] | None = None
        self._lasting: PromptSession[str] | None = None
        if mode is not None:
            mode.hide, mode.show = self._hide, self._show

    def begin(self) -> None:
        """Let the terminal report whether its window is in front."""
        if self._mode is not None:
            self._mode.report_focus()

    def keys(self, *others: KeyBindingsBase) -> KeyBindingsBase:
        """Return the keys of a prompt: *others*, and Ctrl-Z."""
        return merge_key_bindings([*others, *([suspend_key()] if self._mode is not None else [])])

    def follow(self, prompt: PromptSession[str]) -> None:
        """Let *prompt* be the one on the screen; the first one is shown again and again."""
        self._prompt = prompt
        if prompt is self._lasting:
            return
        self._lasting = self._lasting or prompt
        if self._mode is not None:
            mode = self._mode
            # Before it is drawn, it has put the terminal into raw mode.
            prompt.app.after_render += lambda _: mode.take_first()
        if reflows(os.environ):
            follow_reflow(prompt.app)

    def _hide(self) -> None:
        if self._prompt is not None and self._prompt.app.is_running:
            self._prompt.app.renderer.erase()

    def _show(self, changed: bool) -> None:
        if self._prompt is None or not self._prompt.app.is_running:
            return
        renderer = self._prompt.app.renderer
        if changed:
            # The shell has written something; the prompt goes below it.
            renderer.reset()
        else:
            renderer.erase()
        renderer.request_absolute_cursor_position()
        self._prompt.app.invalidate()
