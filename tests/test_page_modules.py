"""The page's modules: small, without circular imports, preloaded, and correctly typed."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from chatroom.doors.web.static import served
from tests.wire.processes import program

WEB = Path(__file__).parent.parent / "chatroom" / "web"
SOURCES = {path.name: path.read_text("utf-8") for path in sorted(WEB.iterdir()) if path.suffix in (".js", ".ts")}
MODULES = {name: source for name, source in SOURCES.items() if name.endswith(".js")}
START = "main.js"
"""The module that the page loads; it imports all others."""
SCRIPTS = {"boot.js"}
"""What runs before the first paint, and so is no module."""
MAX_LINES = 300
WITHOUT_ELEMENTS = [
    *("bidi", "completion", "destination", "drafts", "events", "form-fields", "fuzzy", "going", "handshake", "input"),
    *("keys", "linkify", "log-edges", "log-window", "markup", "outbox", "outgoing", "phrases", "requests"),
    *("room-phrases", "rooms", "row-model", "scripts", "shapes", "timeline", "times", "untrusted"),
]
"""Modules that can be tested by themselves, without a page."""

IMPORT = re.compile(r"""^\s*(?:import|export)\b[^"';]*?["'](\./[^"']+)["']""", re.M)
IMPORT_OF_TYPES = re.compile(r"""@import\b[^"'*]*?["'](\./[^"']+)["']|\bimport\(["'](\./[^"']+)["']\)""")


def imports(name: str, *, types: bool) -> set[str]:
    """Name the files that the file *name* imports; with *types*, those that it imports for their types, too."""
    source = SOURCES[name]
    found = set(IMPORT.findall(source))
    if types:
        found |= {one or other for one, other in IMPORT_OF_TYPES.findall(source)}
    # Files that hold types only are imported without their ending.
    return {path.removeprefix("./") if path.endswith(".js") else f"{path[2:]}.d.ts" for path in found}


def reached(name: str) -> Iterator[str]:
    """Name all that is loaded with the module *name*."""
    waiting, seen = [name], set()
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            yield module
            waiting += imports(module, types=False)


def test_imports_are_understood():
    assert imports("events.js", types=False) == set() and imports("events.js", types=True) == {"page-events.d.ts"}
    assert imports("rooms.js", types=True) == {"linkify.js", "timeline.js", "protocol.d.ts", "types.d.ts"}
    assert imports("page-events.d.ts", types=False) == {"protocol.d.ts", "rooms.js", "types.d.ts"}


def test_every_import_is_of_a_file_that_exists():
    for name in SOURCES:
        assert imports(name, types=True) <= set(SOURCES), name


def test_no_modules_know_each_other_in_a_circle():
    """Imports for types count, too; the sorter tells the circle, if there is one."""
    TopologicalSorter({name: imports(name, types=True) for name in SOURCES}).prepare()


def test_every_module_is_used_and_loaded_without_waiting_for_the_one_that_imports_it():
    page = (WEB / "index.html").read_text("utf-8")
    preloaded = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)

    assert set(reached(START)) == set(MODULES) - SCRIPTS
    assert preloaded == sorted(set(MODULES) - SCRIPTS - {START})


@pytest.mark.parametrize("name", WITHOUT_ELEMENTS)
def test_what_needs_no_page_loads_nothing_that_does(name):
    assert "dom.js" not in set(reached(f"{name}.js"))


@pytest.mark.parametrize("name", SOURCES)
def test_modules_are_small_and_say_what_they_are(name):
    source = SOURCES[name]

    assert len(source.splitlines()) <= MAX_LINES
    assert source.startswith("/*"), "the first line says what the module is for"


def syntax_tree(path: Path, *options: str) -> object:
    """Parse a script; return its syntax tree, without the places of its parts."""
    parsed = subprocess.run([program("acorn"), "--ecma2022", *options, path], capture_output=True, check=True)
    return json.loads(
        parsed.stdout, object_hook=lambda node: {key: node[key] for key in node if key not in ("start", "end")}
    )


@pytest.mark.parametrize("name", MODULES)
def test_what_is_served_is_the_same_program_without_comments(name, tmp_path):
    source = (WEB / name).read_bytes()
    without = tmp_path / name
    without.write_bytes(served(name, source))
    options = [] if name in SCRIPTS else ["--module"]

    assert syntax_tree(without, *options) == syntax_tree(WEB / name, *options)
    assert b"\n\t * " not in without.read_bytes() and len(without.read_bytes()) < len(source)


def test_the_types_fit():
    """TypeScript reads the types from the comments, in its strict mode."""
    checked = subprocess.run([program("tsc"), "--project", WEB, "--pretty", "false"], capture_output=True, text=True)

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
