"""Equivalent mutants: changes that make no difference to anybody, listed in ``equivalent.toml`` with the reason."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

LIST = Path(__file__).with_name("equivalent.toml")


class Equivalent(NamedTuple):
    """
    One entry of the list.

    :param file: the file, from the package's folder.
    :param before: the lines that are changed, without indentation.
    :param after: what they are changed to.
    """

    file: str
    before: str
    after: str
    reason: str


def equivalents() -> list[Equivalent]:
    """Read the list."""
    entries = tomllib.loads(LIST.read_text("utf-8")).get("mutant", [])
    return [Equivalent(**{name: text.strip() for name, text in entry.items()}) for entry in entries]
