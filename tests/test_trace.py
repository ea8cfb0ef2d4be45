"""A request takes no more calls, in no more files, than it has to."""

from __future__ import annotations

import pytest

from tests.trace import OTHERS, trace


@pytest.mark.parametrize(
    ("request_", "calls", "files", "line"),
    [
        ("hello", 70, 30, "<ann> hello\n"),
        ("/ban bob 1h", 347, 60, "-- ann banned bob for 1 hour\n"),
    ],
)
def test_a_request_takes_no_more_calls_than_today(request_, calls, files, line):
    """A change that adds calls has a reason, and updates the figure here."""
    traced, shown = trace(request_)
    assert len(shown) == len(OTHERS) and all(line in text for text in shown)
    assert len(traced) <= calls
    assert len({call.file for call in traced}) <= files
