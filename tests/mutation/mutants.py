"""Mutants: single changes of the code, made by the operators of Cosmic Ray and one of ours."""

from __future__ import annotations

import difflib
import random
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from parso.python.tree import PythonNode

NEEDING_ARGUMENTS = {"core/VariableReplacer", "core/VariableInserter"}
"""Operators that have to be told a name; there is no name that goes for all code."""
EQUIVALENT = {"core/ReplaceComparisonOperator_Is_Eq", "core/ReplaceComparisonOperator_IsNot_NotEq"}
"""Operators that change nothing: what is compared by identity here, None and types, is equal to nothing else."""
REMOVABLE = {"expr_stmt", "atom_expr", "power", "await", "return_stmt", "raise_stmt", "del_stmt", "yield_expr"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """
    One change of the code.

    :param path: the file, from the root of the repository.
    :param lines: the first and last line of what is changed.
    :param statement: the first line of the statement around it.
    :param operator: what kind of change it is.
    :param before: the changed lines as they are, without indentation.
    :param after: the same lines as they become.
    :param code: the whole file as it becomes.
    """

    path: str
    lines: tuple[int, int]
    statement: int
    operator: str
    before: str
    after: str
    code: str


class RemoveStatement:
    """An operator that leaves a statement of a function out, docstrings aside."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        if node.type != "simple_stmt" or parso.tree.search_ancestor(node, "funcdef") is None:
            return
        [statement, *_] = node.children
        if statement.type in REMOVABLE:
            yield statement.start_pos, statement.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        [statement, *rest] = node.children
        replacement = parso.parse("pass").children[0]
        # What stands before a statement, its indentation included, belongs to its first word.
        replacement.prefix = statement.get_first_leaf().prefix
        return PythonNode("simple_stmt", [replacement, *rest])


OPERATORS: dict[str, Any] = {
    **{name: get_operator(name)() for name in operator_names() if name not in NEEDING_ARGUMENTS | EQUIVALENT},
    "RemoveStatement": RemoveStatement(),
}


@dataclass(frozen=True, slots=True)
class _Change:
    operator: str
    occurrence: int
    """Which of all places in the file where the operator could be applied."""
    end: tuple[int, int]
    statement: int


class Source:
    """The places in one file."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self.code = (root / path).read_text("utf-8")
        self._changes: dict[tuple[tuple[int, int], str], list[_Change]] = defaultdict(list)
        nodes = list(_nodes(get_ast(self.code)))
        for name, operator in OPERATORS.items():
            self._find(name, operator, nodes)

    def _find(self, name: str, operator: Any, nodes: Sequence[tuple[Any, bool]]) -> None:
        occurrence = 0
        for node, inert in nodes:
            for start, end in operator.mutation_positions(node):
                if not inert:
                    change = _Change(name, occurrence, end, _statement(node))
                    # All that an operator like "+" can become counts as one place, or few others would ever be drawn.
                    self._changes[start, name.partition("_")[0]].append(change)
                occurrence += 1

    @property
    def places(self) -> list[tuple[tuple[int, int], str]]:
        return sorted(self._changes)

    def mutant(self, place: tuple[tuple[int, int], str], chance: random.Random) -> Mutant | None:
        """Change one place, in one of the ways that there are; None if this makes no valid Python."""
        change = chance.choice(self._changes[place])
        try:
            code = mutate_code(self.code, OPERATORS[change.operator], change.occurrence)
            with warnings.catch_warnings(action="ignore"):
                compile(code, self.path, "exec")
        except (SyntaxError, TypeError, ValueError):
            return None
        if code == self.code:
            return None
        before, after = _difference(self.code, code)
        return Mutant(self.path, (place[0][0], change.end[0]), change.statement, change.operator, before, after, code)


def draw(root: Path, paths: Sequence[str], seed: str, number: int) -> list[Mutant]:
    """Draw *number* mutants of the files *paths*; the same seed draws the same ones of the same files."""
    chance = random.Random(seed)
    sources = [Source(root, path) for path in sorted(paths)]
    places = [(source, place) for source in sources for place in source.places]
    chance.shuffle(places)
    mutants: list[Mutant] = []
    for source, place in places:
        if len(mutants) == number:
            break
        if mutant := source.mutant(place, chance):
            mutants.append(mutant)
    return mutants


def _nodes(node: Any, inert: bool = False) -> Iterator[tuple[Any, bool]]:
    """Walk a tree as Cosmic Ray does, and say of each node whether it is of no effect when the program runs."""
    yield node, inert
    for number, child in enumerate(getattr(node, "children", ())):
        yield from _nodes(child, inert or _is_inert(node, number))


def _is_inert(parent: Any, number: int) -> bool:
    """Say whether the child *number* is an annotation, what only type checkers look at, or how a dataclass is made."""
    if parent.type in ("annassign", "tfpdef"):
        return bool(parent.children[number - 1] == ":") and number > 0
    if parent.type == "funcdef":
        return number > 0 and bool(parent.children[number - 1] == "->")
    if parent.type == "decorator":
        return bool(parent.children[1].get_first_leaf().value == "dataclass")
    return parent.type == "if_stmt" and parent.children[1].get_code().strip() == "TYPE_CHECKING"


def _statement(node: Any) -> int:
    """Return the line at which the innermost statement around *node* begins."""
    while node.parent is not None and not (
        node.type.endswith("_stmt") or node.type in ("funcdef", "classdef", "decorator")
    ):
        node = node.parent
    return int(node.start_pos[0])


def _difference(before: str, after: str) -> tuple[str, str]:
    """Return the lines that differ, before and after."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    old, new = ("\n".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return old.strip(), new.strip()
