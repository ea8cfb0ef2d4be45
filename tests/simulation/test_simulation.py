"""The simulation in CI: what it finds (nothing), that it finds what it should, and that a seed says it all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .switching import awaits

SEEDS = {
    "1-200": (),
    "321-335": (),
    "601-800": (),
    "21-46": ("--doors",),
    "54-58": ("--doors",),
    "1-20": ("--cluster",),
}
"""The seeds of runs in CI, and in which worlds: those with doors make 10^5 steps, and those of a cluster as many."""
STEPS = 5000

NEVER_WAIT = {
    "attaching._catch_up_person: self._membership.remove_banned": "these seeds ban nobody whose house dies then",
    "membership.remove: author.flushed": "what it waits for has failed in the same commit, just before",
    "registry._trimmed_elsewhere: self.trimmed": "no other program is here that removes events",
}
"""Awaits at which nothing ever has to be waited for, and why."""

FOUND = {
    "blind-seats": "31-50",
    "spinning-readers": "1-40",
    "reloading": "1-24",
    "trusting-tokens": "1-5",
    "lasting-tokens": "62-67",
    "time-of-day": "1-10",
    "unmarked-sessions": "1-5",
    "one-eyed-removals": "1-10",
    "hasty-leaving": "1-3",
    "shared-refs": "1-3",
    "late-sessions": "1-5",
    "early-sessions": "1-4",
    "nearsighted-bans": "11-40",
    "lasting-sessions": "187-188",
    "sent-again": "43-46",
    "seats-from-doors": "22-26",
    "stale-doors": "22-25",
    "never-live": "26-27",
    "unsent": "21-23",
    "never-unlive": "21-24",
    "unchecked-epochs": "13-15",
    "lower-epochs": "1-16",
    "lasting-leases": "54-58",
}
"""Seeds of which at least one finds the fault."""

WORDED = {
    "blind-seats": r"a seat in a room that nobody has|has another seat in|is shown \d+ of #@\S+ after|told to miss #@",
    "spinning-readers": "this step does not end",
    "reloading": "bans are stored as|is stored, and not known|to an account that is none",
    "trusting-tokens": "which their token does not prove",
    "lasting-tokens": "by a token of a login that has ended",
    "time-of-day": "is not answered",
    "unmarked-sessions": "half live in|nobody can tell apart",
    "one-eyed-removals": "who has no seat there|is gone, and has a session|and has other sessions there",
    "hasty-leaving": "and has other sessions there",
    "shared-refs": "what they sent as another session's|cannot tell whether|is shown the ref",
    "late-sessions": r"is shown \d+ of \S+ and not|and has been shown up to",
    "early-sessions": r"is shown \d+ of \S+ after",
    "nearsighted-bans": "who is banned there, comes into|, and banned there",
    "lasting-sessions": "since before the password changed",
    "sent-again": r"is stored as \d+ of \S+ and as",
    "seats-from-doors": "without being there|before they know that they are there|inside are",
    "stale-doors": "waits for 1 answers|is over in the house|is not answered",
    "never-live": "0 times that they are up to date",
    "unsent": r"is shown \S+ up to \d+, and at door|and not \d+|has been shown up to",
    "never-unlive": "is live in|is shown .* after|up to",
    "unchecked-epochs": r"has stored something after one of epoch \d+ took over",
    "lasting-leases": r"lets somebody go on after another one took over",
    "lower-epochs": r"was linked to a house of epoch \d+, and is to one of|is shown .* after",
}
"""What is said of it."""


def start(*arguments: str) -> subprocess.Popen[str]:
    """Run the simulation in a process of its own, which is not measured: that would take twice as long."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(*arguments: str) -> tuple[int, str]:
    """Run the simulation to its end; return its exit status and all that it printed."""
    process = start(*arguments)
    told, _ = process.communicate()
    return process.returncode, told


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_hundreds_of_seeds_find_nothing_and_wait_at_every_await(tmp_path: Path):
    files = [tmp_path / seeds for seeds in SEEDS]
    running = [
        start("--seeds", seeds, "--steps", str(STEPS), "--awaits", str(file), *world)
        for (seeds, world), file in zip(SEEDS.items(), files, strict=True)
    ]
    for process, seeds in zip(running, SEEDS, strict=True):
        told, _ = process.communicate()
        assert process.returncode == 0, told
        steps = [int(found.replace(",", "")) for found in re.findall(r"seed \d+: ([\d,]+) steps", told)]
        first, last = map(int, seeds.split("-"))
        assert len(steps) == last - first + 1 and min(steps) >= STEPS
    waited = set().union(*(file.read_text().split() for file in files))
    assert {what for where, what in awaits().items() if where not in waited} == set(NEVER_WAIT)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FOUND)
def test_a_fault_that_is_put_back_is_found(fault: str):
    """That none of these seeds finds anything without it is shown above."""
    status, told = run("--seeds", FOUND[fault], "--steps", str(STEPS), "--fault", fault, "--no-shrink")
    assert status == 1 and re.search(WORDED[fault], told), told


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_seed_is_the_same_run_each_time():
    first, second, other = (run("--seed", seed, "--steps", "2000") for seed in ("7", "7", "8"))
    assert first == second and first[0] == 0
    assert first[1].split()[-1] != other[1].split()[-1]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_run_that_fails_is_made_smaller_and_still_fails_in_the_same_way():
    status, told = run("--seed", "5", "--steps", str(STEPS), "--fault", "trusting-tokens")
    before, _, smaller = told.partition("made smaller: ")
    whole = re.search(r"at step ([\d,]+)", before)
    assert status == 1 and whole is not None
    assert WORDED["trusting-tokens"] in smaller.splitlines()[0]
    assert len(smaller.splitlines()) < int(whole[1].replace(",", "")) / 10
