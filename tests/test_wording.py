"""The wording: phrases and names that were replaced by plainer ones don't come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHATROOM = ROOT / "chatroom"

REPLACED = {
    "That was it.": "End of history. / No more results.",
    "That nick and that password do not go together": "Wrong nick or password.",
    "These were two different passwords": "The passwords don't match; nothing was sent.",
    "These are two different passwords": "The passwords don't match.",
    "is banned from this server no longer": "is no longer banned from this server.",
    "The server does not shut down after all": "Shutdown cancelled.",
    "(put out by": "one line: alice kicked bob",
    "ann is anna now": "ann is now known as anna",
    "You are logged in to the account": "Logged in as bob.",
    "/account is for somebody with an account": "You need an account for that; /register creates one.",
    "You are notified of nothing": "Notifications are off.",
    "all|mentions|none missing": "Notifications: mentions.",
    "through the line door, silent for": "via nc or telnet, active now",
    "keep out a NICK": "ban a nick",
    "let everyone say one line in SECONDS only": "slow mode: one line per person every SECONDS",
    "open only to who was invited": "invite-only",
    "hear nothing of someone": "hide someone's messages",
    "entries of the log of who ruled": "entries of the moderation log",
    "have the bell rung": "ring the bell",
    "What shall be searched for": "Search for what?",
    "Nothing ends it": "Leave empty to turn slow mode off.",
    "nothing means for good": "empty: forever",
    "Refused something at": "Refused a command (line): …",
    "The last run ended badly": "The last run ended without shutting down",
    "recorded as having left": "marked as disconnected",
    "There is now the account": "Created account boss (admin).",
    "who reads nothing is hung up on": "Disconnect a client that reads nothing for this many seconds",
    "who reads nothing at all of what is sent is hung up on": "Disconnect a client that reads nothing …",
    "cannot be made one no longer": "Only an admin can remove the last operator.",
    "Rule over whom": "Who can moderate whom",
    "Whoever a crash left inside": "After a crash, records a Left event for everyone who was still in a room.",
    "The other end has had enough": "The transport is full: stop delivering (backpressure)",
}
"""Phrases that were hard to read, and what to write instead."""

OLD_FILES = {
    "chat": (
        "nowhere someone errands turns moments live seating standing ruling administration guessing arrivals logins"
        " talks preferring searching seen times tokens past reader lookalikes countdown comfort talk table"
    ),
    "doors": "straight cutting keyboard crowd browsers refusing plaintext secure entrance deadlines pacing",
    "doors/web": "requests asking answers visitors site files upgrading",
    "dialects": "told personal clean pasted messages plain",
    "client": "distrust papers asking showing face dialling confidential blocks paint",
    "journal": "_chores _upkeep _asking _checking _matching _commits",
    "admin": "desk tables reading upkeep",
    "config": "folder lines reloading",
    "server": "announcing world",
    "web": "kept typed pieces words places people calling joining preferring searching early row rows",
}
"""Names that files of a folder no longer have: the standard terms are in ``docs/architecture.md``."""

OLD_CLASSES = {
    "chat": (
        "Nowhere Someone Errand Turns Live Seating Standing Listed Guessing _Wrongs _Fading Arrivals Talks Asked Times"
        " Past Reader Looks Change Record Keep Listener Promise World Pace Received Recorded Named Recalled Found"
        " Entered"
    ),
    "doors": "Cutter Keyboard Crowd Languages",
    "dialects": "Taste Asked",
    "journal": "Mood",
    "admin": "Desk",
}
"""The same for classes."""

OLD_NAMES = (
    "saw_own put_out take_apart take_up govern _attend_alone _be _proves _go_on _spend _pay_for _put_out"
    " ruler guessing _guessing lifted told"
)
"""Names that nothing in the package has any more, whether function, parameter, attribute or variable."""


def texts() -> list[Path]:
    """Find everything that people read: code, the page, the documents and the tests, but not this file."""
    code = [path for top in (CHATROOM, ROOT / "tests") for path in top.rglob("*")]
    found = [*code, *(ROOT / "docs").glob("*"), *ROOT.glob("*.md")]
    readable = {".py", ".js", ".ts", ".html", ".md", ".toml"}
    return sorted(path for path in found if path.suffix in readable and path != Path(__file__))


def flowing(text: str) -> str:
    """Return *text* on one line, without what breaks a sentence in code: comment signs, and quotes between parts."""
    text = re.sub(r"\n\s*(?:#|//|\*) ?", " ", text)
    text = re.sub(r"""["']\s*\n\s*[rf]?["']""", "", text)
    return re.sub(r"\s+", " ", text)


def modules(folder: Path, suffix: str) -> list[Path]:
    return sorted(path for path in folder.rglob(f"*{suffix}") if path.name != "__init__.py")


def identifiers(tree: ast.AST) -> Iterator[str]:
    """Find all names that *tree* uses or defines."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name


def test_replaced_phrases_are_not_used() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {phrase!r}, better: {better!r}"
        for path in texts()
        for text in [flowing(path.read_text("utf-8"))]
        for phrase, better in REPLACED.items()
        if phrase in text
    ]

    assert not found


@pytest.mark.parametrize("folder", OLD_FILES)
def test_files_have_their_standard_names(folder: str) -> None:
    suffix = ".js" if folder == "web" else ".py"
    old = set(OLD_FILES[folder].split())
    ours = {path.stem for path in modules(CHATROOM / folder, suffix)}
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / folder).glob("test_*.py")}

    assert not old & (ours | tests)


@pytest.mark.parametrize("folder", OLD_CLASSES)
def test_classes_have_their_standard_names(folder: str) -> None:
    nodes = (
        node for path in modules(CHATROOM / folder, ".py") for node in ast.walk(ast.parse(path.read_text("utf-8")))
    )
    ours = {node.name for node in nodes if isinstance(node, ast.ClassDef)}

    assert not set(OLD_CLASSES[folder].split()) & ours


def test_old_names_are_not_used() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(CHATROOM, ".py")
        for name in set(OLD_NAMES.split()).intersection(identifiers(ast.parse(path.read_text("utf-8"))))
    }

    assert not found


def test_phrases_are_found_however_they_are_broken() -> None:
    assert "shut down after all" in flowing('raise X("The server does not shut "\n    "down after all")')
    assert "shut down after all" in flowing("# does not shut\n    # down after all")
    assert "shut down after all" in flowing(" * does not shut\n\t * down after all")
