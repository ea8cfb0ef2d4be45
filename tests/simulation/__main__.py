"""
``python -m tests.simulation``: runs seeds, and tells of each what went wrong, if anything did.

A run that fails is made smaller: what is left of it is written down, a step a line, and replayed with ``--tell``.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path

from twisted.logger import globalLogBeginner

from .cluster import ClusterSimulation
from .cluster_actions import ClusterActions
from .faults import FAULTS, NONE
from .house import shrink_pages
from .link_faults import CLUSTER_FAULTS, LINK_FAULTS
from .linked import LinkedSimulation
from .linked_actions import LinkedActions
from .run import Run
from .shrink import shrink, written
from .simulation import Simulation
from .switching import switched
from .world import Switch

_ENVIRONMENT = {"PYTHONHASHSEED": "0", "TZ": "UTC"}
"""What else would differ between two runs: the order of sets of strings, and how times are read and written."""


def main() -> int:
    """Run as the command line says; return 1 if anything went wrong."""
    given = _asked()
    shrink_pages()
    # Else what the log calls critical is printed; that a house ends is what happens here.
    globalLogBeginner.beginLoggingTo([lambda event: None], redirectStandardIO=False)
    # What has been imported stays; it need not be looked through again and again.
    gc.freeze()
    first, _, last = given.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    switches: set[Switch] = set()
    failed = 0
    for seed in seeds:
        run = _make(given, seed).by_seed(seed, given.steps)
        switches |= run.switches
        failed += bool(run.broken)
        print(f"seed {seed}: {run.done:,} steps, {run.digest}", flush=True)
        if run.broken:
            _explain(given, seed, run)
    if given.awaits:
        given.awaits.write_text("".join(f"{one}\n" for one in sorted(switched(switches))))
    return bool(failed)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Simulate the whole server.")
    parser.add_argument("--seed", "--seeds", dest="seeds", default="1", metavar="N[-M]", help="the seed, or several")
    parser.add_argument("--steps", type=int, default=5000, metavar="N", help="of each run (default: %(default)s)")
    parser.add_argument("--doors", action="store_true", help="have the doors in processes of their own, over links")
    parser.add_argument("--cluster", action="store_true", help="have two houses, of which one leads, and three doors")
    parser.add_argument(
        "--fault", choices=[*FAULTS, *LINK_FAULTS, *CLUSTER_FAULTS], help="put a fault back that the server once had"
    )
    parser.add_argument("--no-shrink", action="store_true", help="do not make a run that fails smaller")
    parser.add_argument("--tell", action="store_true", help="tell all that is done and read in a run that fails")
    parser.add_argument("--awaits", type=Path, metavar="FILE", help="write down where in the house tasks have waited")
    return parser.parse_args()


def _make(given: argparse.Namespace, seed: int) -> Run:
    # In every other run, whoever waits for something that is there now is kept waiting all the same.
    fault = (FAULTS | LINK_FAULTS | CLUSTER_FAULTS)[given.fault] if given.fault else NONE
    if given.cluster or given.fault in CLUSTER_FAULTS:
        return Run(ClusterSimulation(prompt=seed % 2 == 0, fault=fault), actions=ClusterActions)
    if given.doors or given.fault in LINK_FAULTS:
        return Run(LinkedSimulation(prompt=seed % 2 == 0, fault=fault), actions=LinkedActions)
    return Run(Simulation(prompt=seed % 2 == 0, fault=fault))


def _explain(given: argparse.Namespace, seed: int, run: Run) -> None:
    """Tell what went wrong, and how to bring it about in as few steps as can be found."""
    print(f"  at step {run.done:,}: {run.broken}")
    for line in written(run.steps[-12:]):
        print(f"    {line}")
    if not given.no_shrink:
        run = shrink(lambda: _make(given, seed), run)
        print(f"  made smaller: {run.broken}")
        for line in written(run.steps):
            print(f"    {line}")
    if given.tell:
        again = _make(given, seed)
        again.simulation.tell = print
        again.again(run.steps)


if __name__ == "__main__":
    if any(os.environ.get(name) != value for name, value in _ENVIRONMENT.items()):
        os.environ.update(_ENVIRONMENT)
        os.execv(sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]])
    sys.exit(main())
