"""Makes a run that fails smaller: steps are left out for as long as it fails in the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from .run import Run, Step

TRIES = 2_000
"""Runs that are made at most."""


def shrink(make: Callable[[], Run], failed: Run) -> Run:
    """
    Find a shorter run that fails as *failed* has: halves are left out first, single steps at last.

    :param make: makes a run in which nothing has been done yet.
    """
    best, tries = failed, 0
    size = len(failed.steps) // 2
    while size and tries < TRIES:
        found = False
        # From the end, where most has happened since that has nothing to do with it.
        for start in range(len(best.steps) - size, -1, -size):
            if tries == TRIES:
                break
            tries += 1
            again = make().again(best.steps[:start] + best.steps[start + size :])
            # Of what was to be done after it failed nothing is left in the record.
            if kind_of(again) == kind_of(failed) and len(again.steps) < len(best.steps):
                best, found = again, True
        if not found:
            size //= 2
        size = min(size, len(best.steps) // 2) or min(size, 1)
    return best


def kind_of(run: Run) -> str:
    """Classify a failure: its message without names and numbers."""
    lines = run.broken.splitlines() or [""]
    said = lines[-1] if lines[0].startswith("Traceback") else lines[0]
    return re.sub(r"\S*\d\S*|#\S+", "", said)[:40].partition(" are stored")[0]


def written(steps: Iterable[Step]) -> list[str]:
    """Write down *steps*, one a line."""
    return [" ".join(map(str, action)) for _, action in steps]
