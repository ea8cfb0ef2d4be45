"""One run: steps are chosen by a seed, or taken from a record, and done one after the other."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from types import FrameType
from typing import Any

from twisted.logger import globalLogPublisher

from .actions import Action, Actions
from .resting import rest, settle
from .simulation import Simulation, described
from .world import Switch

Step = tuple[int, Action]
"""What the smaller choices within a step are made of, and what is done."""

GO_ON = 0.75
"""How often something that waits goes on, rather than that somebody does something new."""

PATIENCE = 1.0
"""Seconds of the processor after which a step does not end: it takes 30 millionths of that."""


class _Endless(BaseException):
    """One step does not end."""


@dataclass
class Run:
    """
    One run: its steps and its outcome.

    ``done`` counts every single thing that happened, also while all came to rest; ``broken`` says what did not hold.
    """

    simulation: Simulation
    actions: type[Actions] = Actions
    """Makes up what happens."""
    steps: list[Step] = field(default_factory=list)
    done: int = 0
    broken: str = ""

    @property
    def digest(self) -> str:
        """A word for all that was done and read: two runs with the same are the same."""
        return self.simulation.digest.hexdigest()

    @property
    def switches(self) -> set[Switch]:
        """Where tasks were suspended."""
        return self.simulation.switches | self.simulation.house.world.switches

    def by_seed(self, seed: int, steps: int) -> Run:
        """Do so many *steps*, which *seed* chooses."""
        random = Random(seed)
        return self.again(self._chosen(random, self.actions(self.simulation, random), steps))

    def again(self, steps: Iterable[Step]) -> Run:
        """Do *steps*, as far as they make sense, then let everything come to rest."""
        with self._watched():
            try:
                for step in steps:
                    self._do(step)
                self._do((0, ("settle",)))
            except Exception as error:
                self.broken = described(error)
            except _Endless:
                self.broken = "this step does not end"
        return self

    def _chosen(self, random: Random, actions: Actions, steps: int) -> Iterator[Step]:
        schedule, clock = self.simulation.schedule, self.simulation.clock
        while self.done < steps:
            luck = random.getrandbits(31)
            waiting = len(schedule) + (clock.next() == 0.0)
            if waiting and random.random() < GO_ON:
                place = random.randrange(waiting)
                yield luck, ("go", schedule.label(place) if place < len(schedule) else "timer")
            else:
                yield luck, actions.choose()

    def _do(self, step: Step) -> None:
        simulation = self.simulation
        self.steps.append(step)
        self.done += 1
        simulation.schedule.luck, (kind, *how) = step
        simulation.digest.update(repr(step).encode())
        if simulation.tell is not None:
            simulation.tell(" ".join(map(str, step[1])))
        if kind in _COMING_TO_REST:
            for _ in _COMING_TO_REST[kind](simulation):
                self.done += 1
        else:
            getattr(simulation, f"do_{kind}")(*how)
            simulation.check()
        if self.done % 8 == 0:
            simulation.forget_gone()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Collect logged failures, and abort a step that doesn't end."""
        before = -1

        def observe(event: dict[str, Any]) -> None:
            if "log_failure" in event:
                self.simulation.failures.append(event["log_failure"].getTraceback())

        def tick(number: int, frame: FrameType | None) -> None:
            nonlocal before
            if before == self.done:
                raise _Endless
            before = self.done

        globalLogPublisher.addObserver(observe)
        former = signal.signal(signal.SIGVTALRM, tick)
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE, PATIENCE)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
            signal.signal(signal.SIGVTALRM, former)
            globalLogPublisher.removeObserver(observe)


_COMING_TO_REST = {"rest": rest, "settle": settle}
