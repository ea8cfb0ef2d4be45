"""The error that keeps the server from starting, in one line."""

from __future__ import annotations

_LONGEST = 500
"""Characters of the line: it may quote what was typed, of any length."""


class CannotStart(SystemExit, Exception):
    """
    The server cannot start; the text is one clear line.

    A SystemExit, so that in the foreground the line is printed without a traceback and the exit status
    is 1; an Exception, so that twistd's parent process learns of it when it runs as a daemon.

    :param reason: what is wrong.
    """

    def __init__(self, reason: object) -> None:
        self.reason = str(reason)
        line = "".join(one if one.isprintable() else repr(one)[1:-1] for one in f"chatroom cannot start: {reason}")
        super().__init__(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…")
