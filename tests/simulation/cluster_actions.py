"""What happens to the machines of a cluster, and to their database."""

from __future__ import annotations

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
        then: list[Action] = [("wait", 6.0), ("lag",)]
        self._next = then[: self.random.choice((1, 2))][::-1]
        return "hold_database", DOORS + simulation.house.tenure.machine

    def lag(self) -> Action:
        """Let the standby of the database lag behind, or not any more."""
        return ("lag",)


_TABLE: Table = [
    (ClusterActions.hold_database, 0.8),
    (ClusterActions.cut_database, 0.8),
    (ClusterActions.restart_database, 0.2),
    (ClusterActions.cut_off, 0.6),
    (ClusterActions.lag, 0.5),
]
