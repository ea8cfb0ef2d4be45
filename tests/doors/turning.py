"""Time turn by turn, as a reactor has it."""

from __future__ import annotations

from tests.house import House


def turn(house: House) -> None:
    """Run one turn of the reactor: calls that are due now, but not those that they schedule."""
    clock = house.clock
    due = [call for call in clock.getDelayedCalls() if call.getTime() <= clock.seconds()]
    for call in due:
        if call.active():
            clock.calls.remove(call)
            call.called = 1
            call.func(*call.args, **call.kw)
