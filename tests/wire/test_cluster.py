"""Several machines with one database: whoever has the house, people at the doors of the others chat on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chatroom.journal.postgres.lease import LENGTH
from tests.postgres import Postgres

from .clients import TextClient
from .cluster import Machine, certificates


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def machines(tmp_path: Path, made: Path, postgres: Postgres) -> Iterator[list[Machine]]:
    """Three of them; the first one leads."""
    database = postgres.database()
    with ExitStack() as stack:
        found = []
        for name in ("one", "two", "three"):
            machine = Machine(tmp_path / name, name, made, database)
            found.append(stack.enter_context(machine.start()))
            if name == "one":
                machine.process.until("This machine has the house now, epoch 1")
        yield found


def test_people_at_other_machines_chat_on_when_the_one_that_leads_dies(machines: list[Machine]):
    one, two, three = machines
    ann, bob = TextClient(two.port, "ann"), TextClient(three.port, "bob")
    with ann, bob:
        ann.type("hello")
        assert bob.until("<ann> hello")
        one.vanish()
        died = time.monotonic()
        bob.type("are you there?")
        ann.until("<bob> are you there?", 15)
        assert time.monotonic() - died < LENGTH + 1
        ann.type("yes")
        bob.until("<ann> yes")
        assert [two.leads, three.leads].count(True) == 1
