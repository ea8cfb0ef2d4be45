"""
The promise that nothing one guest does is felt by another: attacks of every kind, beside people on every door.

How long people wait depends on the machine, and ``python -m tests.wire.attackers`` tells; what is asserted here is
the work that attackers cause: the CPU time of the longest turn, during which nobody else is served, the memory that
they take and give back, what they log, and what they achieve.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from .attackers.catalogue import ATTACKS, Attack
from .attackers.field import Battle, Ground, Namespace, allowed
from .attackers.filled import Stores
from .attackers.promise import HEAD, broken, promised_work, row

TURN = 0.050
"""Seconds of CPU time that a turn of the reactor takes at most."""

AT_ONCE = 6
"""Attacks that are made at a time, so that the tests do not take long."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of another process in /proc"),
    pytest.mark.timeout(600),
]


def waves() -> list[list[Attack]]:
    """Group attacks by the journal they need; the command, not the test, measures times."""
    by_journal: dict[str, list[Attack]] = defaultdict(list)
    for attack in (attack for attack in ATTACKS.values() if not attack.neighbours):
        by_journal[attack.name if attack.alone else f" {attack.filled}"].append(attack)
    return [some[at : at + AT_ONCE] for some in by_journal.values() for at in range(0, len(some), AT_ONCE)]


def named(wave: list[Attack]) -> str:
    return "+".join(attack.name for attack in wave)


@pytest.fixture(scope="module")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether there is time for large numbers."""
    # Unknown to pytest where it was started without naming this folder.
    return bool(request.config.getoption("--full-attacks", False))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, full: bool) -> Stores:
    """Journals that hold a lot, made when they are needed."""
    return Stores(tmp_path_factory.mktemp("stores"), full)


@pytest.fixture(scope="module")
def namespace() -> Iterator[Ground]:
    """A network with addresses of its own."""
    why_not = allowed(Namespace)
    if why_not and os.environ.get("CI"):
        pytest.fail(why_not)
    if why_not:
        pytest.skip(why_not)
    with Namespace() as ground:
        yield ground


def holds(battle: Battle, wave: list[Attack]) -> None:
    """Let *wave* attack, and check the promise."""
    outcome = battle.run(*wave)
    print(*HEAD, row(outcome, broken(outcome)), sep="\n")
    assert promised_work(outcome) == []
    # A collection of garbage stops everybody, too, in whichever thread it happens.
    assert max(outcome.longest_turn, outcome.longest_collection) < TURN


@pytest.mark.parametrize("wave", waves(), ids=named)
def test_nobody_feels_what_comes_from_this_very_machine(
    tmp_path: Path, stores: Stores, full: bool, wave: list[Attack]
):
    holds(Battle(tmp_path, Ground(), stores, full=full), wave)


@pytest.mark.parametrize("wave", waves(), ids=named)
def test_nobody_feels_what_comes_from_three_addresses(
    tmp_path: Path, stores: Stores, full: bool, namespace: Ground, wave: list[Attack]
):
    far = [attack for attack in wave if not attack.loopback_only]
    if far:
        holds(Battle(tmp_path, namespace, stores, full=full), far)
