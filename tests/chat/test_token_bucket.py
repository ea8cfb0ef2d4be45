"""The token bucket that paces a session."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.token_bucket import Rate, TokenBucket


class Time:
    """A stopped clock."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_then_each_line_waits_for_its_token():
    pace = TokenBucket(Rate(5.0, 10, Time()))

    owed = [pace.spend() for _ in range(12)]

    assert owed[:9] == [0.0] * 9
    assert owed[9:] == pytest.approx([0.2, 0.4, 0.6])


def test_who_waits_as_long_as_told_goes_on_at_the_rate():
    time = Time()
    pace = TokenBucket(Rate(5.0, 10, time))
    started = time.now
    for _ in range(110):
        time.now += pace.spend()

    assert time.now - started == pytest.approx(101 / 5)


def test_it_fills_from_the_time_of_the_last_use_however_small_the_clock_is():
    time = Time()
    time.now = 1.0
    pace = TokenBucket(Rate(5.0, 10, time))
    pace.spend(10)
    time.now = 2.5

    assert pace.level == 7.5


def test_after_a_rest_the_bucket_is_full_and_no_fuller():
    time = Time()
    pace = TokenBucket(Rate(5.0, 3, time))
    for _ in range(3):
        pace.spend()
    time.now += 1_000_000

    assert [pace.spend() for _ in range(3)] == [0.0, 0.0, 0.2]


def test_no_rate_is_no_limit():
    pace = TokenBucket(Rate(0.0, 1, Time()))

    assert not any(pace.spend() for _ in range(1000))


def test_what_costs_more_than_a_burst_is_paid_for_in_full():
    assert TokenBucket(Rate(2.0, 5, Time())).spend(16) == pytest.approx(12 / 2)


def test_a_bucket_need_not_be_full_at_first_but_lets_one_pass():
    time = Time()

    assert TokenBucket(Rate(1.0, 5, time), 3.0).level == 3.0 and TokenBucket(Rate(1.0, 5, time), -20.0).level == 1.0
    assert TokenBucket(Rate(1.0, 5, time), 100.0).level == 5.0


@given(st.floats(0.1, 100), st.integers(1, 100), st.lists(st.floats(0, 10), max_size=200))
def test_no_more_than_burst_and_rate_ever_pass(rate, burst, pauses):
    time = Time()
    pace = TokenBucket(Rate(rate, burst, time))
    for count, pause in enumerate(pauses, 1):
        time.now += pause + pace.spend()
        assert count <= burst + rate * (time.now - 100.0) + 1e-6
