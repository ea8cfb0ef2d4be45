"""The list of attacks: what each does, what it needs, and what it must not achieve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .crew import Crew

Work = Callable[[Crew], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Attack:
    """
    One attack.

    :param what: in one line.
    :param seconds: how long it lasts, and how long where time is short.
    :param settings: of the server, as lines of its file.
    :param filled: what its journal holds at the start: see `filled.py`.
    :param most: the figures that it must not exceed.
    :param loopback_only: whether it says nothing from elsewhere.
    :param neighbours: programs that are busy on the server's core meanwhile.
    :param hashes: whether the server hashes passwords meanwhile, which takes memory of its own.
    :param alone: whether it would mean nothing beside others.
    :param addresses: how many it comes from where there are several.
    """

    name: str
    what: str
    work: Work
    seconds: tuple[float, float]
    settings: str
    filled: str
    most: dict[str, float]
    loopback_only: bool
    neighbours: int
    hashes: bool
    alone: bool
    addresses: int


ATTACKS: dict[str, Attack] = {}
"""All of them, by name."""


def attack(
    what: str,
    *,
    seconds: tuple[float, float] = (8.0, 1.5),
    settings: str = "",
    filled: str = "",
    most: dict[str, float] | None = None,
    loopback_only: bool = False,
    neighbours: int = 0,
    hashes: bool = False,
    alone: bool = False,
    addresses: int = 3,
) -> Callable[[Work], Work]:
    """Add a function to the list, under its own name with hyphens; the rest is as for `Attack`."""

    def add(work: Work) -> Work:
        name = work.__name__.replace("_", "-")
        ATTACKS[name] = Attack(
            name,
            what,
            work,
            seconds,
            settings,
            filled,
            dict(most or {}),
            loopback_only,
            neighbours,
            hashes,
            alone,
            addresses,
        )
        return work

    return add
