"""The base class of replies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to one person."""

    type: ClassVar[str]
