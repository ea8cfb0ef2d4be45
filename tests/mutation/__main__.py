"""``python -m tests.mutation``: draws mutants, runs the tests that cover each, and lists those that survive."""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .copies import Copy, commit, digest, tree
from .covering import Covering
from .equivalent import equivalents
from .mutants import Mutant, draw

ROOT = Path(__file__).parents[2]
PACKAGE = "chatroom"
FOLDERS = ("chat", "dialects", "doors")
KEPT = ROOT / "build" / "mutation"
"""Where what was measured of a tree is kept, for the next run on the same tree."""


def main() -> int:
    """Run as the command line says; return 1 if too many survive."""
    given = _asked()
    names = tree(ROOT)
    folders = tuple(f"{PACKAGE}/{folder.strip('/')}/" for folder in given.folders)
    paths = [name for name in names if name.startswith(folders) and name.endswith(".py")]
    seed = given.seed or commit(ROOT)
    mutants = draw(ROOT, paths, seed, given.number)
    known = {(f"{PACKAGE}/{entry.file}", entry.before, entry.after) for entry in equivalents()}
    tried = [mutant for mutant in mutants if (mutant.path, mutant.before, mutant.after) not in known]
    print(f"{len(mutants)} mutants of {len(paths)} files, seed {seed}; {len(mutants) - len(tried)} are equivalent.")
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        first = Copy(ROOT, Path(folder, "0"))
        first.fill(names)
        covering = _measure(first, digest(ROOT, names))
        if covering is None or not first.finds(covering.tests):
            print("All tests have to pass, one by one too, before anything is changed.")
            return 1
        copies = [first, *(Copy(ROOT, Path(folder, str(number))) for number in range(1, given.workers))]
        for copy in copies[1:]:
            shutil.copytree(first.root, copy.root)
        survivors = _try(tried, covering, copies)
    return _report(tried, survivors, given.at_least)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.partition(": ")[2])
    parser.add_argument("folders", nargs="*", default=FOLDERS, help=f"folders of {PACKAGE}; else {', '.join(FOLDERS)}")
    parser.add_argument("-n", "--number", type=int, default=500, metavar="N", help="how many mutants: else 500")
    parser.add_argument("--seed", help="else the hash of the commit")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="else one a processor")
    parser.add_argument("--at-least", type=float, default=92.0, metavar="PERCENT", help="killed, else it fails: 92")
    return parser.parse_args()


def _measure(copy: Copy, name: str) -> Covering | None:
    """Find which tests run which lines; None if not all of them pass."""
    KEPT.mkdir(parents=True, exist_ok=True)
    data, place = KEPT / f"{name}.coverage", KEPT / f"{name}.root"
    if not place.exists():
        if not copy.measure(data):
            return None
        # The paths in it are those of this copy, whose folder is gone the next time.
        place.write_text(str(copy.root))
    return Covering(data, Path(place.read_text()))


def _try(mutants: Sequence[Mutant], covering: Covering, copies: Sequence[Copy]) -> list[Mutant]:
    """Run the tests of each mutant, as many mutants at a time as there are copies; return those that survive."""
    free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    for copy in copies:
        free.put(copy)

    def survives(mutant: Mutant) -> bool:
        tests = covering.tests_of(mutant)
        copy = free.get()
        try:
            killed = copy.kills(mutant.path, mutant.code, tests)
        finally:
            free.put(copy)
        print(f"{'killed' if killed else 'SURVIVED'}: {_described(mutant)} ({len(tests)} tests)", flush=True)
        return not killed

    with ThreadPoolExecutor(len(copies)) as pool:
        outcomes = list(pool.map(survives, mutants))
    return [mutant for mutant, survived in zip(mutants, outcomes, strict=True) if survived]


def _report(tried: Sequence[Mutant], survivors: Sequence[Mutant], at_least: float) -> int:
    for mutant in survivors:
        before, after = (text.replace("\n", "\n    ") for text in (mutant.before, mutant.after))
        print(f"\n{_described(mutant)}\n  - {before}\n  + {after}")
    share = 100 * (1 - len(survivors) / max(len(tried), 1))
    print(f"\n{len(tried) - len(survivors)} of {len(tried)} mutants killed: {share:.1f} %")
    return int(share < at_least)


def _described(mutant: Mutant) -> str:
    return f"{mutant.path}:{mutant.lines[0]} {mutant.operator.removeprefix('core/')}"


if __name__ == "__main__":
    sys.exit(main())
