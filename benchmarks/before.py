"""Before and after: this checkout against another one, pair by pair, with an interval for each figure."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import exp, log, sqrt
from pathlib import Path
from statistics import mean, stdev

from benchmarks.build import BuildError, build_load
from benchmarks.peers import Peer, Site
from benchmarks.peers.built import CHATROOM, TWISTD, chatroom
from benchmarks.runs import Bench, Figures
from benchmarks.workloads import Case, cases

ABOUT = """\
Run this checkout and another one in turn, and tell by how much each figure differs: the geometric mean of
after / before over the pairs, with its 95 % interval.  A figure is worse only if the whole interval lies
beyond the bound.
"""

FIGURES = {
    "burst": (("deliveries_per_s", True), ("cpu_us_per_delivery", False)),
    "paced": (("cpu_us_per_delivery", False), ("p50_ms", False)),
    "rooms": (("cpu_us_per_delivery", False), ("p99_ms", False)),
    "irc": (("cpu_us_per_delivery", False),),
    "crowd": tuple((name, False) for name in ("crowd_join_cpu_s", "who_cpu_ms", "names_cpu_ms", "list_cpu_ms")),
    "idle": (("rss_per_connection", False), ("settle_s", False)),
}
"""What is compared in each workload, and whether more of it is better."""

DIALECTS = {"lines": CHATROOM.dialect, "irc": "irc"}
"""What members speak in each kind of case."""

_T = {5: 2.571, 10: 2.228, 14: 2.145, 15: 2.131, 20: 2.086, 30: 2.042}
"""The 97.5th percentile of Student's t distribution, by degrees of freedom."""


def checkout(folder: Path) -> Peer:
    """chatroom as it is in another *folder*."""

    def command(site: Site) -> list[str]:
        program = f"import sys; sys.path.insert(0, {str(folder)!r}); {TWISTD}"
        return [program if word == TWISTD else word for word in chatroom(site)]

    return replace(CHATROOM, name="before", command=command)


def interval(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Return the geometric mean of *ratios* and the ends of its 95 % interval."""
    logs = [log(ratio) for ratio in ratios]
    freedom = len(logs) - 1
    t = _T[max((known for known in _T if known <= freedom), default=min(_T))]
    half = t * stdev(logs) / sqrt(len(logs))
    return exp(mean(logs)), exp(mean(logs) - half), exp(mean(logs) + half)


def pairs(bench: Bench, before: Peer, case: Case, count: int) -> Iterator[tuple[Figures, Figures]]:
    """Measure *case* on both, *count* times; who begins changes from pair to pair."""
    before, after = (replace(peer, dialect=DIALECTS[case.over]) for peer in (before, CHATROOM))
    for number in range(count):
        order = [before, after] if number % 2 else [after, before]
        figures = {peer.name: bench.run_once(peer, case) for peer in order}
        print(f"{case.name}, pair {number + 1} of {count}", file=sys.stderr)
        yield figures[before.name], figures[after.name]


def compared(case: Case, measured: Sequence[tuple[Figures, Figures]], bound: float) -> Iterator[tuple[str, bool]]:
    """Say for each figure of *case* how it differs, and whether it is worse than *bound* allows."""
    for figure, more_is_better in FIGURES[case.workload]:
        middle, low, high = interval([after[figure] / before[figure] for before, after in measured])
        worse = high < 1 - bound if more_is_better else low > 1 + bound
        verdict = "WORSE" if worse else "ok"
        yield f"| {case.name} | {figure} | {middle:.3f} | {low:.3f} – {high:.3f} | {verdict} |", worse


def main() -> None:
    """Compare, and end with 1 if a figure is worse."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.before", description=ABOUT)
    parser.add_argument("checkout", type=Path, help="folder of the other checkout")
    parser.add_argument("--workloads", nargs="+", choices=list(FIGURES), default=list(FIGURES), metavar="NAME")
    parser.add_argument("--pairs", type=int, default=15, metavar="N", help="(default: 15)")
    parser.add_argument("--bound", type=float, default=0.02, metavar="SHARE", help="(default: 0.02)")
    parser.add_argument("--seconds", type=float, default=3.0, help="measured in each run (default: 3)")
    parser.add_argument("--sessions", type=int, default=2_000, metavar="N", help="idle: joined sessions")
    options = parser.parse_args()
    chosen = [
        case
        for case in cases(options.workloads, [100], [50], ["200x10"], options.sessions, 100.0, [1_000])
        if not case.name.endswith("paced-1000-50")
    ]
    worse = False
    print("| case | figure | after / before | 95 % | |\n|---|---|--:|--:|---|")
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        bench = Bench(build_load(Path(name)), Path(name), 0, 1, seconds=options.seconds, warmup=1.0)
        before = checkout(options.checkout.absolute())
        for case in chosen:
            for line, is_worse in compared(case, list(pairs(bench, before, case, options.pairs)), options.bound):
                print(line, flush=True)
                worse = worse or is_worse
    sys.exit(worse)


if __name__ == "__main__":
    try:
        main()
    except BuildError as problem:
        sys.exit(str(problem))
