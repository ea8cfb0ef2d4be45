"""A log that strangers cannot fill."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.internet.task import Clock
from twisted.logger import Logger, formatEvent, globalLogPublisher
from twisted.python.failure import Failure

from chatroom.system.quiet_log import INTERVAL, MAX_KINDS, MAX_LINES, QuietLog


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Everything that is logged, without tracebacks."""
    found: list[str] = []

    def observe(event) -> None:
        found.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield found
    globalLogPublisher.removeObserver(observe)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock) -> QuietLog:
    return QuietLog(clock, Logger(namespace="chatroom"))


def breaks(log: QuietLog, where: int) -> None:
    """Have something break in one of two places."""
    try:
        if where:
            raise KeyError("one")
        raise KeyError("another")
    except KeyError:
        log.failure("It broke.")


def test_few_lines_are_written_as_they_come(clock, log, lines):
    for _ in range(MAX_LINES):
        log.info("Refused {code}.", code="this")
        log.info("Refused {code}.", code="that")
    assert lines == ["Refused this.", "Refused that."] * MAX_LINES and clock.getDelayedCalls() == []


def test_of_more_only_the_number_is_told_once_a_minute(clock, log, lines):
    clock.advance(1000)
    log.info("Refused {code}.", code="this")
    clock.advance(20)
    for _ in range(2 * MAX_LINES + 1203):
        log.info("Refused {code}.", code="this")
    log.info("Refused {code}.", code="that")
    assert lines == ["Refused this."] * MAX_LINES + ["Refused that."]

    clock.advance(INTERVAL - 21)
    assert len(lines) == MAX_LINES + 1
    clock.advance(1)
    assert (
        lines[MAX_LINES + 1 :] == ["... and 1,214 more within a minute: Refused this."]
        and clock.getDelayedCalls() == []
    )


def test_the_next_minute_begins_anew(clock, log, lines):
    for _ in range(3):
        for _ in range(MAX_LINES + 1):
            log.info("It.")
        clock.advance(INTERVAL)
    assert lines == ([*["It."] * MAX_LINES, "... and 1 more within a minute: It."]) * 3


def test_so_it_does_after_a_minute_in_which_there_were_few(clock, log, lines):
    for _ in range(3):
        for _ in range(MAX_LINES):
            log.info("It.")
        clock.advance(INTERVAL)
    assert lines == ["It."] * 3 * MAX_LINES


def test_who_finds_ever_new_kinds_does_not_fill_it_either(clock, log, lines):
    for n in range(10_000):
        log.info("It failed: {why}.", why=n)
    clock.advance(INTERVAL)
    assert len(lines) == MAX_KINDS + MAX_LINES + 1
    assert lines[-1] == f"... and {10_000 - MAX_KINDS - MAX_LINES:,} more within a minute: It failed: {{why}}."


def test_the_same_failure_is_shown_a_few_times_and_another_one_beside_it(clock, log):
    shown: list[Failure] = []

    def observe(event) -> None:
        if "log_failure" in event:
            shown.append(event["log_failure"])

    globalLogPublisher.addObserver(observe)
    try:
        for _ in range(1000):
            breaks(log, 1)
        breaks(log, 0)
        assert [failure.value.args for failure in shown] == [("one",)] * MAX_LINES + [("another",)]
    finally:
        globalLogPublisher.removeObserver(observe)


def test_how_often_something_broke_is_told_with_the_place(clock, log, lines):
    for _ in range(MAX_LINES + 5):
        breaks(log, 1)
    clock.advance(INTERVAL)
    assert lines[-1].startswith("... and 5 more within a minute: It broke. (KeyError in ")
    assert lines[-1].endswith(f"{__file__}:{breaks.__code__.co_firstlineno + 4})")


def test_a_failure_that_nothing_raised_can_be_logged(clock, log, lines):
    for _ in range(MAX_LINES + 1):
        log.failure("It broke.", Failure(ValueError("never raised")))
    clock.advance(INTERVAL)
    assert lines[-1] == "... and 1 more within a minute: It broke. (ValueError)"
