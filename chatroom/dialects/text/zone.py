"""Time zones: the local time of whoever reads, or else that of the server."""

from __future__ import annotations

import time
from datetime import datetime
from types import TracebackType
from zoneinfo import ZoneInfo

_LONGEST = 64
"""Characters of the name of a zone; the longest in the database (tzdata 2026a) has 32."""

current: ZoneInfo | None = None
"""The zone of who is being rendered for, which never waits for anything; None: that of the server."""


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
        global current
        self._before, current = current, self._zone

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        global current
        current = self._before


def local(seconds: float | None = None) -> time.struct_time:
    """Return the local time *seconds* after the epoch, or now, of who is rendered for."""
    zone = current
    if zone is None:
        return time.localtime(seconds)
    moment = datetime.fromtimestamp(time.time() if seconds is None else seconds, zone)
    offset = moment.utcoffset()
    assert offset is not None, "the zone of a zone"
    return time.struct_time((*moment.timetuple(), moment.tzname(), int(offset.total_seconds())))


def recent(seconds: float) -> str:
    """Word a time, in seconds since the epoch; one of today without the date."""
    moment = local(seconds)
    return time.strftime("%H:%M" if moment[:3] == local()[:3] else "%Y-%m-%d %H:%M", moment)
