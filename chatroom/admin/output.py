"""Output of lists: columns for people, JSON objects for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any


def columns(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lay out *rows* below *head* in columns as wide as their widest cell."""
    table = [head, *rows]
    widths = [max(map(len, column)) for column in zip_longest(*table, fillvalue="")]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def json_line(**values: Any) -> str:
    """Write one JSON object, as the JSON dialect does."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def moment(seconds: float) -> str:
    """Write a time in the local time zone, to the minute."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def day(seconds: float) -> str:
    """Write the day of a time in the local time zone."""
    return time.strftime("%Y-%m-%d", time.localtime(seconds))
