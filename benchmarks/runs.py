"""Runs every case on every peer, in paired rounds, and keeps the figures."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeAlias

from benchmarks.peers import Peer
from benchmarks.servers import StartError, pin, running
from benchmarks.workloads import Case

Figures: TypeAlias = dict[str, float]
LONGEST_RUN = 600.0  # seconds


@dataclass(slots=True)
class Outcome:
    """The results of one peer in one case: the figures of each run, or the reason why there are none."""

    runs: list[Figures] = field(default_factory=list)
    reason: str | None = None

    def middle(self, figure: str) -> float | None:
        """The median of one *figure* over the runs."""
        values = [run[figure] for run in self.runs if figure in run]
        return median(values) if values else None

    def extremes(self, figure: str) -> tuple[float, float]:
        """The lowest and the highest of one *figure*: far apart when a server has two ways to behave."""
        values = [run[figure] for run in self.runs if figure in run] or [0.0]
        return min(values), max(values)

    def ratio(self, other: Outcome, figure: str) -> float | None:
        """The median of this outcome's *figure* by the *other*'s, pairing the runs of the same round."""
        pairs = zip(self.runs, other.runs, strict=False)
        values = [ours[figure] / theirs[figure] for ours, theirs in pairs if theirs.get(figure) and figure in ours]
        return median(values) if values else None


Results: TypeAlias = dict[str, dict[str, Outcome]]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and for how long runs take place; the server and the load generator have a core each."""

    load: Path
    folder: Path
    server_core: int
    load_core: int
    seconds: float
    warmup: float
    quick_acks: bool = False
    patience: float = 10.0

    def run_once(self, peer: Peer, case: Case) -> Figures:
        """Start *peer*, put the load of *case* on it, stop it."""
        with running(peer, self.server_core, self.folder) as (pid, port):
            return self.put(peer, case, pid, port)

    def put(self, peer: Peer, case: Case, pid: int, port: int, apart: Sequence[int] = ()) -> Figures:
        """Put the load of *case* on *peer*, which runs already; tell the CPU time of the processes *apart*."""
        done = subprocess.run(
            [
                *(str(self.load), "--dialect", peer.dialect, "--port", str(port), "--pid", str(pid)),
                *("--seconds", str(self.seconds), "--warmup", str(self.warmup)),
                *("--patience", str(self.patience), "--joining", str(peer.joining)),
                *("--quick-acks", str(int(self.quick_acks)), "--pids", ",".join(map(str, apart))),
                *case.arguments(),
            ],
            stdout=subprocess.PIPE,
            timeout=LONGEST_RUN,
            preexec_fn=partial(pin, self.load_core),
        )
        figures: Figures = json.loads(done.stdout.decode().splitlines()[-1])
        return figures

    def run_all(
        self,
        cases: list[Case],
        peers: list[Peer],
        runs: int,
        tell: Callable[[str], None],
        every_peer_once: bool = False,
    ) -> Results:
        """
        Run A B C … A B C …, so that what disturbs the machine meanwhile disturbs all alike.

        With *every_peer_once*, all peers run the first case of their kind, and the first of them the others.
        """
        results: Results = {}
        begun: set[str] = set()
        for case in cases:
            partakers = [peer for peer in peers if case.over in peer.over]
            if every_peer_once and case.over in begun:
                partakers = partakers[:1]
            begun.add(case.over)
            results[case.name] = {
                peer.name: Outcome(reason=peer.refuses(case.members, case.rooms)) for peer in partakers
            }
            for number in range(runs):
                for peer in partakers:
                    outcome = results[case.name][peer.name]
                    if outcome.reason is None:
                        tell(f"{case.name}, run {number + 1} of {runs}: {peer.name}")
                        self._add_run(outcome, peer, case)
        return results

    def _add_run(self, outcome: Outcome, peer: Peer, case: Case) -> None:
        """Add one run to *outcome*; a peer that fails takes no further part in this case."""
        try:
            figures = self.run_once(peer, case)
        except subprocess.TimeoutExpired:
            outcome.reason = f"failed: not done after {LONGEST_RUN:.0f} s"
            return
        except (StartError, ValueError, IndexError) as problem:
            outcome.reason = f"failed: {problem}"
            return
        if "error" in figures:
            outcome.reason = f"failed: {figures['error']}"
        else:
            outcome.runs.append(figures)
