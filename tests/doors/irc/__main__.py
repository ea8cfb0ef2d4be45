"""Send anything to the IRC door, for long: ``python -m tests.doors.irc --lines 1000000``; see `fuzzing`."""

from __future__ import annotations

import argparse
import time
from random import Random, SystemRandom

from tests.doors.irc.fuzzing import Fuzz

ROUND = 1000
"""Lines that one house takes."""


def main() -> None:
    """Run rounds, each made of its own seed, until so many lines were sent or something bad is shown."""
    parser = argparse.ArgumentParser(prog="python -m tests.doors.irc", description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000, help="how many lines to send (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="that of the first round; the next ones count up (default: any)")
    options = parser.parse_args()
    first = SystemRandom().randrange(10**9) if options.seed is None else options.seed
    begun = time.monotonic()
    for place in range(-(-options.lines // ROUND)):
        try:
            Fuzz(Random(first + place)).run(ROUND)
        except BaseException:
            print(f"That was --seed {first + place} --lines {ROUND}.")
            raise
    seconds = time.monotonic() - begun
    print(f"{options.lines:,} lines in {seconds:.0f} s, from seed {first}: nothing broke, and nothing bad was shown.")


if __name__ == "__main__":
    main()
