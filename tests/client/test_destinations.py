"""Tests of where lines go while rooms change: the real client against the real hub, in memory, in any order."""

from __future__ import annotations

from random import Random

import pytest

from tests.house import ClientPerson, House, JsonPerson

ROOMS = ("attic", "den", "lobby")


class Typist(ClientPerson):
    """Ann, who notes which room she sees whenever she presses Enter."""

    keeps_typed = True

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.meant: dict[str, set[str]] = {}
        """The rooms in which each text may be said."""
        self.given_back: list[str] = []
        self._led: str | None = None
        self.half_typed = ""
        self._begun = 0

    def begins(self, text: str) -> None:
        """Type *text*, without Enter."""
        self.half_typed, self._begun = text, len(self.shown)

    def presses_enter(self) -> None:
        """Enter what is half typed; if the room changed unasked meanwhile, nobody meant it for the new one."""
        text, self.half_typed = self.half_typed, ""
        changes = [
            line for line in self.shown[self._begun :] if line.startswith(("-- You are no longer", "-- You are in #"))
        ]
        moving = self.conversation.typed._held.moving
        if not moving and changes and changes[-1].startswith("-- You are no longer"):
            self.meant.setdefault(text, set())
            self.conversation.type(text)
        elif text:
            self.enters(text)

    def give_back(self, text: str) -> None:
        self.given_back.append(text)

    def enters(self, text: str) -> None:
        """Press Enter, and do not wait."""
        seen = self.conversation.rooms.current
        moving = self.conversation.typed._held.moving
        if text.startswith("/join "):
            # Whatever is half typed goes where this leads.
            self._led, self._begun = text.removeprefix("/join "), len(self.shown)
        else:
            self.meant.setdefault(text, set()).update({self._led} if moving and self._led else {seen})
        self.conversation.type(text)

    def returns(self) -> None:
        """Come back on another connection."""
        self.wire = self.house.connect(kind=self.wires)
        self.connects()


class Evening:
    """What happens in a random order, by *seed*."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.house = House()
        self.op = JsonPerson(self.house)
        self.op.joins("op", *ROOMS[:2])
        self.ann = Typist(self.house)
        self.ann.joins("ann", *ROOMS[:2])
        self.count = 0
        self.nick = "ann"

    def plays(self, steps: int) -> None:
        actions = (self.talk, self.talk, self.talk, self.talk, self.join, self.wait, self.wait, self.wait)
        for _ in range(steps):
            self.random.choice((*actions, self.kick, self.ban, self.rename, self.breaks))()
        for _ in range(20):
            self.wait()

    def talk(self) -> None:
        self.ann.presses_enter()
        if self.ann.given_back and self.random.random() < 0.5:
            self.ann.begins(self.ann.given_back.pop())
        else:
            self.count += 1
            self.ann.begins(f"line {self.count}")

    def join(self) -> None:
        self.ann.enters(f"/join {self.random.choice(ROOMS)}")

    def wait(self) -> None:
        self.house.settle()

    def kick(self) -> None:
        self.op.sends_object({"type": "kick", "nick": self.nick, "room": self.random.choice(ROOMS[:2])})

    def ban(self) -> None:
        self.op.sends_object(
            {"type": "ban", "target": self.nick, "duration": "5s", "room": self.random.choice(ROOMS[:2])}
        )

    def rename(self) -> None:
        self.nick = f"ann{self.random.randrange(100)}"
        self.ann.conversation.requests.outbox.ask({"type": "nick", "nick": self.nick})

    def breaks(self) -> None:
        self.ann.wire.vanish()
        self.house.settle()
        if self.random.random() < 0.3:
            # Longer than the session is kept.
            self.house.advance(40)
        self.ann.returns()


@pytest.mark.parametrize("seed", range(150))
def test_every_line_is_said_where_it_was_meant_or_nowhere(seed: int):
    """Kicked, banned, renamed, moved, reconnected between any two keys."""
    evening = Evening(seed)
    evening.plays(40)
    for room in ROOMS:
        for text in evening.house.words(room):
            assert room in evening.ann.meant.get(text, {room}), (text, evening.ann.meant[text])
