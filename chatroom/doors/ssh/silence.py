"""A log that writes nothing, in place of Conch's: that writes what strangers send, and lines without limit."""

from __future__ import annotations

from twisted.logger import ILogObserver, LogEvent, Logger
from zope.interface import implementer


@implementer(ILogObserver)
def _ignore(event: LogEvent) -> None:
    """Write nothing."""


SILENT = Logger(namespace="chatroom.silent", observer=_ignore)
"""What happens is logged by the door, in its own words and a bounded number of lines."""
