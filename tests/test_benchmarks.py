"""The benchmarks run: every workload on the server and on a bare loop, far too short to measure anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wire.processes import program

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_smoke_run_measures_every_workload(tmp_path):
    program("gcc")
    results, plot = tmp_path / "results.json", tmp_path / "plot.svg"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks", "--smoke", "--peers", "chatroom", "loop-round", "chatroom-web"),
            *("--json", str(results), "--svg", str(plot)),
        ],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=290,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for workload in (
        "burst",
        "paced",
        "rooms",
        "idle",
        "slow",
        "web",
        "irc",
        "crowd",
        "journal",
        "logins",
        "returns",
        "search",
        "indexing",
        "cluster",
    ):
        assert f"### {workload}" in done.stdout
    assert json.loads(results.read_text())["cases"]
    assert plot.read_text().startswith("<svg")


def printed(module: str, *options: str) -> str:
    """Run a program of the benchmarks; return what it prints."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_followers_are_measured_beside_members():
    told = printed("followers", "--count", "5", "--runs", "1")
    assert "5 members over WebSocket: " in told and "medians: " in told


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_messages_that_were_changed_are_measured_beside_as_many_unchanged():
    told = printed("changes", "--events", "4000", "--pairs", "2")
    assert "100 of 4,000 messages are changed" in told and "| page | " in told
