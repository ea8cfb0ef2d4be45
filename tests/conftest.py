"""What holds for every test: one time zone, a Ctrl-C that counts, and Hypothesis examples that never change."""

from __future__ import annotations

import os
import signal
import time

from hypothesis import HealthCheck, settings

os.environ["TZ"] = "UTC"
time.tzset()

# A shell has what it runs in the background ignore SIGINT, and so would every server that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "chatroom",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("chatroom-thorough", settings.get_profile("chatroom"), derandomize=False, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "chatroom"))
