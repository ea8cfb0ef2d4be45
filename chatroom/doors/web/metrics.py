"""Metrics: the server's figures, in the format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from chatroom.chat.hub import Hub
from chatroom.doors.factory import DoorFactory
from chatroom.doors.figures import Counts, Figures, added

from .counts import DoorCounts
from .factory import WebFactory

CACHE_INTERVAL = 1.0
"""Seconds for which figures are cached: computing them takes some 2 ms."""


HOUSE = "house"
"""What the process with the house is called."""


class Process(Protocol):
    """What is known of a process with doors: see `link.figures.Reported`."""

    last: Figures | None
    connections: int
    waiting: int
    lag: float

    def sending(self) -> int:
        """Return how many bytes wait for it."""


class Others(Protocol):
    """The doors in other processes: see `link.figures.AllReported`."""

    @property
    def counted(self) -> Counts:
        """What they have counted."""

    @property
    def present(self) -> Counts:
        """What there is now."""

    def __iter__(self) -> Iterator[tuple[str, Process]]:
        """Return each of them, with its name."""


class Nobody:
    """No doors in other processes."""

    counted: Counts = {}
    present: Counts = {}

    def __iter__(self) -> Iterator[tuple[str, Process]]:
        return iter(())


class Metrics(Collector):
    """
    Collects the figures of one server.

    ``docs/operations.md`` explains each.

    :param doors: all doors, including the web door.
    """

    def __init__(self, hub: Hub, web: WebFactory, doors: Sequence[DoorFactory]) -> None:
        self._hub = hub
        self._web = web
        self._doors = doors
        self._here = DoorCounts(doors, web, hub.core.budgets)
        self.others: Others = Nobody()
        """The doors in other processes."""
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self._figures = b""
        self._until = float("-inf")

    def figures(self) -> tuple[str, bytes]:
        """Return the content type and all figures, as Prometheus reads them; they are up to `CACHE_INTERVAL` old."""
        now = self._web.clock.seconds()
        if now >= self._until:
            self._figures, self._until = generate_latest(self._registry), now + CACHE_INTERVAL
        return CONTENT_TYPE_PLAIN_0_0_4, self._figures

    def collect(self) -> Iterator[Metric]:
        """Collect the figures, with names, descriptions and values."""
        counted = added(self._here.counted(), self.others.counted)
        present = added(self._here.present(), self.others.present)
        yield from self._of_doors(counted, present)
        yield from self._of_people(counted)
        yield from self._of_http(counted, present)
        yield from self._of_journal()
        yield from self._of_processes()

    def _of_doors(self, counted: Counts, present: Counts) -> Iterator[Metric]:
        hub = self._hub
        yield _by(
            "door",
            "sessions",
            "Chat connections, including those without a nick yet.",
            present["sessions"],
        )
        yield _by("door", "slow_readers", "Connections that do not read what is sent, now.", present["slow_readers"])
        yield _counted("lines", "Commands and lines received.", counted["lines"])
        yield _counted(
            "deliveries",
            "Deliveries of events: one event shown to ten people counts ten.",
            {door.name: hub.core.delivered[door.name] for door in self._doors},
        )
        yield _counted("refusals", "Commands that were refused.", counted["refusals"])
        yield _counted("stalls", "Times that a client stopped reading.", counted["stalls"])
        hang_ups = {**counted["hang_ups"], "broken connections": hub.evictions}
        yield _counted("hang_ups", "Disconnections by the server, by reason.", hang_ups, "why")

    def _of_people(self, counted: Counts) -> Iterator[Metric]:
        hub = self._hub
        yield _counted("rests", "Waits because of a used-up budget, by whose.", counted["rests"], "by")
        yield _one("work_waiting", "Pieces of work waiting for their turn.", len(hub.core.fair_queue))
        yield _one("broken_connections", "People with a broken connection, who may resume.", hub.broken)
        yield _one("people", "People with a nick, including those with a broken connection.", len(hub.core.people))
        yield _one("rooms", "Rooms with members.", hub.membership.occupied)

    def _of_http(self, counted: Counts, present: Counts) -> Iterator[Metric]:
        yield _one("http_connections", "HTTP connections.", present["http_connections"][""])
        yield _counted(
            "http_answers", "Responses to HTTP requests.", dict(sorted(counted["http_answers"].items())), "status"
        )

    def _of_journal(self) -> Iterator[Metric]:
        hub, journal = self._hub, self._hub.core.journal
        role = GaugeMetricFamily("chatroom_role", "What this process is: the house, which answers.", labels=["role"])
        role.add_metric(["house"], 1)
        yield role
        yield _one("epoch", "How often a server has taken over the database; 0 without one.", journal.epoch)
        yield _one("journal_queue", "Events and changes waiting to be stored.", journal.queue)
        yield _one("journal_storing", "Whether the last commit succeeded: 1, or 0.", int(hub.ledger.storing))
        times = journal.times
        bounds = map(floatToGoString, (*times.bounds, float("inf")))
        yield HistogramMetricFamily(
            "chatroom_journal_commit_seconds",
            "Durations of commits.",
            buckets=list(zip(bounds, times.counts, strict=True)),
            sum_value=times.total,
        )

    def _of_processes(self) -> Iterator[Metric]:
        """Collect what each process uses; those that have reported nothing yet are left out."""
        others = [(name, one, one.last) for name, one in self.others if one.last is not None]
        used = [(HOUSE, HOUSE, self._here.figures()), *((name, "door", figures) for name, _, figures in others)]
        cpu = CounterMetricFamily(
            "chatroom_process_cpu_seconds", "Processor time of each process.", labels=["process", "role"]
        )
        memory = GaugeMetricFamily(
            "chatroom_process_resident_bytes", "Resident memory of each process.", labels=["process", "role"]
        )
        waiting = GaugeMetricFamily(
            "chatroom_link_waiting_bytes", "Bytes that wait to be sent over each link.", labels=["process", "to"]
        )
        for name, role, figures in used:
            cpu.add_metric([name, role], figures.cpu)
            memory.add_metric([name, role], figures.memory)
        for name, one, _ in others:
            waiting.add_metric([name, HOUSE], one.waiting)
            waiting.add_metric([name, "door"], one.sending())
        yield from (cpu, memory, waiting)
        connections = {name: one.connections for name, one, _ in others}
        yield _by("process", "process_connections", "Open connections of each door process.", connections)
        lags = {name: one.lag for name, one, _ in others}
        yield _by("process", "link_lag_seconds", "Time from a report of a door process to its answer.", lags)
        yield _one("links", "Door processes that are linked to the house.", len(others))


def _one(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"chatroom_{name}", meaning, value=value)


def _by(label: str, name: str, meaning: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"chatroom_{name}", meaning, labels=[label])
    for which, value in values.items():
        family.add_metric([which], value)
    return family


def _counted(name: str, meaning: str, values: Mapping[str, float], label: str = "door") -> Metric:
    family = CounterMetricFamily(f"chatroom_{name}", meaning, labels=[label])
    for which, value in values.items():
        family.add_metric([which], value)
    return family
