"""Time zones: the local time of whoever reads, or else that of the server."""

from __future__ import annotations

import time
from datetime import datetime
from types import TracebackType
from zoneinfo import ZoneInfo

_LONGEST = 64
"""Characters of the name of a zone; the longest in the database (tzdata 2026a) has 32."""

_current: ZoneInfo | None = None
"""That of who is being rendered for; rendering never waits for anything."""


def zone_called(name: str) -> ZoneInfo | None:
    """Find the zone that *name*, as in ``TZ``, is of; None if there is none in the database of this machine."""
    name = name.removeprefix(":")
    if not name or len(name) > _LONGEST:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # it is not in the database, is no file in it, or would be outside of it
        return None


class InZone:
    """Renders in a zone meanwhile; None: in that of the server."""

    __slots__ = ("_before", "_zone")

    def __init__(self, zone: ZoneInfo | None) -> None:
        self._zone = zone

    def __enter__(self) -> None:
        global _current
        self._before, _current = _current, self._zone

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        global _current
        _current = self._before


def current() -> ZoneInfo | None:
    """Return the zone that is rendered in; None: that of the server."""
    return _current


def local(seconds: float | None = None) -> time.struct_time:
    """Return the local time *seconds* after the epoch, or now, of who is rendered for."""
    zone = _current
    if zone is None:
        return time.localtime(seconds)
    moment = datetime.fromtimestamp(time.time() if seconds is None else seconds, zone)
    offset = moment.utcoffset()
    assert offset is not None, "the zone of a zone"
    return time.struct_time((*moment.timetuple(), moment.tzname(), int(offset.total_seconds())))
