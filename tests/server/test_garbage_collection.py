"""Garbage collection: permanent objects are not scanned again."""

from __future__ import annotations

import gc

from chatroom.server.garbage_collection import freeze_what_stays


def test_what_is_frozen_is_nothing_to_the_garbage_collector():
    """A full collection of it would stop everybody for 40 ms."""
    thresholds = gc.get_threshold()
    try:
        freeze_what_stays()
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 1_000
        assert gc.get_threshold()[:2] == thresholds[:2], "small collections are as frequent as before"
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
