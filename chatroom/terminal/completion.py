"""Completion of the word before the cursor: what is put in, and the candidates that are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .graphemes import columns as columns_of
from .graphemes import common_length

_SHOWN = 100
"""Candidates that are shown."""


@dataclass(frozen=True, slots=True)
class Completion:
    """
    What may stand instead of the text between *start* and the cursor.

    :param offers: each with what people put after it, such as a space.
    """

    start: int
    offers: Sequence[str]


Completer = Callable[[str, int], Completion | None]
"""Completes a text at a place in it; None: nothing fits."""


def common(offers: Sequence[str]) -> str:
    """Return what all *offers* begin with."""
    first, last = min(offers), max(offers)
    return first[: common_length(first, last)]


def candidates(offers: Sequence[str], columns: int, *, in_words: bool = False) -> list[str]:
    """Set *offers* in columns on a screen of *columns* columns, or *in_words*, one after the other."""
    names = list(offers[:_SHOWN])
    more = [f"… {len(offers) - _SHOWN:,} more"] if len(offers) > _SHOWN else []
    if in_words:
        return [", ".join([*names, *more])]
    width = max(map(columns_of, names)) + 2
    in_row = max(1, columns // width)
    padded = [name + " " * (width - columns_of(name)) for name in names]
    rows = ["".join(padded[at : at + in_row]).rstrip() for at in range(0, len(padded), in_row)]
    return rows + more
