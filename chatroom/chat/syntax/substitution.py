"""Substitutions: ``s/old/new/``, typed to correct what one has just said, as sed and IRC users write it."""

from __future__ import annotations

import re
from typing import NamedTuple

_PART = r"((?:[^/\\\n]|\\.)"
_SUBSTITUTION = re.compile(rf"s/{_PART}+)/{_PART}*)/(g?)")
_SLASH = re.compile(r"\\([/\\])")


class Substitution(NamedTuple):
    """Replaces *old*, as it is written, by *new*: where it comes first, or *everywhere*."""

    old: str
    new: str
    everywhere: bool

    def apply(self, text: str) -> str | None:
        """Return *text* with its correction, or None if the old words are not in it."""
        return text.replace(self.old, self.new, -1 if self.everywhere else 1) if self.old in text else None


def parse(text: str) -> Substitution | None:
    r"""Read ``s/old/new/`` or ``s/old/new/g``, where ``\/`` is a slash; None if *text* is nothing of the kind."""
    found = _SUBSTITUTION.fullmatch(text)
    if found is None:
        return None
    return Substitution(_SLASH.sub(r"\1", found[1]), _SLASH.sub(r"\1", found[2]), bool(found[3]))
