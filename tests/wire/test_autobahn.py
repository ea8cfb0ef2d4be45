"""The WebSocket door passes the cases of the Autobahn TestSuite, binary messages aside, which it refuses."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .processes import PATIENCE, Started, program

ROOT = Path(__file__).parent.parent.parent
CASES = [*range(1, 8), 10]
"""Framing, pings, reserved bits, opcodes, fragments, UTF-8 and closing; 9 is about speed, 12 and 13 compression."""
BINARY = "1.2.*"
PASSED = 239

pytestmark = pytest.mark.slow


def test_the_cases_pass_and_leave_no_traceback_in_the_log(tmp_path: Path):
    kosoku = program("kosoku")
    with Started([sys.executable, "-m", "tests.wire.websocket_echo"], cwd=ROOT) as echo:
        port = echo.until(r"Listening on port (\d+)")[1]
        chosen = [word for case in CASES for word in ("--include", f"{case}.*")]
        command = [kosoku, *chosen, "--exclude", BINARY, "--parallelism", "8", "--outdir", tmp_path]
        with Started([*command, f"ws://127.0.0.1:{port}/ws"]) as tests:
            # They take four seconds, and a busy machine ten times as long.
            assert tests.ended(4 * PATIENCE) == 0, tests.output
        assert f"{PASSED} cases passed" in tests.output
        assert "Traceback" not in echo.output, echo.output
