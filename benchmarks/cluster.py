"""The cluster workload: doors in processes of their own, beside the same server in one process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.logins import memory
from benchmarks.peers import Peer, Site
from benchmarks.peers.built import CHATROOM, chatroom
from benchmarks.returns import cpu
from benchmarks.runs import Bench, Figures
from benchmarks.servers import ROOT, StartError, free_port, pin, started
from benchmarks.silence import kill, parent, replace_all, silence
from benchmarks.workloads import Case

DOORS = (1, 2, 8)
"""How many doors are compared with a single process."""
CASES = (
    Case("1,000 members, 50 lines/s", "paced", 1_000, rate=50),
    Case("100 members, 200 single lines/s", "paced", 100, rate=200),
    Case("100 members, 500 lines in flight", "burst", 100, window=500),
)
"""The loads, as in other workloads."""


COLUMNS = (
    *("load", "doors", "house: CPU µs a line", "its main thread", "by 1 door", "doors: CPU µs a delivery"),
    *("by a single process", "house: CPU µs a join", "lost"),
)
PATIENCE = 60.0
"""Seconds until a server with doors must have started."""
REPLACING = 15.0
"""Seconds in which all processes of a server are replaced."""
LINKS = 4
"""Links with so many people."""
WHOLE = 20_000
"""The people from whom on everything is measured."""


def with_doors(count: int) -> Peer:
    """chatroom with so many doors; 0: as a single process."""

    def command(site: Site, count: int) -> list[str]:
        return [*chatroom(site), "--doors", str(count)]

    if not count:
        return CHATROOM
    return replace(CHATROOM, name=f"chatroom-{count}", command=partial(command, count=count))


def processes(supervisor: int) -> tuple[int, list[int]]:
    """Return the process of the house and those of the doors, that *supervisor* has started."""
    found = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    by_role: dict[bytes, list[int]] = {b"house": [], b"door": []}
    for pid in found:
        role = re.search(rb"\0chatroom\.process\0(house|door)\0", Path(f"/proc/{pid}/cmdline").read_bytes())
        if role:
            by_role[role[1]].append(int(pid))
    # A spare has nothing open.
    [house] = [pid for pid in by_role[b"house"] if has_journal(pid)]
    return house, by_role[b"door"]


def has_journal(pid: int) -> bool:
    """Tell whether the process *pid* has the journal open, as the house has; a spare of it has not."""
    return any(os.readlink(file).endswith("/journal.sqlite3") for file in Path(f"/proc/{pid}/fd").iterdir())


@contextmanager
def parts(bench: Bench, doors: int) -> Iterator[tuple[int, int, list[int]]]:
    """Start a server with so many doors; gives its port, the process with the rules, and those of its doors."""
    with tempfile.TemporaryDirectory(prefix="cluster-", dir=bench.folder) as folder:
        site = Site(free_port(), Path(folder))
        with started(with_doors(doors), bench.server_core, site, PATIENCE) as pid:
            wait_until_told(site.folder, "Join with")
            yield site.port, *(processes(pid) if doors else (pid, []))


def wait_until_told(folder: Path, text: str) -> None:
    """Wait until the server in *folder* has printed *text*: its port accepts connections before its doors do."""
    deadline = time.monotonic() + PATIENCE
    while text not in (folder / "output").read_text(errors="replace"):
        if time.monotonic() > deadline:
            raise StartError(f"never said {text!r}")
        time.sleep(0.05)


def cost(bench: Bench, case: Case, doors: int) -> Figures:
    """
    Measure what *case* costs with so many *doors*.

    Deliveries are those of the house, too, when there are no doors.
    """
    with parts(bench, doors) as (port, house, others):
        found = bench.put(CHATROOM, case, house, port, [house, *others])
    if "error" in found:
        raise ValueError(found["error"])
    lines, deliveries = found["lines_per_s"] * found["seconds"], found["deliveries"]
    delivering = [f"cpu_s_{number}" for number in range(1, 1 + doors)] or ["cpu_s_0"]
    return {
        "line_us": found["cpu_s_0"] / lines * 1e6,
        "line_main_us": found["main_s_0"] / lines * 1e6,
        "delivery_us": sum(found[name] for name in delivering) / deliveries * 1e6,
        "join_us": found["join_cpu_s_0"] / case.members * 1e6,
        "joins_per_s": case.members / found["settle_s"],
        "person_bytes": found["rss_per_connection"],
        "lost": found["undelivered_lines"],
    }


def quiet(bench: Bench, killed: bool) -> Figures:
    """Measure the silence when the house is *killed*, or all processes are replaced."""
    with parts(bench, 2) as (port, house, _):
        [folder] = bench.folder.glob("cluster-*")
        wait_until_told(folder, "A spare process of the house is ready")
        strike = kill(house) if killed else replace_all(parent(house))
        found = silence(port, strike, after=1.0 if killed else REPLACING)
    name = "killed" if killed else "replaced"
    return {f"{name}_s": found["silence_s"]} | {
        f"{name}_{what}": found[what] for what in ("lost", "doubled", "disorder", "gone", "said")
    }


def attached(bench: Bench, people: int) -> Figures:
    """Let so many *people* come in over a few links, kill the house, and have them attached to the next one."""
    with parts(bench, 1) as (_, house, _):
        supervisor, alone = parent(house), memory(house, "VmRSS")
        [path] = bench.folder.glob("cluster-*/data/link/house")
        driver = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.link_driver", str(path), str(people), str(LINKS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            preexec_fn=partial(pin, bench.load_core),
        )
        assert driver.stdout is not None
        try:
            before = cpu(house)
            came = json.loads(driver.stdout.readline())
            if "error" in came:
                raise ValueError(came["error"])
            coming, inside = cpu(house) - before, memory(house, "VmRSS")
            kill(house)()
            again = json.loads(driver.stdout.readline())
            house, _ = processes(supervisor)
            attaching, rest = cpu(house), memory(house, "VmRSS")
        finally:
            driver.kill()
            driver.communicate()
    return {
        "came_per_s": people / came["seconds"],
        "came_cpu_us": coming / people * 1e6,
        "person_bytes": (inside - alone) / people,
        "attach_s": again["seconds"],
        "attach_cpu_us": attaching / people * 1e6,
        "attached_bytes": (rest - alone) / people,
        "failed": came["failed"] + again["failed"],
    }


def measure_once(bench: Bench, size: int, tell: Callable[[str], None]) -> Figures:
    """Measure everything once; less than all of it for a small *size*."""
    figures: Figures = {}
    for case in cases(size):
        for doors in (0, *many(size)):
            tell(f"cluster: {case.name}, {doors} doors")
            figures |= {f"{case.name}/{doors}/{name}": value for name, value in cost(bench, case, doors).items()}
    for killed in (True, False) if size >= WHOLE else (True,):
        tell(f"cluster: {'killed' if killed else 'replaced'}")
        figures |= quiet(bench, killed)
    return figures


def cases(size: int) -> Sequence[Case]:
    """Return the loads for *size*."""
    return CASES if size >= WHOLE else [replace(CASES[-1], members=20, window=20)]


def many(size: int) -> Sequence[int]:
    """Return how many doors there are for *size*."""
    return DOORS if size >= WHOLE else DOORS[:1]


def measure(bench: Bench, size: int, runs: int, tell: Callable[[str], None]) -> list[Figures]:
    """Measure that *runs* times, and the people who are attached once."""
    figures = []
    for number in range(runs):
        tell(f"cluster, run {number + 1} of {runs}")
        figures.append(measure_once(bench, size, tell))
    tell(f"cluster: {size:,} people over {LINKS} links")
    try:
        figures[0] |= attached(bench, size)
    except (ValueError, OSError) as problem:
        # What was measured before is not lost with it.
        tell(f"cluster: not all {size:,} people came in: {problem}")
    return figures


def table(size: int, figures: Sequence[Figures]) -> str:
    """Write the medians, the ratios taken run by run."""

    def middle(name: str) -> float:
        return median(one[name] for one in figures if name in one)

    def ratio(name: str, other: str) -> float:
        return median(one[name] / one[other] for one in figures)

    rows = ["### cluster: doors in processes of their own\n", f"| {' | '.join(COLUMNS)} |", "|---" + "|--:" * 8 + "|"]
    for case in cases(size):
        for doors in (0, *many(size)):
            of = f"{case.name}/{doors}/"
            cells = [
                *(
                    case.name,
                    str(doors or "none"),
                    f"{middle(of + 'line_us'):.1f}",
                    f"{middle(of + 'line_main_us'):.1f}",
                ),
                f"{ratio(of + 'line_us', f'{case.name}/1/line_us'):.2f}",
                f"{middle(of + 'delivery_us'):.3f}",
                f"{ratio(of + 'delivery_us', f'{case.name}/0/delivery_us'):.2f}",
                *(f"{middle(of + 'join_us'):.0f}", f"{middle(of + 'lost'):.0f}"),
            ]
            rows.append(f"| {' | '.join(cells)} |")
    rows.append("")
    for name, what in (("killed", "the house was killed"), ("replaced", "all processes were replaced")):
        if f"{name}_s" in figures[0]:
            worst = max(one[f"{name}_s"] for one in figures)
            counts = ", ".join(
                f"{what} {sum(one[f'{name}_{what}'] for one in figures):.0f}"
                for what in ("lost", "doubled", "disorder", "gone")
            )
            rows.append(f"- when {what}: silence {middle(f'{name}_s'):.2f} s (longest {worst:.2f}); {counts}")
    once = figures[0]
    if "came_per_s" not in once:
        return "\n".join(rows) + f"\n- not all {size:,} people came in over {LINKS} links\n"
    rows.append(
        f"- {size:,} people over {LINKS} links: {once['came_per_s']:,.0f} joins/s, {once['came_cpu_us']:.0f} µs "
        f"of CPU of the house\n  and {once['person_bytes'] / 1024:.1f} KiB of its memory each"
    )
    rows.append(
        f"- attached to the next house in {once['attach_s']:.1f} s, {once['attach_cpu_us']:.0f} µs of CPU each, its "
        f"start included;\n  {once['attached_bytes'] / 1024:.1f} KiB each; failed: {once['failed']:.0f}"
    )
    return "\n".join(rows) + "\n"
