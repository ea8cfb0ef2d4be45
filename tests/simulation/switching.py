"""Where the house waits: every ``await`` in its code, and which of them a task was ever suspended at."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import chatroom.chat

from .world import Switch

HOUSE = Path(chatroom.chat.__file__).parent


def awaits() -> dict[str, str]:
    """
    Find every ``await`` of the house.

    :returns: in which function it is and what it waits for, by the file, line and column where it begins.
    """
    found: dict[str, str] = {}
    for path in HOUSE.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Await):
                        what = ast.unparse(node.value).partition("(")[0]
                        found[_named(path, node.lineno, node.col_offset)] = f"{path.stem}.{function.name}: {what}"
    return found


def switched(switches: Iterable[Switch]) -> set[str]:
    """Tell at which of them a task was suspended."""
    found = set()
    for code, at in switches:
        path = Path(code.co_filename)
        if path.is_relative_to(HOUSE):
            [(line, _, column, _)] = islice(code.co_positions(), at // 2, at // 2 + 1)
            assert line is not None and column is not None
            found.add(_named(path, line, column))
    return found


def _named(path: Path, line: int, column: int) -> str:
    return f"{path.relative_to(HOUSE)}:{line}:{column}"
