"""Common setup of all tests: markers, a time zone, a Ctrl-C that counts, and Hypothesis examples that never change."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of some folders, so that ``-m "not wire and not browser"`` leaves them out."""
    for item in items:
        folder = folder_of(item.nodeid)
        if folder in MARKED_FOLDERS:
            item.add_marker(folder)


def folder_of(nodeid: str) -> str:
    """Return the folder of ``tests`` that has the test, or the file, if it is in none."""
    return nodeid.split("::")[0].removeprefix("tests/").split("/")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """
    Share the tests out to the processes of ``-n 2``.

    One gets all those with real servers, which need a processor for themselves. Others stay together with their file,
    because its tests may share something.
    """
    from xdist.scheduler import LoadScopeScheduling  # not needed in one process

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "real servers" if folder_of(nodeid) in MARKED_FOLDERS else nodeid.split("::")[0]

    return Scheduling(config, log)


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
