"""Garbage collection: keeps the pauses of Python's cycle collector short."""

from __future__ import annotations

import gc

FULL_COLLECTION_THRESHOLD = 50
"""Collections of the middle generation before a full one (Python's own: 10): with 5,000 rooms it takes 100 ms."""


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
