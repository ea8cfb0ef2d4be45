"""The unit for systemd is valid, and the one that the documentation shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from chatroom.tap import Options
from tests.wire.processes import program

ROOT = Path(__file__).parent.parent
UNIT = (ROOT / "contrib" / "chatroom.service").read_text("utf-8")


def test_the_documentation_shows_the_unit() -> None:
    assert f"```ini\n{UNIT}```\n" in (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_systemd_has_nothing_against_it(tmp_path: Path) -> None:
    unit = tmp_path / "chatroom.service"
    # systemd looks for the program, which is not installed there.
    unit.write_text(re.sub(r"^(Exec\w+=)\S+", rf"\1{sys.executable}", UNIT, flags=re.MULTILINE))

    command = [program("systemd-analyze"), "verify", unit]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_server_has_the_options_that_it_starts_it_with() -> None:
    command = shlex.split(re.search(r"^ExecStart=(.*)", UNIT, re.MULTILINE)[1])
    command[command.index("--config") + 1] = str(ROOT / "docs" / "chatroom.example.toml")

    options = Options()
    options.parseOptions(command[command.index("chatroom") + 1 :])

    assert options["public"]
