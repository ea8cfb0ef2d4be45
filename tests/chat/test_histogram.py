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
    assert times.bounds[0] == 0.001 and times.bounds[-1] == 2.5 and list(times.bounds) == sorted(set(times.bounds))
    times.note(100.0)
    assert times.counts == [0] * len(times.bounds) + [1]
