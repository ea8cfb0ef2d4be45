"""Fixtures of the wire tests: a server, how often to crash it, and how long to attack it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .kinds import ONE, made_as
from .processes import THOROUGH
from .server import Server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--crash-rounds",
        type=int,
        default=2,
        help="how often to kill the server in tests/wire/test_crash.py: 20 for a thorough run (pytest tests/wire …)",
    )
    parser.addoption(
        "--full-attacks",
        action="store_true",
        help="attack for as long, and with as many, as `python -m tests.wire.attackers` does (pytest tests/wire …)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "crash_rounds" in metafunc.fixturenames:
        # Unknown to pytest where it was started without naming this folder.
        rounds = metafunc.config.getoption("--crash-rounds", 2)
        mark = pytest.mark.timeout(60 + 15 * rounds)
        metafunc.parametrize("crash_rounds", [pytest.param(rounds, marks=mark)])


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether bounds of time hold whatever else the machine does; else only if it had a processor free."""
    return bool(request.config.getoption("--crash-rounds", 2) >= THOROUGH)


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A running server without a limit on how fast people talk; `kinds` has what it may be."""
    with made_as(getattr(request, "param", ONE), request, tmp_path) as running:
        yield running
