"""Memory trimming: freed memory returns to the system every few seconds."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest
from twisted.internet.task import Clock

from chatroom.server.garbage_collection import LEISURE, LongCollections
from chatroom.server.memory import EVERY, Trimming, malloc_trim

GLIBC = platform.libc_ver()[0] == "glibc"

FREEING = """
import random
from chatroom.server.memory import malloc_trim

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

before = resident()
pieces = [bytearray(random.choice((600, 1500, 5000, 20_000))) for _ in range(6000)]
kept = pieces[::50]
del pieces
freed = resident()
malloc_trim()()
print(before, freed, resident())
"""
"""Frees 40 MB of pieces of all sizes, but for one in fifty: none of it is at the end of anything."""


class Collecting(LongCollections):
    """Calls something in place of each collection."""

    def __init__(self, collect):
        super().__init__()
        self.collect = collect


@pytest.mark.skipif(not GLIBC, reason="there is no glibc here")
def test_what_was_freed_is_given_back():
    ran = subprocess.run([sys.executable, "-c", FREEING], check=True, capture_output=True, text=True)
    before, freed, trimmed = map(int, ran.stdout.split())

    assert freed - before > 30_000_000, "without it, the process keeps what it has freed"
    assert trimmed - before < 0.3 * (freed - before)


def test_it_is_given_back_again_and_again_until_the_end():
    clock, trims = Clock(), []
    trimming = Trimming(clock, lambda: trims.append(clock.seconds()), Collecting(list))
    trimming.start()
    clock.pump([EVERY / 2] * 5)
    trimming.stop()
    clock.advance(EVERY)

    assert trims == [EVERY, 2 * EVERY] and not clock.getDelayedCalls()


def test_where_there_is_nothing_that_gives_it_back_nothing_happens():
    clock = Clock()
    trimming = Trimming(clock, None, Collecting(list))
    trimming.start()
    trimming.stop()

    assert not clock.getDelayedCalls()


@pytest.mark.parametrize("error", [OSError, TypeError, AttributeError])
def test_another_library_has_no_such_function(error, monkeypatch):
    def open_library(name):
        raise error

    monkeypatch.setattr(ctypes, "CDLL", open_library)
    assert malloc_trim() is None


def test_the_longer_a_collection_takes_the_rarer_it_is():
    clock, now, collected = Clock(), [0.0], []

    def collect() -> None:
        collected.append(clock.seconds())
        now[0] += 0.1

    trimming = Trimming(clock, lambda: None, Collecting(collect), lambda: now[0])
    trimming.start()
    clock.pump([1.0] * 350)

    assert collected == pytest.approx([EVERY + n * LEISURE * 0.1 for n in range(4)], abs=2)
    trimming.stop()
