"""Draws the results as bars, in SVG."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from benchmarks.report import REFERENCES, short
from benchmarks.runs import Outcome, Results
from benchmarks.workloads import Case

WIDTH, LEFT, BAR, GAP, HEAD = 760, 150, 16, 6, 44
FIGURES = {
    "burst": ("deliveries_per_s", "deliveries a second: more is better"),
    "paced": ("cpu_us_per_delivery", "server CPU, µs for each delivery: less is better"),
    "slow": ("p99_ms", "p99 latency of those who read, ms: less is better"),
    "crowd": ("crowd_join_cpu_s", "server CPU until everyone is in, s: less is better"),
}
STYLE = """
text { font: 12px sans-serif; fill: #222 }
.title { font-weight: bold }
.bar { fill: #9aa7b4 }
.ours { fill: #2b6cb0 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .ours { fill: #63a4e8 } }
"""


def bars(case: Case, outcomes: dict[str, Outcome], top: int) -> Iterator[str]:
    """Draw one case, its upper edge at *top*."""
    figure, meaning = FIGURES[case.kind]
    values = {name: value for name, one in outcomes.items() if (value := one.middle(figure)) is not None}
    longest = max(values.values(), default=0) or 1
    yield f'<text class="title" x="0" y="{top + 14}">{escape(case.name)}</text>'
    yield f'<text x="{LEFT}" y="{top + 14}">{escape(meaning)}</text>'
    for place, (name, value) in enumerate(values.items()):
        y = top + 26 + place * (BAR + GAP)
        length = max(1.0, value / longest * (WIDTH - LEFT - 90))
        kind = "bar ours" if name == REFERENCES[case.over] else "bar"
        written = f"{value:,.0f}" if figure == "deliveries_per_s" else short(value)
        yield f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}"/>'
        yield f'<text x="{LEFT + length + 6:.1f}" y="{y + 12}">{written}</text>'


def draw(cases: list[Case], results: Results) -> str:
    """Draw all cases below each other."""
    parts: list[str] = []
    top = 10
    for case in cases:
        outcomes = results[case.name]
        parts += bars(case, outcomes, top)
        top += HEAD + sum(bool(outcome.runs) for outcome in outcomes.values()) * (BAR + GAP)
    start = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 0 {WIDTH + 20} {top}" width="{WIDTH}">'
    return "\n".join([start, f"<style>{STYLE}</style>", *parts, "</svg>", ""])
