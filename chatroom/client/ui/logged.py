"""A user interface that logs what it shows: lines and errors, but no questions, and nothing that is only typed."""

from __future__ import annotations

from ..log_file import LogFile
from ..ui_port import UserInterface
from .wrapped import Wrapped


class Logged(Wrapped):
    """Appends each line that is shown to *log*."""

    def __init__(self, inner: UserInterface, log: LogFile) -> None:
        super().__init__(inner)
        self._log = log
        self._ended = False

    def show(self, line: str) -> None:
        """Show and log *line*."""
        super().show(line)
        self._keep(line)

    def complain(self, line: str) -> None:
        """Show and log *line*."""
        super().complain(line)
        self._keep(line)

    def end(self) -> None:
        """Close the log."""
        super().end()
        self._ended = True
        self._log.close()

    def _keep(self, line: str) -> None:
        failure = None if self._ended else self._log.write(line)
        if failure is not None:
            super().complain(failure)
