"""Which tests run which line, by the contexts of coverage.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from coverage import CoverageData

if TYPE_CHECKING:
    # Needs Cosmic Ray, which only a run of all this needs.
    from .mutants import Mutant


class Covering:
    """
    Coverage by test, from a measured run of all tests.

    :param data: the file in which coverage.py has written it.
    :param root: where the code was that it was measured of.
    """

    def __init__(self, data: Path, root: Path) -> None:
        self._data = CoverageData(str(data))
        self._data.read()
        self._root = root
        self._lines: dict[str, dict[int, set[str]]] = {}
        self._cost = self._costs()

    @property
    def tests(self) -> list[str]:
        """All tests that run any line."""
        return sorted(self._cost)

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Return the tests that run the changed lines, the quickest first: those that run little else."""
        lines = self._tests_by_line(mutant.path)
        if mutant.lines[0] not in lines and mutant.statement not in lines:
            return []
        changed = _union(lines.get(number, ()) for number in range(mutant.lines[0], mutant.lines[1] + 1))
        # What runs when a module is imported is run by no test in particular: all that use the module may notice.
        tests = changed or _union([lines.get(mutant.statement, ())]) or _union(lines.values()) or self.tests
        return sorted(tests, key=lambda test: (self._cost[test], test))

    def _tests_by_line(self, path: str) -> dict[int, set[str]]:
        if path not in self._lines:
            found = self._data.contexts_by_lineno(str(self._root / path))
            self._lines[path] = {line: {_test(name) for name in names if name} for line, names in found.items()}
        return self._lines[path]

    def _costs(self) -> Counter[str]:
        """Count the lines that each test runs."""
        cost: Counter[str] = Counter()
        for path in self._data.measured_files():
            for names in self._data.contexts_by_lineno(path).values():
                cost.update({_test(name) for name in names if name})
        return cost


def _test(context: str) -> str:
    """
    Return the test of a context, which also says whether it was set up, run or torn down.

    Without its parameters: where they are drawn at random, so is the name of each test.
    """
    return context.rpartition("|")[0].partition("[")[0]


def _union(sets: Iterable[Iterable[str]]) -> set[str]:
    return {test for tests in sets for test in tests}
