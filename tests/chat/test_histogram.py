"""Histograms of durations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.histogram import Histogram


@given(st.lists(st.floats(0, 10), max_size=30))
def test_each_bound_counts_what_took_no_longer(seconds):
    times = Histogram((0.1, 1.0, 5.0))
    for one in seconds:
        times.note(one)

    assert times.counts == [sum(one <= bound for one in seconds) for bound in (0.1, 1.0, 5.0, 10.0)]
    assert abs(times.total - sum(seconds)) < 1e-9


def test_unless_told_otherwise_it_counts_from_a_millisecond_to_some_seconds():
    times = Histogram()
    # Dashboards name them.
    assert times.bounds == (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
    times.note(100.0)
    assert times.counts == [0] * len(times.bounds) + [1]
