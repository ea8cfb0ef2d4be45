"""Turns results into tables, and into what JSON can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.runs import Outcome, Results
from benchmarks.workloads import Case

REFERENCES = {"lines": "chatroom", "web": "chatroom-web", "irc": "chatroom-irc"}
"""Whom all others are held against, in each kind of case."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: a figure, how it is written, and for which kinds of load it says something."""

    title: str
    figure: str
    write: Callable[[float], str]
    kinds: tuple[str, ...] = ("burst", "paced", "slow")


def count(value: float) -> str:
    """Write a large number."""
    return f"{value:,.0f}"


def short(value: float) -> str:
    """Write a number with three digits that matter."""
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def kib(value: float) -> str:
    """Write bytes in KiB."""
    return f"{value / 1024:.1f}"


def percent(value: float) -> str:
    """Write a share of one core."""
    return f"{value * 100:.0f}"


def mib(value: float) -> str:
    """Write bytes in MiB."""
    return f"{value / 1048576:.1f}"


COLUMNS = (
    Column("deliveries/s", "deliveries_per_s", count),
    Column("busy %", "server_busy", percent),
    Column("load busy %", "generator_busy", percent, ("burst",)),
    Column("CPU µs each", "cpu_us_per_delivery", short),
    Column("p50 ms", "p50_ms", short, ("paced", "slow")),
    Column("p99 ms", "p99_ms", short, ("paced", "slow")),
    Column("max ms", "max_ms", short, ("paced", "slow")),
    Column("p99 ms before", "without_p99_ms", short, ("slow",)),
    Column("got all", "stalled_complete", count, ("slow",)),
    Column("in order", "stalled_in_order", count, ("slow",)),
    Column("cut off", "stalled_disconnected", count, ("slow",)),
    Column("fewest lines", "stalled_fewest_lines", count, ("slow",)),
    Column("RSS growth MiB", "rss_growth_with_catch_up", mib, ("slow",)),
    Column("catch-up s", "catch_up_s", short, ("slow",)),
    Column("JOIN CPU s", "crowd_join_cpu_s", short, ("crowd",)),
    Column("JOIN s", "crowd_join_s", short, ("crowd",)),
    Column("WHO CPU ms", "who_cpu_ms", short, ("crowd",)),
    Column("WHO ms", "who_ms", short, ("crowd",)),
    Column("NAMES CPU ms", "names_cpu_ms", short, ("crowd",)),
    Column("NAMES ms", "names_ms", short, ("crowd",)),
    Column("LIST CPU ms", "list_cpu_ms", short, ("crowd",)),
    Column("LIST ms", "list_ms", short, ("crowd",)),
    Column("join all s", "settle_s", short),
    Column("RSS/conn. KiB", "rss_per_connection", kib),
    Column("undelivered lines", "undelivered_lines", count),
)
PACED_RATIOS = (("CPU", "cpu_us_per_delivery"), ("p99", "p99_ms"))
RATIOS = {
    "burst": (("deliveries/s", "deliveries_per_s"),),
    "crowd": (
        ("JOIN CPU", "crowd_join_cpu_s"),
        ("WHO CPU", "who_cpu_ms"),
        ("NAMES CPU", "names_cpu_ms"),
        ("LIST CPU", "list_cpu_ms"),
    ),
    "idle": (("RSS", "rss_per_connection"), ("join time", "settle_s")),
}


def ratios(case: Case) -> tuple[tuple[str, str], ...]:
    """Name the figures to compare in this case."""
    return RATIOS.get(case.workload) or RATIOS.get(case.kind, PACED_RATIOS)


def row_of(name: str, outcome: Outcome, reference: Outcome | None, case: Case) -> list[str]:
    """Write one peer's figures, beside those of the reference."""
    cells = [name]
    for column in COLUMNS:
        if case.kind in column.kinds:
            value = outcome.middle(column.figure)
            cells.append("–" if value is None else column.write(value))
    low, high = outcome.extremes(ratios(case)[0][1])
    cells.append(f"{short(low)} – {short(high)}")
    for _, figure in ratios(case):
        ratio = reference.ratio(outcome, figure) if reference is not None else None
        cells.append("–" if ratio is None or outcome is reference else f"{ratio:.2f}")
    return cells


def table(case: Case, outcomes: dict[str, Outcome]) -> Iterator[str]:
    """Write the table of one case, in Markdown; peers that did not take part are named below it."""
    titles = ["server", *(column.title for column in COLUMNS if case.kind in column.kinds)]
    titles.append(f"{ratios(case)[0][0]}, lowest – highest")
    titles += [f"{REFERENCES[case.over]}'s {name} by this" for name, _ in ratios(case)]
    reference = outcomes.get(REFERENCES[case.over])
    rows = [row_of(name, outcome, reference, case) for name, outcome in outcomes.items() if outcome.runs]
    widths = [max(len(row[i]) for row in [titles, *rows]) for i in range(len(titles))]
    yield f"### {case.name}"
    yield ""
    if rows:
        yield ("| " + " | ".join(title.ljust(width) for title, width in zip(titles, widths, strict=True)) + " |")
        rules = ("-" * width if i == 0 else "-" * (width - 1) + ":" for i, width in enumerate(widths))
        yield "| " + " | ".join(rules) + " |"
    for row in rows:
        name, *figures = row
        cells = [
            name.ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(figures, widths[1:], strict=True)),
        ]
        yield "| " + " | ".join(cells) + " |"
    for name, outcome in outcomes.items():
        if outcome.reason is not None:
            yield f"\n{name}: {outcome.reason}."
    yield ""


def header(machine: dict[str, object], runs: int, seconds: float) -> Iterator[str]:
    """Say on what and how the figures were measured."""
    yield f"{machine['date']} · {machine['cpu']}, {machine['cores']} cores · {machine['kernel']}"
    yield f"journal on {machine['filesystem']} · Python {machine['python']} · Twisted {machine['twisted']}"
    peers = machine["peers"]
    assert isinstance(peers, dict)
    yield " · ".join(f"{name}: {version}" for name, version in peers.items())
    yield f"medians of {runs} paired runs, {seconds:g} s each; one core for the server, another for the load"
    yield ""


def as_json(results: Results) -> dict[str, object]:
    """Keep every run's figures."""
    return {
        case: {name: {"reason": outcome.reason, "runs": outcome.runs} for name, outcome in outcomes.items()}
        for case, outcomes in results.items()
    }
