"""Peers: chat servers that the load generator can talk to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Site:
    """Where one run of a server takes place: its port, and an empty folder of its own."""

    port: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Peer:
    """
    One server under test.

    *dialect* is how the load generator speaks to it.  *command* writes what configuration it needs into the
    site's folder and returns the command line; the server must stay in the foreground.  *version* is None
    when it is not installed.  *joining* is how many handshakes may be under way at once: what the peer's listen
    backlog, or its timer for newcomers, copes with best.  *over* names the kinds of cases that it takes part in.
    """

    name: str
    dialect: str
    command: Callable[[Site], list[str]]
    version: Callable[[], str | None]
    joining: int = 32
    most_members: int = 100_000
    rooms: bool = True
    over: frozenset[str] = frozenset({"lines"})

    def refuses(self, members: int, rooms: int) -> str | None:
        """Say why this peer cannot take part with so many *members* in so many *rooms*, if so."""
        if self.version() is None:
            return "not installed"
        if members > self.most_members:
            return f"holds {self.most_members:,} members at most"
        if rooms > 1 and not self.rooms:
            return "has no rooms"
        return None
