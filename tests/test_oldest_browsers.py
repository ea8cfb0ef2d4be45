"""The page uses nothing that the oldest browsers lack, unless it checks for it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.oldest_browsers import RUNS_IN, SUPPORTED, data, is_newer
from tests.test_page_modules import MODULES, SCRIPTS, WEB
from tests.wire.processes import program

SYNTAX = "2022"
"""The edition of ECMAScript whose syntax all of them read."""
LIBRARY = ["es2021", "es2022.array", "es2022.error", "es2022.object", "es2022.regexp", "es2022.string"]
"""The parts of its library that all of them have; es2022.intl is newer in Firefox."""

REFERENCE = re.compile(r"MDN Reference\]\(https://developer\.mozilla\.org/docs/Web/API/([\w/]+)\)")
OBJECT = re.compile(r"^(?:interface|declare var) (\w+)")
MEMBER = re.compile(r"^(    (?:readonly )?(\w+))(?=[(:<])")
VARIABLE = re.compile(r"^(declare var (\w+): )")


def optional(types: str) -> str:
    """Mark everything in TypeScript's *types* of the web that is too new as possibly missing."""
    new, name, objects = False, "", set()
    lines = types.splitlines()
    for number, line in enumerate(lines):
        if found := REFERENCE.search(line):
            new, name = _is_new(found[1]), ""
        elif new and not line.lstrip().startswith(("*", "/*")):
            if found := OBJECT.match(line):
                objects.add(found[1])
            found = MEMBER.match(line)
            # All forms of a method share the reference before the first one.
            new = found is not None and name in ("", found[2])
            if found and new:
                name = found[2]
                lines[number] = MEMBER.sub(r"\1?", line)
        if (found := VARIABLE.match(line)) and found[2] in objects:
            lines[number] = VARIABLE.sub(r"\1undefined | ", line)
    return "\n".join(lines)


def _is_new(path: str) -> bool:
    entry = data()["api"]
    for name in path.split("/"):
        entry = entry.get(name, {})
    return "__compat" in entry and is_newer(entry, RUNS_IN)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TypeScript project of the page's modules, with the types of the oldest browsers."""
    folder = tmp_path_factory.mktemp("oldest")
    package = Path(program("tsc")).resolve().parent.parent
    (folder / "dom.d.ts").write_text(optional(next(package.rglob("lib.dom.d.ts")).read_text("utf-8")), "utf-8")
    options = {"target": f"es{SYNTAX}", "lib": LIBRARY, "skipLibCheck": True}
    files = {"files": ["dom.d.ts"], "include": [f"{WEB}/*.js", f"{WEB}/*.d.ts"]}
    (folder / "tsconfig.json").write_text(
        json.dumps({"extends": f"{WEB}/tsconfig.json", "compilerOptions": options, **files})
    )
    return folder


def checked(project: Path, **sources: str) -> str:
    """Return what TypeScript finds wrong in the page's modules, or in these *sources* instead of them."""
    for name, source in sources.items():
        (project / f"{name}.js").write_text(source)
    if sources:
        config = json.loads((project / "tsconfig.json").read_text())
        config["include"] = [f"{name}.js" for name in sources]
        (project / "sources.json").write_text(json.dumps(config))
    command = [program("tsc"), "--project", project / ("sources.json" if sources else ""), "--pretty", "false"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_modules_check_for_what_the_oldest_browsers_lack(project: Path):
    assert checked(project) == ""


@pytest.mark.parametrize(
    "source",
    [
        'URL.canParse("x")',
        "document.body.togglePopover()",
        "new URLPattern()",
        "[1].toSorted()",
        'new Intl.Segmenter("ja")',
        "Promise.withResolvers()",
    ],
)
def test_such_a_check_is_asked_for(project: Path, source: str):
    assert "error" in checked(project, newer=source)


@pytest.mark.parametrize("source", ['URL.canParse?.("x")', "[1].at(-1)", "document.body.replaceChildren()"])
def test_a_check_is_enough(project: Path, source: str):
    assert checked(project, guarded=source) == ""


@pytest.mark.parametrize("name", MODULES)
def test_modules_have_the_syntax_of_the_oldest_browsers(name: str):
    kind = [] if name in SCRIPTS else ["--module"]
    command = [program("acorn"), f"--ecma{SYNTAX}", *kind, "--silent", WEB / name]
    parsed = subprocess.run(command, capture_output=True, text=True, check=False)

    assert parsed.returncode == 0, parsed.stderr


HARMLESS = {
    "overflow-anchor": "Safari keeps the place no worse than the page, which does it by itself",
}
"""What some of them lack, and why it does not matter."""


def used(style: str) -> dict[str, dict[str, Any]]:
    """Return the features that *style* uses, by name, as the data has them: properties, functions and selectors."""
    known = data()["css"]
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    words = {
        "properties": set(re.findall(r"(?<=[{;\s])([a-z-]+)(?=:\s)", style)),
        "at-rules": set(re.findall(r"@([a-z-]+)", style)),
        "selectors": set(re.findall(r"::?([a-z-]+)", style)) | {"nesting"},
    }
    functions = set(re.findall(r"([a-z-]+)\(", style))
    found = {name: known[kind][name] for kind, names in words.items() for name in names & set(known[kind])}
    for types in (known["types"], known["types"]["color"]):
        found |= {name: types[name] for name in functions & set(types) if "__compat" in types[name]}
    return found


def test_the_style_has_nothing_that_the_oldest_browsers_lack():
    features = used((WEB / "style.css").read_text("utf-8"))
    assert {"light-dark", "nesting", "has", "grid"} <= set(features)

    assert {name for name, one in features.items() if is_newer(one, SUPPORTED)} <= set(HARMLESS)


@pytest.mark.parametrize("newer", ["field-sizing: content", "@starting-style {}", "a::details-content {}", "b: if()"])
def test_newer_style_is_noticed(newer: str):
    assert [name for name, one in used(f"a {{ {newer} }}").items() if name in newer and is_newer(one, SUPPORTED)]


def test_documents_say_which_browsers_are_supported():
    readme = (WEB.parent.parent / "README.md").read_text("utf-8")

    for browser, version in zip(("Chromium", "Firefox", "Safari"), SUPPORTED.values(), strict=True):
        assert f"{browser} {version}" in readme
