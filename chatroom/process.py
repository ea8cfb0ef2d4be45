"""A process of a server with ``--doors``: ``python -m chatroom.process house`` or ``door``, with the server's options."""

from __future__ import annotations

import signal
import sys

from twisted.logger import LogBeginner, LogLevel, globalLogBeginner

__all__ = ["main"]
