"""The parts of mutation testing that need no mutants: which tests are run, and the list of equivalent ones."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from coverage import CoverageData

from .covering import Covering
from .equivalent import equivalents

PACKAGE = Path(__file__).parents[2] / "chatroom"
PATH = "chatroom/chat/room.py"


@pytest.fixture
def covering(tmp_path: Path) -> Covering:
    """A module: line 1 runs at import, 2 and 3 in one test, 2 in another that runs much else, too, and 4 never."""
    data = CoverageData(str(tmp_path / "data"))
    for context, lines in (("", [1]), ("narrow[1|2]|run", [2, 3]), ("wide|setup", [2]), ("wide|run", [2])):
        data.set_context(context)
        data.add_lines({str(tmp_path / PATH): lines})
    data.set_context("wide|run")
    data.add_lines({str(tmp_path / "chatroom" / "chat" / "hub.py"): range(1, 100)})
    data.write()
    return Covering(tmp_path / "data", tmp_path)


def changed(first: int, last: int = 0, statement: int = 0) -> SimpleNamespace:
    return SimpleNamespace(path=PATH, lines=(first, last or first), statement=statement or first)


def test_the_tests_of_a_line_are_run_and_first_those_that_run_little_else(covering: Covering) -> None:
    assert covering.tests_of(changed(3)) == ["narrow"]
    assert covering.tests_of(changed(2)) == ["narrow", "wide"]


def test_what_runs_at_import_is_tried_by_all_tests_of_the_module(covering: Covering) -> None:
    assert covering.tests_of(changed(1)) == ["narrow", "wide"]


def test_a_line_within_a_statement_goes_by_the_statement(covering: Covering) -> None:
    assert covering.tests_of(changed(4, statement=3)) == ["narrow"]


def test_what_never_runs_is_tried_by_no_test(covering: Covering) -> None:
    assert covering.tests_of(changed(4)) == []


def test_what_is_listed_as_equivalent_is_still_there() -> None:
    for entry in equivalents():
        lines = {line.strip() for line in (PACKAGE / entry.file).read_text("utf-8").splitlines()}
        assert set(entry.before.splitlines()) <= lines, entry
        assert entry.reason, entry
