"""The commands of the README that people paste, each run twice as it is printed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from .processes import program
from .server import Server

README = (Path(__file__).parent.parent.parent / "README.md").read_text("utf-8")


def joining(way: str) -> str:
    """Return the command with which the README joins from *way*, as a browser shows it."""
    [command] = re.findall(rf"^\| {way} \| `(.*)` \|$", README, re.MULTILINE)
    return command.replace(r"\|", "|")


def paste(command: str, server: Server) -> list[str]:
    """Run *command* in a shell, at the port of *server*; what it prints."""
    assert "localhost 2428" in command
    for name in ("nc", "jq"):
        program(name)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command.replace("localhost 2428", f"127.0.0.1 {server.port}")],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_the_script_says_its_line_and_leaves_nothing_behind(server: Server):
    command = joining("a script")
    for _ in range(3):
        kinds = paste(command, server)
        assert kinds[0] == '"welcome"' and '"refused"' not in kinds, kinds
        assert kinds.count('"said"') == 1 and kinds[-1] == '"goodbye"'


def test_the_pipe_can_be_pasted_again(server: Server):
    for said in range(3):
        lines = paste(joining("a pipe"), server)
        assert lines[-1] == "-- Goodbye." and not any(line.startswith("!!") for line in lines), lines
        assert sum(line.endswith("<ann> hello") for line in lines) == said, "those of the times before"


@pytest.mark.parametrize("way", ["a script", "a pipe"])
def test_one_after_the_other_is_no_obstacle_either(server: Server, way: str):
    paste(joining(way), server)
    for other in ("a pipe", "a script", way):
        lines = paste(joining(other), server)
        assert not any("refused" in line or line.startswith("!!") for line in lines), lines
