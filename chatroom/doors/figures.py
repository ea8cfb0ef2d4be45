"""Figures: what one process says of itself and of its doors."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Counts = Mapping[str, Mapping[str, int]]
"""Numbers by series, such as ``lines``, and by the value of its label, such as ``json``."""

_STATM = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a process says of itself and of its doors."""

    counted: Counts
    """What only grows."""
    present: Counts
    """What there is now."""
    cpu: float
    """Processor time since the start, in seconds."""
    memory: int
    """Resident memory, in bytes; 0: unknown."""


def figures_of_this_process(counted: Counts, present: Counts) -> Figures:
    """Return *counted* and *present* with what this process uses."""
    return Figures(counted, present, time.process_time(), _resident_memory())


def added(*many: Counts) -> dict[str, Counter[str]]:
    """Add up the numbers of each series by label."""
    total: dict[str, Counter[str]] = {}
    for counts in many:
        for series, by_label in counts.items():
            total.setdefault(series, Counter()).update(by_label)
    return total


def _resident_memory() -> int:
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, ValueError, IndexError):
        return 0
