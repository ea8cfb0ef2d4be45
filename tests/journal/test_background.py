"""Background tasks: their order, one step at a time."""

from __future__ import annotations

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from chatroom.journal._background import CHECKPOINT_INTERVAL, CHECKPOINT_STEPS, BackgroundTasks, Load

from .stand_ins import AtOnce


class Bench:
    """Tasks whose steps take no time, and checkpoints that last until released."""

    def __init__(self, step_takes: float = 0.0) -> None:
        self.clock = Clock()
        self.step_takes = step_takes
        self.stepped = 0.0
        """How long all steps together have taken."""
        self.steps: list[str] = []
        self.checkpoints: list[Deferred[None]] = []
        self.checkpoint_count = 0
        self.held = False
        worker = AtOnce(lambda call, *args: self.clock.callLater(0, call, *args), "tasks")
        self.tasks = BackgroundTasks(self.clock.callLater, lambda: Load.LIGHT, worker, self.time, self.checkpoint)
        self.tasks.start()

    def time(self) -> float:
        return self.clock.seconds() + self.stepped

    def checkpoint(self) -> Deferred[None]:
        self.checkpoint_count += 1
        if not self.held:
            return succeed(None)
        self.checkpoints.append(Deferred())
        return self.checkpoints[-1]

    def do(self, name: str, times: int) -> Deferred[int]:
        left = [1] * times

        def step() -> int | None:
            self.steps.append(name)
            self.stepped += self.step_takes
            return left.pop() if left else None

        return self.tasks.run(step)

    def rest(self, seconds: float = 1.0) -> None:
        self.clock.pump([0.001] * round(seconds * 1000))


def test_tasks_take_turns_and_each_gets_the_sum_of_its_own_steps():
    bench = Bench()
    one, other = bench.do("a", 2), bench.do("b", 4)
    bench.rest()
    assert (one.result, other.result) == (2, 4)
    assert "".join(bench.steps) == "abababbb"


def test_what_begins_during_a_checkpoint_waits_for_its_end_and_is_done_once():
    """The checkpoint after the last step of one task is still under way when the next is asked for."""
    bench = Bench()
    bench.held = True
    first = bench.do("a", CHECKPOINT_STEPS - 1)
    bench.rest()
    assert first.result == CHECKPOINT_STEPS - 1
    [checkpoint] = bench.checkpoints

    one, other = bench.do("b", 3), bench.do("c", 3)
    checkpoint.callback(None)
    bench.rest()
    assert (one.result, other.result) == (3, 3)
    assert "".join(bench.steps[CHECKPOINT_STEPS:]) == "bcbcbcbc"
    assert bench.clock.getDelayedCalls() == []


def test_nothing_goes_on_after_a_stop_in_the_middle_of_a_checkpoint():
    bench = Bench()
    bench.held = True
    task = bench.do("a", 100)
    bench.rest()
    bench.tasks.stop()
    assert str(task.result.value) == "the journal is closed"
    task.addErrback(lambda _: None)
    bench.checkpoints[0].callback(None)
    bench.rest()
    assert len(bench.steps) == CHECKPOINT_STEPS
    assert bench.clock.getDelayedCalls() == []


def test_a_checkpoint_follows_the_first_step_after_some_seconds_but_not_a_look_in_vain():
    bench = Bench()
    bench.do("a", 1)
    bench.rest()
    assert bench.checkpoint_count == 0
    bench.rest(CHECKPOINT_INTERVAL)
    bench.do("b", 0)
    bench.rest()
    assert bench.checkpoint_count == 0
    bench.do("c", 3)
    bench.rest()
    assert bench.checkpoint_count == 1


def test_a_few_slow_steps_share_a_checkpoint():
    bench = Bench(step_takes=0.01)
    bench.do("a", 17)
    bench.rest()
    assert bench.checkpoint_count == 3
