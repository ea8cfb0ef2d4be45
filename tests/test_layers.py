"""Imports point one way; what is inside knows nothing of what is around it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "chatroom"

MAY_IMPORT = {
    "chat": {"chat"},
    "journal": {"journal", "chat", "system"},
    "dialects": {"dialects", "chat"},
    "doors": {"doors", "dialects", "chat", "tls", "system"},
    "client": {"client", "dialects", "chat", "tls", "system"},
    "admin": {"admin", "journal", "passwords", "dialects", "config", "chat"},
    "system": {"system"},
    "config": {"config", "dialects", "chat"},
    "passwords": {"chat", "system"},
    "tls": {"tls"},
    "server": {"server", "tls", "passwords", "config", "doors", "dialects", "chat", "system"},
    "tap": {"server", "doors", "dialects", "chat", "journal", "config", "passwords", "tls", "system"},
}
"""What each part of the package may import of the others; everyone may know the version."""


def imported(path: Path) -> set[str]:
    """Name every module that *path* imports, in full, whether it is for types only or not."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def parts(path: Path) -> set[str]:
    """Name the parts of ours that *path* imports."""
    names = [name.split(".") for name in imported(path) if name.split(".")[0] == "chatroom"]
    return {name[1] for name in names if len(name) > 1 and name[1] != "__version__"}


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
KNOWN = set(MAY_IMPORT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    part = path.relative_to(PACKAGE).with_suffix("").parts[0]

    assert part in MAY_IMPORT, f"{part} is new: say here what it may import"
    assert parts(path) <= MAY_IMPORT[part]


def test_every_part_is_looked_at():
    assert {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in FILES} == KNOWN


@pytest.mark.parametrize("folder", ["chat", "dialects"])
def test_the_house_and_the_dialects_know_nothing_of_twisted(folder):
    for path in (PACKAGE / folder).rglob("*.py"):
        strangers = {name for name in imported(path) if name.split(".")[0] in ("twisted", "zope", "socket", "asyncio")}
        assert not strangers, f"{path.name} imports {strangers}"


def test_nobody_takes_the_reactor_at_import():
    for path in FILES:
        top = ast.parse(path.read_text("utf-8")).body
        names = {alias.name for node in top if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}
        assert "reactor" not in names, path.name


def test_the_plugin_imports_nothing_of_ours():
    [plugin] = (ROOT / "twisted" / "plugins").glob("*.py")

    assert imported(plugin) == {"twisted.application.service.ServiceMaker"}


def test_relative_imports_are_understood():
    names = imported(PACKAGE / "chat" / "commands" / "messages.py")

    assert {"chatroom.chat.refusals.NotHere", "chatroom.chat.command_table.word", "dataclasses.field"} <= names
