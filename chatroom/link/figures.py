"""Figures of door processes: sent to the house from time to time, and added up there for the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall

from chatroom.doors.figures import Counts, Figures, added

from .codec import pack

INTERVAL = 5.0
"""Seconds between two reports of a door."""


class House(Protocol):
    """The part of the door's end of the link that reports use: see `RemoteHouse`."""

    noted: Callable[[], object]

    @property
    def connections(self) -> int:
        """The number of open connections, carried ones included."""

    @property
    def waiting(self) -> int:
        """The number of bytes that wait for the house."""

    def send(self, frame: list[Any]) -> bool:
        """Send a frame to the house; False if there is none now."""


class Reports:
    """
    Tells the house what a door has counted since the last report.

    So what was counted outlives both the door and its link; a house begins at 0, as a single process does.

    :param figures: returns what the doors have counted.
    """

    def __init__(self, clock: IReactorTime, house: House, figures: Callable[[], Figures]) -> None:
        self._clock = clock
        self._house = house
        self._figures = figures
        self._told: Counts = {}
        """What the houses know of, all together."""
        self._sent_at = self._lag = 0.0
        house.noted = self._noted
        self._looping = LoopingCall(self._send)
        self._looping.clock = clock

    def start(self) -> None:
        """Begin."""
        self._looping.start(INTERVAL)

    def _send(self) -> None:
        house, figures = self._house, self._figures()
        new = {series: Counter(counts) for series, counts in figures.counted.items()}
        for series, counts in self._told.items():
            new[series].subtract(counts)
        report = Figures(
            {series: +counts for series, counts in new.items()}, figures.present, figures.cpu, figures.memory
        )
        self._sent_at = self._clock.seconds()
        if house.send(["figures", pack(report), house.connections, house.waiting, self._lag]):
            self._told = added(figures.counted)

    def _noted(self) -> None:
        """Note how long the last report and the answer to it have taken."""
        self._lag = self._clock.seconds() - self._sent_at


class Reported:
    """
    What one door has reported to the house.

    :param sending: returns how many bytes wait for the door.
    """

    def __init__(self, sending: Callable[[], int]) -> None:
        self.name = ""
        """What the door calls itself."""
        self.sending = sending
        self.counted: Counts = {}
        """All that it has counted, since the house began."""
        self.last: Figures | None = None
        """The last report; None: nothing yet."""
        self.connections = 0
        """Its open connections, carried ones included."""
        self.waiting = 0
        """The number of bytes that wait for the house."""
        self.lag = 0.0
        """Seconds from a report until its answer."""

    def take(self, figures: Figures, connections: int, waiting: int, lag: float) -> None:
        """Take a report."""
        self.counted = added(self.counted, figures.counted)
        self.last, self.connections, self.waiting, self.lag = figures, connections, waiting, lag


class AllReported:
    """What all doors have reported; see `doors.web.metrics.Others`."""

    def __init__(self) -> None:
        self._doors: list[Reported] = []
        """Those that are linked, the newest first."""
        self._past: Counts = {}

    def __iter__(self) -> Iterator[tuple[str, Reported]]:
        """Return them with their names; a door that stays beside its successor is one that was replaced."""
        seen: Counter[str] = Counter()
        for door in self._doors:
            replaced = seen[door.name]
            yield f"{door.name}, replaced {replaced}" if replaced else door.name, door
            seen[door.name] += 1

    def add(self, door: Reported) -> None:
        """Add *door*, which has a link."""
        self._doors.insert(0, door)

    def remove(self, door: Reported) -> None:
        """Keep what *door* has counted: its link is lost."""
        self._doors.remove(door)
        self._past = added(self._past, door.counted)

    @property
    def counted(self) -> Counts:
        """What all have counted together."""
        return added(self._past, *(door.counted for door in self._doors))

    @property
    def present(self) -> Counts:
        """What there is now at all of them."""
        return added(*(door.last.present for door in self._doors if door.last is not None))
