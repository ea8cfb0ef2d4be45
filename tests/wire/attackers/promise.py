"""The promise: no guest notices what another one does."""

from __future__ import annotations

from .field import Outcome

P99 = 0.050
"""Seconds that an innocent waits for a sign of life, in 99 of 100 cases."""
LONGEST = 0.250
"""Seconds that an innocent waits at most."""
JOINING = 1.0
"""Seconds that entering a room takes at most, and saying something: others wait for the disk, too."""
PER_PLACE = {"three addresses": 8 << 20, "loopback": 32 << 20}
"""Bytes of memory that each place may make the server take; this very machine is one with larger bounds."""
PER_BYTE = 4
"""Bytes of memory for each byte that an attacker has sent, beyond that."""
HASHING = 2 * 65 << 20
"""Bytes of memory that two passwords at a time take while they are hashed."""
AFTERWARDS = 1.2
"""Times what it was before, that the memory comes down to."""
LOGGED = 64 << 10
"""Bytes that each place may add to the log, beyond one for each ten that were sent."""

HEAD = (
    (
        "| attack | from | nc p50/p99/max | nc tls | json | json tls | web | web tls | says | joins | "
        "longest turn (gc), CPU | turns > 10/50 ms | MB before/peak/after | MB sent | kB logged | figures | broken |"
    ),
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|---|",
)


def promised_work(outcome: Outcome) -> list[str]:
    """List what an attack broke of the promise that no busy machine can break for it."""
    achieved = {name: outcome.figures.get(name, 0.0) for name in outcome.most}
    wrong = [f"{name}: {achieved[name]:g}" for name, most in outcome.most.items() if achieved[name] > most]
    before, peak, after = outcome.resident
    places = outcome.places
    if peak - before > places * PER_PLACE[outcome.ground] + PER_BYTE * outcome.sent + HASHING * outcome.hashes:
        wrong.append(f"{(peak - before) >> 20} MB more memory for {outcome.sent:,} bytes")
    if after > AFTERWARDS * before:
        wrong.append(f"{(after - before) * 100 // before} % more memory afterwards")
    if outcome.logged > places * LOGGED + outcome.sent / 10:
        wrong.append(f"{outcome.logged:,} bytes in the log")
    if outcome.tracebacks:
        wrong.append(f"{outcome.tracebacks} tracebacks")
    if not outcome.ended:
        wrong.append("did not stop")
    return wrong


def broken(outcome: Outcome) -> list[str]:
    """List all that an attack broke of the promise."""
    pings = outcome.pings
    wrong = promised_work(outcome)
    if not outcome.calm:
        return wrong
    if part(pings, 0.99) >= P99:
        wrong.append("p99")
    if pings[-1] >= LONGEST:
        wrong.append("longest wait")
    wrong += [name for name in ("says", "joins") if max(outcome.waits[name], default=0.0) > JOINING]
    return wrong


def part(waits: list[float], which: float) -> float:
    """Return the wait that so many of *waits*, the shortest first, are not longer than."""
    return waits[min(len(waits) - 1, int(which * len(waits)))] if waits else 0.0


def triple(waits: list[float]) -> str:
    """Write the median, the 99th of 100, and the longest, in ms."""
    ordered = sorted(waits)
    return "/".join(f"{1e3 * part(ordered, which):.1f}" for which in (0.5, 0.99, 1.0))


def row(outcome: Outcome, wrong: list[str]) -> str:
    """Write one row of the table below `HEAD`."""
    doors = [triple(waits) for waits in outcome.waits.values()]
    over = "/".join(str(sum(turn > limit for turn in outcome.long_turns)) for limit in (0.010, 0.050))
    turns = f"{1e3 * outcome.longest_turn:.0f} ({1e3 * outcome.longest_collection:.0f}) ms"
    figures = "; ".join(f"{name}: {value:,.6g}" for name, value in outcome.figures.items())
    cells = [
        *(outcome.name, outcome.ground, *doors, turns, over),
        "/".join(f"{size / 1e6:.0f}" for size in outcome.resident),
        *(f"{outcome.sent / 1e6:.2f}", f"{outcome.logged / 1e3:.0f}", figures, "; ".join(wrong) or "–"),
    ]
    return f"| {' | '.join(cells)} |"
