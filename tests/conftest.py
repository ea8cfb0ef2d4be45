"""Common setup of all tests: markers, a time zone, a Ctrl-C that counts, and Hypothesis examples that never change."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.log_lines import log_lines
from tests.postgres import Postgres, started

os.environ["TZ"] = "UTC"
time.tzset()

# Whoever runs the tests may have a configuration of the client.
os.environ["XDG_CONFIG_HOME"] = os.devnull

# A shell has what it runs in the background ignore SIGINT, and so would every server that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "chatroom",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("chatroom-thorough", settings.get_profile("chatroom"), derandomize=False, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "chatroom"))

MARKED_FOLDERS = {"browser", "wire"}
"""Folders of ``tests`` whose tests all get the marker of the same name."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Mark the tests of some folders, so that ``-m "not wire and not browser"`` leaves them out.

    Of several processes (``-n 2 --dist loadgroup``), one runs all that have real servers, which need processors for
    themselves; a file with others is one process's, too, because what they share belongs to a file.
    """
    here = Path(__file__).parent
    for item in items:
        path = item.path.relative_to(here)
        real = path.parts[0] in MARKED_FOLDERS
        if real:
            item.add_marker(path.parts[0])
        item.add_marker(pytest.mark.xdist_group("real" if real else str(path)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, in which each test makes a database of its own."""
    with started() as server:
        yield server


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What the server logs, line by line."""
    with log_lines("chatroom") as lines:
        yield lines
