"""What every answer has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to one person."""

    type: ClassVar[str]
