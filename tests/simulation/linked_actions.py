"""What happens to the house, its doors and their links, where these are processes of their own."""

from __future__ import annotations

from .actions import Action, Actions, Table
from .linked import DOORS


class LinkedActions(Actions):
    """Makes up what happens next in a world with doors."""

    def table(self) -> Table:
        return [*super().table(), *_TABLE]

    def fall(self) -> Action:
        """Let the house be gone, and another one be there soon."""
        return "fall", self.random.random() < 0.5, self._away()

    def lose_answer(self) -> Action | None:
        """Have somebody speak, and let the house be gone when that is stored, before anybody hears of it."""
        here = [guest for guest in self._simulation.here if guest.named]
        if not here:
            return None
        guest = self.random.choice(here)
        way = [f"bring {guest.number}", *["timer"] * 4, f"bring house {guest.number % DOORS}", "write"]
        then = [("go", what) for what in way]
        self._next = [*then, ("fall", self.random.random() < 0.5, 0.0)][::-1]
        return "type", guest.number, self.word()

    def hand_over(self) -> Action:
        """Replace the house."""
        return "hand_over", self._away()

    def fell(self) -> Action:
        """Let a door be gone."""
        return "fell", self._door(), self.random.random() < 0.5

    def pause(self) -> Action:
        """Pause a process, or let it go on."""
        return "pause", self.random.randrange(DOORS + 1)

    def hold(self) -> Action:
        """Let nothing arrive between a door and the house, or everything again."""
        return "hold", self._door()

    def cut(self) -> Action:
        """Cut a link."""
        return "cut", self._door(), self.random.random() < 0.5, self.random.random() < 0.5

    def _door(self) -> int:
        return self.random.randrange(DOORS)

    def _away(self) -> float:
        return self.random.choice((0.0, 0.0, 0.5, 3.0))


_TABLE: Table = [
    (lambda actions: actions.fall(), 0.6),
    (LinkedActions.lose_answer, 0.6),
    (LinkedActions.hand_over, 0.4),
    (LinkedActions.fell, 0.3),
    (lambda actions: actions.pause(), 0.8),
    (LinkedActions.hold, 0.8),
    (LinkedActions.cut, 0.5),
]
