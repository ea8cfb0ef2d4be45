"""Terminals that people sit at: windows of a tmux of our own, typed into and looked at."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from .processes import PATIENCE, program, wait_until


class Terminal:
    """
    One window with one program in it.

    :param name: what to call it, unlike any other.
    """

    def __init__(self, terminals: Terminals, name: str) -> None:
        self._terminals = terminals
        self._name = name

    @property
    def screen(self) -> str:
        """The text on the screen and in its scrollback, without empty lines."""
        screen = self._terminals.tmux("capture-pane", "-p", "-J", "-S", "-", "-t", self._name)
        return re.sub(r"[ \n]*\n", "\n", screen)

    def type(self, line: str) -> None:
        """Type *line*, and Enter."""
        self._terminals.tmux("send-keys", "-t", self._name, "-l", line)
        self.press("Enter")

    def press(self, *keys: str) -> None:
        """Press *keys*, as tmux calls them: ``C-c``."""
        self._terminals.tmux("send-keys", "-t", self._name, *keys)

    def until(self, pattern: str) -> re.Match[str]:
        """Wait until what matches *pattern* can be read; ``^`` and ``$`` are the ends of a line."""
        compiled = re.compile(pattern, re.MULTILINE)
        wait_until(
            lambda: compiled.search(self.screen), lambda: f"no {pattern!r} in {self._name}:\n{self.screen}", PATIENCE
        )
        found = compiled.search(self.screen)
        assert found, self.screen
        return found

    def ended(self) -> int:
        """Wait until its program has ended; return the exit status."""
        return int(self.until(r"^exit status (\d+)$")[1])


class Terminals:
    """All windows of one tmux server; use it in a ``with`` statement, which ends it and all in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._settings = folder / "tmux.conf"
        self._settings.write_text("set -g remain-on-exit on\nset -g history-limit 20000\n")
        # Not below *folder*: the path of a socket has 107 characters at most.
        self._sockets = tempfile.TemporaryDirectory(prefix="chatroom-")
        self._command = [program("tmux"), "-S", f"{self._sockets.name}/tmux", "-f", str(self._settings)]
        self._any = False

    def open(self, name: str, *command: str) -> Terminal:
        """Run *command* in a new window called *name*."""
        # The shell says how it ended, after a Ctrl-C that both of them get too.
        line = f"trap : INT; {shlex.join(command)}; printf '\\nexit status %d\\n' $?"
        how = ("new-window",) if self._any else ("new-session", "-d", "-s", "chat", "-x", "120", "-y", "40")
        self.tmux(*how, "-n", name, "-c", str(self._folder), line)
        self._any = True
        return Terminal(self, name)

    def tmux(self, *words: str) -> str:
        """Give tmux a command; return what it answers."""
        done = self._run(words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(["kill-server"])
        self._sockets.cleanup()

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        variables = {name: value for name, value in os.environ.items() if name not in ("TMUX", "NO_COLOR")}
        return subprocess.run(
            [*self._command, *words],
            env={**variables, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
