"""Whatever IRC clients send, in whatever pieces, nothing breaks, and nobody is shown what they must not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doors.irc.fuzzing import Fuzz


@pytest.mark.slow
@given(st.randoms())
@settings(max_examples=20)
def test_anything_may_be_sent(random):
    Fuzz(random).run(80)
