"""Rate-limited log, which strangers cannot fill: a few lines a minute of each kind, then how many more there were."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

MAX_LINES = 10
"""Lines of one kind that are written in one minute."""

MAX_KINDS = 50
"""Kinds that are distinguished in one minute; of any others, all with the same format count as one kind."""

INTERVAL = 60.0
"""Seconds after which counting starts over."""


@dataclass(slots=True)
class _Minute:
    """What was logged in one minute."""

    until: float
    counts: Counter[object] = field(default_factory=Counter)
    unwritten: dict[object, tuple[Any, str]] = field(default_factory=dict)
    """The level of suppressed lines, and the text that sums them up, by kind."""


class QuietLog:
    """
    Logs what strangers can cause, with a bounded number of lines a minute.

    Lines are of one kind if they read the same, and failures if they have the same type and the same place.
    So a bug that anybody can trigger a thousand times a second is still logged, with its traceback, and so is
    any other bug at the same time.

    :param clock: tells when a minute has passed.
    :param log: where lines are written.
    """

    def __init__(self, clock: IReactorTime, log: Logger) -> None:
        self._clock = clock
        self._log = log
        self._minute = _Minute(0.0)
        self._timer: IDelayedCall | None = None

    def info(self, format: str, **fields: object) -> None:
        """Log one line, formatted from *format* and *fields* as by `twisted.logger`."""
        text = format.format(**fields)
        if self._may_write(text, format, LogLevel.info, text):
            self._log.info(format, **fields)

    def failure(self, format: str, failure: Failure | None = None, **fields: Any) -> None:
        """Log the traceback of *failure*, or else of the exception that is being handled."""
        failure = failure or Failure()  # type: ignore[no-untyped-call]
        name = "" if failure.type is None else failure.type.__name__
        places = tuple((file, line) for _, file, line, *_ in failure.frames)
        what = f"{name} in {places[-1][0]}:{places[-1][1]}" if places else name
        text = f"{format.format(**fields)} ({what})"
        if self._may_write((format, what, places), format, LogLevel.critical, text):
            self._log.failure(format, failure, **fields)

    def _may_write(self, kind: object, format: str, level: Any, text: str) -> bool:
        minute, now = self._minute, self._clock.seconds()
        if now >= minute.until and self._timer is None:
            minute = self._minute = _Minute(now + INTERVAL)
        if kind not in minute.counts and len(minute.counts) >= MAX_KINDS:
            kind, text = (format,), format
        minute.counts[kind] += 1
        if minute.counts[kind] <= MAX_LINES:
            return True
        minute.unwritten[kind] = level, text
        if self._timer is None:
            self._timer = self._clock.callLater(max(0.0, minute.until - now), self._sum_up)
        return False

    def _sum_up(self) -> None:
        minute, self._minute, self._timer = self._minute, _Minute(0.0), None
        for kind, (level, text) in minute.unwritten.items():
            more = f"{minute.counts[kind] - MAX_LINES:,}"
            self._log.emit(level, "... and {more} more within a minute: {what}", more=more, what=text)
