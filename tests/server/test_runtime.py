"""Runtime: clocks, tasks and randomness by Twisted."""

from __future__ import annotations

from twisted.internet.task import Clock

from chatroom.server.runtime import TwistedRuntime


def test_the_server_is_stopped_once_and_after_the_command_that_asked_for_it_has_been_answered():
    clock, told = Clock(), []
    runtime = TwistedRuntime(clock, stop=told.append)

    runtime.stop("maintenance")
    runtime.stop("something else")
    assert told == []

    clock.advance(0)
    assert told == ["maintenance"]


def test_a_runtime_in_a_test_has_nothing_to_stop():
    clock = Clock()

    TwistedRuntime(clock).stop("maintenance")
    clock.advance(0)

    assert not clock.getDelayedCalls()


def test_the_configuration_is_read_again_by_whoever_can():
    assert TwistedRuntime(Clock(), reload=lambda: "Reloaded.").reload() == "Reloaded."
    assert TwistedRuntime(Clock()).reload() == ""
