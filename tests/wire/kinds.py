"""Kinds of servers: tests of one that people do not tell apart run with each, by a mark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from .server import Server

ONE = "one process"
DOORS = "two doors"
POSTGRESQL = "two doors on PostgreSQL"

with_doors = pytest.mark.parametrize("server", [ONE, DOORS], indirect=True)
"""Marks a test that runs with two doors, too."""

everywhere = pytest.mark.parametrize("server", [ONE, DOORS, POSTGRESQL], indirect=True)
"""Marks a test that runs with two doors, too, and with its data in PostgreSQL."""


def made_as(kind: str, request: pytest.FixtureRequest, folder: Path, *options: str) -> Server:
    """Make a server of a *kind*, without a limit on how fast people talk; it is not started yet."""
    database = request.getfixturevalue("postgres").database() if kind == POSTGRESQL else ""
    return Server(folder, "--rate", "0", *words_of(kind), *options, database=database)


def words_of(kind: str) -> Sequence[str]:
    """Return the options for a server of a *kind*."""
    return () if kind == ONE else ("--doors", "2")
