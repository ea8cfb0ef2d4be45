"""What happens to the machines of a cluster, and to their database."""

from __future__ import annotations

from collections.abc import Iterable

from .actions import Action, Table
from .cluster import MACHINES, ClusterSimulation
from .linked import DOORS
from .linked_actions import LinkedActions


class ClusterActions(LinkedActions):
    """Makes up what happens next in a world with several machines."""

    def table(self) -> Table:
        return [*super().table(), *_TABLE]

    def fall(self) -> Action:
        """Let what one machine does be gone, and begin anew soon."""
        return "kill", self.random.randrange(MACHINES), self.random.random() < 0.5, self._away()

    def pause(self) -> Action:
        """Pause a process, or let it go on."""
        return "pause", self.random.randrange(DOORS + MACHINES)

    def settle(self) -> Action:
        """Let everything come to rest; not so often while there are two houses, for this would end that."""
        simulation = self._simulation
        assert isinstance(simulation, ClusterSimulation)
        if simulation.has_former() and self.random.random() < 0.8:
            return "wait", 1.0
        return super().settle()

    def hold_database(self) -> Action:
        """Let nothing arrive between a process and the database, or everything again."""
        return "hold_database", self.random.randrange(DOORS + MACHINES)

    def cut_database(self) -> Action:
        """Break the connection of a process with the database."""
        return "cut_database", self.random.randrange(DOORS + MACHINES)

    def restart_database(self) -> Action:
        """Let the database be gone, and there again."""
        return ("restart_database",)

    def cut_off(self) -> Action | None:
        """Let the house that leads not reach the database for longer than its lease; some hear of both then."""
        simulation = self._simulation
        assert isinstance(simulation, ClusterSimulation)
        if simulation.house.tenure.connection.held:
            return None
        machine = simulation.house.tenure.machine
        then: list[Action] = [("wait", max(6.0, simulation.database.left + 1.0))]
        if self.random.random() < 0.5:
            then += self._take_over((machine + 1) % MACHINES)
        elif self.random.random() < 0.5:
            then.append(("lag",))
        self._next = then[::-1]
        return "hold_database", DOORS + machine

    def _take_over(self, number: int) -> list[Action]:
        """Have another machine take over at once, and a door go there."""
        asked = [f"ask house {number}", f"answer house {number}"]
        opening = [f"{what} ClusterSimulation._open_house/" for what in ("read room for", "resume")] * 4
        # It waits for as long as a lease lasts after the database has answered for the first time.
        looks = [*_go([*_TIMERS, *asked]), ("wait", 4.0), *_go([*_TIMERS, *asked])]
        way = [f"lead {number}", *_TIMERS, *opening, *_TIMERS, *asked]
        return [*looks, *_go(way), *self._look(self.random.randrange(DOORS))]

    @staticmethod
    def _look(number: int) -> list[Action]:
        """Have a door look who leads, and go there."""
        dials = [f"{what} {number}" for what in ("ask door", "answer door", "dial", "bring", "accept", "bring house")]
        return [("wait", 1.0), *_go([*_TIMERS, *dials, *_TIMERS, *[f"bring {number}"] * 3])]

    def lag(self) -> Action:
        """Let the standby of the database lag behind, or not any more."""
        return ("lag",)

    def mislead(self) -> Action | None:
        """Let a door hear of a former house that still takes links, as from a standby that lags behind."""
        simulation = self._simulation
        assert isinstance(simulation, ClusterSimulation)
        doors = simulation.misled()
        if not doors:
            return None
        number = self.random.choice(doors)
        # By every other answer, the standby has everything.
        self._next = (self._look(number) * 2)[::-1]
        return ("wait", 0.0) if simulation.database.lags else ("lag",)


_TIMERS = ["timer"] * 20
"""What is due, for the most part."""


def _go(labels: Iterable[str]) -> list[Action]:
    return [("go", label) for label in labels]


_TABLE: Table = [
    (ClusterActions.hold_database, 0.8),
    (ClusterActions.cut_database, 0.8),
    (ClusterActions.restart_database, 0.2),
    (ClusterActions.cut_off, 1.2),
    (ClusterActions.lag, 0.5),
    (ClusterActions.mislead, 8.0),
]
