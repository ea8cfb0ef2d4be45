"""Metrics: the server's figures, in the format of Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from chatroom.chat.hub import Hub
from chatroom.doors.factory import DoorFactory

from .factory import WebFactory

CACHE_INTERVAL = 1.0
"""Seconds for which figures are cached: computing them takes some 2 ms."""


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
        yield from self._of_doors()
        yield from self._of_people()
        yield from self._of_http()
        yield from self._of_journal()

    def _of_doors(self) -> Iterator[Metric]:
        hub, doors = self._hub, self._doors
        yield _by_door(
            "sessions",
            "Chat connections, including those without a nick yet.",
            ((d.name, len(d.connected)) for d in doors),
        )
        yield _by_door(
            "slow_readers",
            "Connections that do not read what is sent, now.",
            ((d.name, len(d.stalled)) for d in doors),
        )
        yield _counted("lines", "Commands and lines received.", ((d.name, d.lines) for d in doors))
        yield _counted(
            "deliveries",
            "Deliveries of events: one event shown to ten people counts ten.",
            ((door.name, hub.core.delivered[door.name]) for door in doors),
        )
        yield _counted("refusals", "Commands that were refused.", ((d.name, d.refusals) for d in doors))
        yield _counted("stalls", "Times that a client stopped reading.", ((d.name, d.stalled.count) for d in doors))
        hang_ups: Counter[str] = sum((door.hang_ups for door in doors), Counter())
        hang_ups["broken connections"] = hub.evictions
        yield _counted("hang_ups", "Disconnections by the server, by reason.", sorted(hang_ups.items()), "why")

    def _of_people(self) -> Iterator[Metric]:
        hub = self._hub
        yield _counted(
            "rests", "Waits because of a used-up budget, by whose.", sorted(hub.core.budgets.rests.items()), "by"
        )
        yield _one("work_waiting", "Pieces of work waiting for their turn.", len(hub.core.fair_queue))
        yield _one("broken_connections", "People with a broken connection, who may resume.", hub.broken)
        yield _one("people", "People with a nick, including those with a broken connection.", len(hub.core.people))
        yield _one("rooms", "Rooms with members.", hub.membership.occupied)

    def _of_http(self) -> Iterator[Metric]:
        yield _one("http_connections", "HTTP connections.", len(self._web.http.all))
        answers = CounterMetricFamily("chatroom_http_answers", "Responses to HTTP requests.", labels=["status"])
        for status, count in sorted(self._web.routes.statuses.items()):
            answers.add_metric([str(status)], count)
        yield answers

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


def _one(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"chatroom_{name}", meaning, value=value)


def _by_door(name: str, meaning: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"chatroom_{name}", meaning, labels=["door"])
    for door, value in values:
        family.add_metric([door], value)
    return family


def _counted(name: str, meaning: str, values: Iterable[tuple[str, float]], label: str = "door") -> Metric:
    family = CounterMetricFamily(f"chatroom_{name}", meaning, labels=[label])
    for which, value in values:
        family.add_metric([which], value)
    return family
