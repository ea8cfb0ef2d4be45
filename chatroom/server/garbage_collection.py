"""Garbage collection: keeps the pauses of Python's cycle collector short."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

FULL_COLLECTION_THRESHOLD = 50
"""Collections of the middle generation before a full one (Python's own: 10): with 5,000 rooms it takes 100 ms."""

LONG = 0.1
"""Seconds of a full collection from which on what it has found alive is left out of the next ones."""

LEISURE = 1000
"""Pause before the next time that everything is looked at, relative to how long that takes: nobody is served then."""

FULL = 2
"""The generation that a full collection looks at."""


def freeze_what_stays(*, collect: bool = True) -> None:
    """
    Exclude all objects that exist now from garbage collection: they last as long as the process.

    On any thread, a collection blocks everything: a full collection of the modules alone takes 40 ms.

    :param collect: whether to look for garbage first, which takes as long.
    """
    if collect:
        gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_COLLECTION_THRESHOLD)


class LongCollections:
    """
    Divides full collections that would take long.

    With 100,000 people, one takes seconds, and they come while people do.  So what has survived a long one is frozen:
    the next one looks only at what is newer, and each object is looked at once.  What becomes garbage in cycles after
    that waits until everything is looked at again, which is rare.

    :param timer: measures time, in seconds.
    """

    def __init__(self, timer: Callable[[], float] = time.perf_counter) -> None:
        self._timer = timer
        self._begun = self._looked = timer()
        """When the last full collection began, and when everything was looked at."""
        self.spent = 0.0
        """How long the collections took whose survivors are frozen now, in seconds."""
        self._frozen = False

    def start(self) -> None:
        """Watch all collections from now on; harmless if it has been done."""
        if self._note not in gc.callbacks:
            gc.callbacks.append(self._note)

    def stop(self) -> None:
        """Watch no more."""
        if self._note in gc.callbacks:
            gc.callbacks.remove(self._note)

    def collect(self) -> None:
        """Free garbage: the newer one, or all of it if that was last done long ago."""
        again = self._frozen and self._timer() - self._looked >= LEISURE * self.spent
        if again:
            gc.unfreeze()
            self._frozen = False
        gc.collect()
        if again and not self._frozen:
            # The modules, too, were frozen before.
            self._freeze()

    def _note(self, phase: str, info: dict[str, Any]) -> None:
        if info["generation"] < FULL:
            return
        if phase == "start":
            self._begun = self._timer()
            return
        if self._timer() - self._begun >= LONG:
            self._freeze()

    def _freeze(self) -> None:
        """Leave out from now on what the last collection has found alive."""
        if not self._frozen:
            self._looked, self.spent, self._frozen = self._begun, 0.0, True
        self.spent += self._timer() - self._begun
        gc.freeze()
