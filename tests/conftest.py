"""Common setup of all tests: markers, a time zone, a Ctrl-C that counts, and Hypothesis examples that never change."""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator
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

MEASURE_PROGRAMS = "COVERAGE_PROCESS_CONFIG"
"""The variable, set while coverage is measured, by which it is measured in programs that a test starts, too."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of some folders, so that ``-m "not wire and not browser"`` leaves them out."""
    for item in items:
        folder = folder_of(item.nodeid)
        if folder in MARKED_FOLDERS:
            item.add_marker(folder)
    if is_one_of_several(config):
        # They take longest, so they begin.
        items.sort(key=lambda item: not has_real_servers(item.nodeid))


def pytest_collection_finish() -> None:
    """Leave what lives until the end out of each collection of garbage: some 20,000 tests and all modules."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """
    Share the tests out to the processes of ``-n 2``.

    One gets all those with real servers, and begins with them. Others stay together with their file, because its tests
    may share something.
    """
    from xdist.scheduler import LoadScopeScheduling  # not needed in one process

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "real servers" if has_real_servers(nodeid) else nodeid.split("::")[0]

    config.option.loadscopereorder = False
    return Scheduling(config, log)


BEGUN = pytest.StashKey[bool]()
"""Whether this process has begun a test."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave the processors to the tests with real servers, if another process runs those."""
    if BEGUN not in item.config.stash:
        item.config.stash[BEGUN] = True
        if is_one_of_several(item.config) and not has_real_servers(item.nodeid):
            os.nice(10)


ALONE = "test_promise.py"
"""The file whose tests measure how long turns of a server keep its processor busy, which others would make longer."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """
    Measure coverage neither in tests that take long nor in the programs that they start.

    They would take three to four times as long.  Who wants to know which test runs which line gets them measured, too.
    """
    config = os.environ.get(MEASURE_PROGRAMS)
    takes_long = folder_of(item.nodeid) == "browser" or item.get_closest_marker("slow")
    if config is None or not takes_long or item.config.getoption("cov_context"):
        return (yield)
    here, in_threads = sys.gettrace(), threading.gettrace()
    del os.environ[MEASURE_PROGRAMS]
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        threading.settrace(in_threads)
        sys.settrace(here)
        os.environ[MEASURE_PROGRAMS] = config


@pytest.hookimpl(wrapper=True, tryfirst=True, specname="pytest_runtest_protocol")
def run_alone(item: pytest.Item) -> Generator[None, object, object]:
    """Let no other process run a test beside those that are run alone; what they wait for that is not their time."""
    if not is_one_of_several(item.config):
        return (yield)
    with open(__file__) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if item.path.name == ALONE else fcntl.LOCK_SH)
        return (yield)


def folder_of(nodeid: str) -> str:
    """Return the folder of ``tests`` that has the test, or the file, if it is in none."""
    return nodeid.split("::")[0].removeprefix("tests/").split("/")[0]


def has_real_servers(nodeid: str) -> bool:
    """Return whether the test starts servers that need a processor for themselves."""
    return folder_of(nodeid) in {*MARKED_FOLDERS, "test_benchmarks.py"}


def is_one_of_several(config: pytest.Config) -> bool:
    """Return whether this is a process of ``-n 2``."""
    return hasattr(config, "workerinput")


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
