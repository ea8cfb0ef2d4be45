"""Documents: links and named files exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
MAPS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md"]
"""The documents with maps of the files."""

LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
FENCED_OR_CODE = re.compile(r"^```\w*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*(?:/|\.(?:c|cfg|css|h|html|js|md|py|service|sql|svg|toml|yml))")
"""A word that can only be the path of a folder or file of ours: others are absolute, or have no such ending."""

LEFT_OUT = {"build", "dist"}
PRESENT = [
    "/" + path.relative_to(ROOT).as_posix()
    for top in ROOT.iterdir()
    if top.name not in LEFT_OUT and (not top.name.startswith(".") or top.name in (".ci", ".github"))
    for path in [top, *top.rglob("*")]
]
"""All files and folders, from here."""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def links(document: Path) -> list[str]:
    """Return where *document* links to, other sites left out."""
    found = LINK.findall(FENCED.sub("", document.read_text("utf-8")))
    return [target for target in found if not re.match(r"\w+:", target)]


def anchors(document: Path) -> set[str]:
    """Return the anchors of the headings of *document*, as forges and the documentation site make them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", document.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def files(document: Path) -> set[str]:
    """Return the files and folders that *document* names in code and in drawings of the tree."""
    code = [fenced or inline for fenced, inline in FENCED_OR_CODE.findall(document.read_text("utf-8"))]
    words = {word.strip("(),:;[]'…") for text in code for word in text.split()}
    return {word for word in words if FILE.fullmatch(word)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_somewhere(document: Path) -> None:
    for link in links(document):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), f"{link}: there is no such file"
        assert not anchor or anchor in anchors(target), f"{link}: there is no such heading"


@pytest.mark.parametrize("document", MAPS, ids=named)
def test_files_that_are_named_exist(document: Path) -> None:
    missing = {name for name in files(document) if not any(path.endswith("/" + name.rstrip("/")) for path in PRESENT)}

    assert not missing


def test_links_and_files_are_recognized() -> None:
    assert {"docs/rules.md", "docs/operations.md#tls"} <= set(links(ROOT / "README.md"))
    assert {"twisted/plugins/", "chatroom/chat/", "tap.py"} <= files(ROOT / "docs" / "architecture.md")
    assert "limits" in anchors(ROOT / "docs" / "operations.md")


def test_every_page_is_in_the_contents_of_the_site() -> None:
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    contents = re.findall(r"^```\{toctree\}\n(?::[^\n]*\n)*\n(.*?)^```", index, re.MULTILINE | re.DOTALL)
    listed = {f"{name}.md" for block in contents for name in block.split()}

    assert listed == {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
