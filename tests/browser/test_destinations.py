"""Every line lands in the room that the person saw when they pressed Enter, or nowhere, whatever happens meanwhile."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .people import People

SCRIPTED = (Path(__file__).parent / "scripted.js").read_text("utf-8")
SEEDS = range(1, 401)
STEPS = 120
"""Of a schedule: keys, commands, kicks, broken connections, messages that arrive."""


@pytest.fixture
def outcomes(people: People) -> list[dict[str, Any]]:
    """What became of the lines of each schedule."""
    people.connections_break = True
    page = people.open("ann").page
    found: list[dict[str, Any]] = page.evaluate(
        f"""async ([seeds, steps]) => {{
            const run = await ({SCRIPTED.partition("*/")[2]})();
            const outcomes = [];
            for (const seed of seeds) outcomes.push(await run(seed, steps));
            return outcomes;
        }}""",
        [list(SEEDS), STEPS],
    )
    return found


def test_every_line_lands_where_the_person_saw_it_go_or_nowhere(outcomes: list[dict[str, Any]]):
    landed_somewhere, happened = 0, Counter[str]()
    for seed, outcome in zip(SEEDS, outcomes, strict=True):
        happened.update(outcome["done"])
        sent = Counter((room, text.strip()) for room, text in outcome["sent"])
        for room, text in outcome["landed"]:
            if text == "psst":
                continue
            landed_somewhere += 1
            # Each word names the room that was on the screen when the person began to write.
            seen = {word.rpartition(".")[0] for word in text.split()}
            assert seen == {room}, f"seed {seed}: {text!r} landed in {room}"
            assert sent[room, text.strip()], f"seed {seed}: {text!r} landed without Enter, or twice"
            sent[room, text.strip()] -= 1
        assert not outcome["waiting"], f"seed {seed}: lines wait for ever"
    assert landed_somewhere > 5 * len(SEEDS), "hardly anything was said, so nothing was shown"
    assert min(happened.values()) > len(SEEDS) / 2 and len(happened) == 12, happened
