"""The oldest browsers that the page works in, and what they lack, from MDN's compatibility data."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SUPPORTED = {"chrome": "123", "firefox": "121", "safari": "17.5"}
"""The oldest that show the page as it is: those of 2024, the first with both light-dark() and :has()."""
RUNS_IN = {"chrome": "109", "firefox": "115", "safari": "16.4"}
"""The oldest in which its modules run: those of 2023, the last two for Windows 7."""

DATA = Path(__file__).parent.parent / ".tools/browser-compat-data/lib/node_modules/@mdn/browser-compat-data/data.json"


@cache
def data() -> dict[str, Any]:
    """Return what each browser has had since when; without it a test skips on a person's machine, and fails in CI."""
    if not DATA.exists():
        message = "the Node.js package @mdn/browser-compat-data is not installed in .tools"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    found: dict[str, Any] = json.loads(DATA.read_text("utf-8"))
    return found


def is_newer(feature: dict[str, Any], browsers: dict[str, str]) -> bool:
    """Return whether any of the *browsers* lacks *feature*, an entry of the data."""
    support = feature["__compat"]["support"]
    return not all(_has(support.get(browser, []), version) for browser, version in browsers.items())


def _has(support: Any, version: str) -> bool:
    statements = support if isinstance(support, list) else [support]
    return any(_covers(one, _number(version)) for one in statements)


def _covers(statement: dict[str, Any], version: tuple[int, ...]) -> bool:
    added, removed = statement.get("version_added"), statement.get("version_removed")
    if not isinstance(added, str) or added == "preview" or {"flags", "prefix", "alternative_name"} & set(statement):
        return False
    return _number(added) <= version and not (isinstance(removed, str) and _number(removed) <= version)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.lstrip("≤").split("."))


def newer_members() -> Iterator[tuple[str, str]]:
    """Yield all that modules cannot rely on: an object and its member, "" for the object itself."""
    for owners in (data()["api"], data()["javascript"]["builtins"]):
        for owner, members in owners.items():
            if "__compat" in members and is_newer(members, RUNS_IN):
                yield owner, ""
            else:
                newer = (name for name, one in members.items() if "__compat" in one and is_newer(one, RUNS_IN))
                yield from ((owner, name.removesuffix("_static")) for name in newer if not name.endswith("_event"))
