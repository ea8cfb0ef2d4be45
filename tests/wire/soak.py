"""
``python -m tests.wire.soak``: 300 people come and go for ten minutes, and 50 stay and see how long they wait.

It prints the figures; the exit status is 1 if anything hung, came out of order, was logged as a bug, or was not given
back: the memory after they have left is within 20 % of what it was.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from .attackers.catalogue import ATTACKS
from .attackers.field import Battle, Ground, Outcome
from .attackers.filled import Stores
from .attackers.promise import AFTERWARDS, HEAD, LONGEST, promised_work, row

EACH = 8
"""People at each of the six doors who stay; one who talks and one who looks around make 50."""


def soak(folder: Path, ground: Ground, seconds: float, nice: int = 0) -> Outcome:
    """Let people come and go for so many seconds."""
    visitors = replace(ATTACKS["visitors"], seconds=(seconds, seconds))
    with ground:
        battle = Battle(folder, ground, Stores(folder, True), full=True, nice=nice, each=EACH)
        return battle.run(visitors)


def wrong_in(outcome: Outcome) -> list[str]:
    """List what should not have been."""
    wrong = promised_work(outcome)
    longest = outcome.pings[-1]
    if longest >= LONGEST:
        wrong.append(f"a wait of {1e3 * longest:.0f} ms")
    return wrong


def main() -> int:
    """Soak."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument(
        "--nice", type=int, default=0, help="priority of the server and of those who stay, if this machine is busy"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = soak(Path(folder), Ground(), given.seconds, given.nice)
    wrong = wrong_in(outcome)
    print(*HEAD, row(outcome, wrong), sep="\n")
    before, _, after = outcome.resident
    print(f"Memory afterwards: {after / before:.2f} times what it was; at most {AFTERWARDS} times is promised.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
