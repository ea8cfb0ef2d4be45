"""Each module of the house has a test file that is named after it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from chatroom import chat

WITHOUT_BEHAVIOUR = {
    "limits": "numbers only",
    "ports/journal": "protocols and records; tests/journal has the suite that every journal passes",
    "ports/outlet": "protocols only",
    "ports/passwords": "a protocol; tests/test_passwords.py is about what hashes",
    "ports/runtime": "protocols only",
    "replies/people": "records only",
    "replies/presence": "records only",
    "replies/reply": "records only",
    "replies/rooms": "records only",
}
"""The modules that have none, and why not."""

ROOT = Path(chat.__file__).parent
TESTS = Path(__file__).parent
MODULES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix() for path in ROOT.rglob("*.py") if path.name != "__init__.py"
)
NAMES = Counter(module.rpartition("/")[2] for module in MODULES)


def file_of(module: str) -> str:
    """Name the test file of *module*: its own name, after that of its folder where two modules share it."""
    folder, _, name = module.rpartition("/")
    return f"test_{name}.py" if NAMES[name] == 1 else f"test_{folder}_{name}.py"


def test_each_module_has_its_test_file():
    missing = [
        f"{module}: {file_of(module)}"
        for module in MODULES
        if module not in WITHOUT_BEHAVIOUR and not (TESTS / file_of(module)).exists()
    ]
    assert missing == []


def test_what_has_none_needs_none_and_still_is_there():
    assert set(WITHOUT_BEHAVIOUR) <= set(MODULES)
    assert [module for module in WITHOUT_BEHAVIOUR if (TESTS / file_of(module)).exists()] == []
