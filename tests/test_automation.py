"""Automation agrees with itself: nox, the workflow, the hooks of pre-commit, and the scripts in ``.ci``."""

from __future__ import annotations

import ast
import configparser
import itertools
import re
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.wire.processes import program

ROOT = Path(__file__).parent.parent
WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
NOXFILE = (ROOT / "noxfile.py").read_text("utf-8")
RUN = (ROOT / ".ci" / "run").read_text("utf-8")
PREPARE = (ROOT / ".ci" / "prepare").read_text("utf-8")

BY_HAND = {"bench", "fuzz", "mutation"}
"""Sessions that take too long to be run at each change."""


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    """The package, as it is declared."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    return config


@pytest.fixture(scope="module")
def sessions() -> set[str]:
    """The sessions that nox knows."""
    command = [program("nox"), "--noxfile", ROOT / "noxfile.py", "--list-sessions"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    # A star stands before those that are run unless others are named.
    return set(re.findall(r"^[*-] (\w+)", done.stdout, re.MULTILINE))


def expanded(job: dict[str, Any]) -> list[str]:
    """Return the commands of *job*, with each combination of what its matrix holds filled in."""
    matrix = job["strategy"]["matrix"]
    commands = [step["run"] for step in job["steps"] if "run" in step]
    return [
        re.sub(r"\$\{\{ matrix\.(\w+) \}\}", lambda found, row=row: row[found[1]], command)
        for values in itertools.product(*matrix.values())
        for row in [dict(zip(matrix, values, strict=True))]
        for command in commands
    ]


def asked(commands: str) -> set[str]:
    """Return the sessions that *commands*, of a shell, have nox run."""
    found = re.findall(r"\bnox --sessions? ([\w ]+?)(?: &)?$", commands, re.MULTILINE)
    return {name for names in found for name in names.split()}


def test_the_workflow_runs_every_session_but_those_run_by_hand(sessions: set[str]) -> None:
    named = {name for job in WORKFLOW["jobs"].values() for command in expanded(job) for name in asked(command)}

    assert named == sessions - BY_HAND


def test_the_gate_runs_sessions_that_exist(sessions: set[str]) -> None:
    assert asked(RUN) == sessions - BY_HAND - {"unit", "wire", "browser"}, "its tests are those of README.md's command"


def test_the_workflow_tests_every_python_that_the_package_is_for(setup: configparser.ConfigParser) -> None:
    classifiers = re.findall(r":: Python :: (3\.\d+)$", setup["metadata"]["classifiers"], re.MULTILINE)

    assert WORKFLOW["jobs"]["tests"]["strategy"]["matrix"]["python"] == classifiers
    assert setup["options"]["python_requires"] == f">={classifiers[0]}"


def test_each_test_is_run_by_one_session() -> None:
    calls = [node for node in ast.walk(ast.parse(NOXFILE)) if isinstance(node, ast.Call)]
    chosen = [node.args[1].value for node in calls if isinstance(node.func, ast.Name) and node.func.id == "pytest"]
    assert len(chosen) == 3

    for marks in itertools.product([False, True], repeat=3):
        here = dict(zip(("wire", "browser", "slow"), marks, strict=True))
        assert sum(eval(expression, {}, here) for expression in chosen) == 1, here


def test_the_hooks_have_the_versions_that_are_pinned_elsewhere(setup: configparser.ConfigParser) -> None:
    pinned = {
        *setup["options.extras_require"]["lint"].split(),
        *re.findall(r"^python (\S+)$", PREPARE, re.MULTILINE),
    }
    hooks = [hook for repository in HOOKS for hook in repository["hooks"]]
    needed = {package for hook in hooks for package in hook["additional_dependencies"]}

    assert {package for package in needed if not package.startswith("pre-commit-hooks==")} <= pinned
    assert all(re.fullmatch(r"[\w-]+==[\w.]+", package) for package in needed)
    assert {repository["repo"] for repository in HOOKS} == {"local"}


def test_the_types_of_the_package_are_for_others_too(setup: configparser.ConfigParser) -> None:
    assert files("chatroom").joinpath("py.typed").is_file()
    assert "py.typed" in setup["options.package_data"]["chatroom"]
