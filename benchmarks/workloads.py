"""The cases: which loads are put on the servers, in which sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

WORKLOADS = (
    *("burst", "paced", "rooms", "idle", "slow", "web", "irc", "crowd"),
    *("journal", "logins", "returns", "search", "indexing", "cluster"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """
    One load.  *kind* is the load generator's workload, *rate* is in lines a second over all speakers,
    *window* the number of lines in flight in a closed loop.  *over* is the kind of
    connection that it is about, and so which peers take part.
    """

    name: str
    kind: str
    members: int
    rooms: int = 1
    talking_rooms: int = 1
    senders: int = 10
    window: int = 50
    over: str = "lines"
    rate: float = 50.0
    size: int = 60
    stalled: int = 0
    lines: int = 5_000
    baseline: int = 500

    @property
    def workload(self) -> str:
        """The workload that this case belongs to."""
        return self.name.split("-")[0]

    def arguments(self) -> list[str]:
        """What the load generator has to be told."""
        given = {
            "workload": self.kind,
            "members": self.members,
            "rooms": self.rooms,
            "talking-rooms": self.talking_rooms,
            "senders": self.senders,
            "window": self.window,
            "rate": self.rate,
            "size": self.size,
            "stalled": self.stalled,
            "lines": self.lines,
            "baseline": self.baseline,
        }
        return [word for name, value in given.items() for word in (f"--{name}", str(value))]


def burst(members: list[int], windows: list[int]) -> Iterator[Case]:
    """One room, ten speakers; a new line goes out when one has reached everyone."""
    for count in members:
        for window in windows:
            yield Case(f"burst-{count}-{window}", "burst", count, window=window)


def paced() -> Iterator[Case]:
    """One room, a fixed number of lines a second."""
    yield Case("paced-1000-50", "paced", 1_000, rate=50)
    yield Case("paced-100-200", "paced", 100, rate=200)


def rooms(shapes: list[str]) -> Iterator[Case]:
    """Many small rooms with 500 lines a second, such as ``200x10``: there, everyone speaks once in four seconds."""
    for shape in shapes:
        count, members = map(int, shape.split("x"))
        yield Case(f"rooms-{shape}", "paced", count * members, rooms=count, talking_rooms=count, rate=500)


def idle(sessions: int) -> Iterator[Case]:
    """Many sessions in rooms of a hundred, and talk in one of the rooms."""
    yield Case(f"idle-{sessions}", "paced", sessions, rooms=max(1, sessions // 100), rate=100)


def slow(rate: float) -> Iterator[Case]:
    """A tenth of the members stops reading for 5,000 lines; lines are long, so that buffers fill."""
    yield Case("slow-1000", "slow", 1_000, rate=rate, size=400, stalled=100)


def web(members: list[int], windows: list[int]) -> Iterator[Case]:
    """The first two loads, over WebSocket; who speaks hears it, too."""
    for case in (*burst(members, windows), *paced()):
        yield replace(case, name=f"web-{case.name}", over="web")


def irc(members: list[int], windows: list[int]) -> Iterator[Case]:
    """The first two loads, with members by IRC everywhere."""
    for case in (*burst(members, windows), *paced()):
        yield replace(case, name=f"irc-{case.name}", over="irc")


def crowd(people: list[int]) -> Iterator[Case]:
    """So many people enter one room by IRC, list each other, and then twice as many rooms."""
    for count in people:
        yield Case(f"crowd-{count}", "crowd", count, over="irc")


def tiny(case: Case) -> Case:
    """The same load in a size that takes a moment."""
    return replace(
        case,
        name=f"{case.workload}-smoke",
        members=200 if case.workload == "idle" else 40,
        rooms=min(case.rooms, 4),
        talking_rooms=min(case.talking_rooms, 4),
        senders=3,
        window=min(case.window, 20),
        rate=200.0,
        stalled=case.stalled // 20,
        lines=100,
        baseline=50,
    )


def smoke(chosen: list[Case]) -> list[Case]:
    """The first case of each workload, tiny."""
    first: dict[str, Case] = {}
    for case in chosen:
        first.setdefault(case.workload, tiny(case))
    return list(first.values())


def cases(
    chosen: list[str],
    members: list[int],
    windows: list[int],
    shapes: list[str],
    sessions: int,
    slow_rate: float,
    people: list[int],
) -> list[Case]:
    """List the cases of the *chosen* workloads."""
    every = {
        "burst": burst(members, windows),
        "paced": paced(),
        "rooms": rooms(shapes),
        "idle": idle(sessions),
        "slow": slow(slow_rate),
        "web": web(members, windows),
        "irc": irc(members, windows),
        "crowd": crowd(people),
        # These have modules of their own.
        "journal": (),
        "logins": (),
        "returns": (),
        "search": (),
        "indexing": (),
        "cluster": (),
    }
    return [case for workload in WORKLOADS if workload in chosen for case in every[workload]]
