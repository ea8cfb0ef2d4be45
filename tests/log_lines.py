"""What is logged, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from twisted.logger import LogEvent, formatEvent, globalLogPublisher


@contextmanager
def log_lines(namespace: str) -> Iterator[list[str]]:
    """Collect the lines that are logged in *namespace* meanwhile."""
    lines: list[str] = []

    def observe(event: LogEvent) -> None:
        if event["log_namespace"] == namespace:
            lines.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    try:
        yield lines
    finally:
        globalLogPublisher.removeObserver(observe)
