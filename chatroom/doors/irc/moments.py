"""Moments: times as IRCv3 writes them, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime

MILLISECOND = 0.001
"""In seconds: what is shown of a time is cut off there."""


def moment(written: str) -> float | None:
    """Read a time, such as ``2026-01-02T03:04:05.678Z``, as seconds since the epoch; None if it is none."""
    try:
        found = datetime.fromisoformat(written)
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
