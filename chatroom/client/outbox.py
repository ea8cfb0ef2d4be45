"""What was typed and has not been answered yet: kept, in order, until the server says what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MOVES = re.compile("/(join|leave)\\b", re.IGNORECASE)
"""Commands after which one is in another room; which, the server knows first."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was typed in *room* (empty: wherever one is by then), with the mark of its answer."""

    ref: str
    text: str
    room: str

    def object(self) -> dict[str, Any]:
        """Build what goes over the wire."""
        room = {"room": self.room} if self.room else {}
        return {"type": "line", "text": self.text, **room, "ref": self.ref}


class Outbox:
    """
    The unanswered lines.

    Every line that was typed appears exactly once, through any loss of the connection: it stays here
    until its ``ref`` comes back; a resumed session is shown its own events of the time before, with
    their refs, and then ``live``; only what is still here by then is sent again.
    """

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._count = 0

    def put(self, text: str, room: str) -> Line:
        """Keep *text*, which was typed in *room*, or where a line before it is about to lead."""
        self._count += 1
        moving = any(_MOVES.match(line.text) for line in self._lines.values())
        line = Line(f"c{self._count}", text, "" if moving else room)
        self._lines[line.ref] = line
        return line

    def answered(self, ref: str | None) -> bool:
        """Let the line marked *ref* go; return whether there was one."""
        return self._lines.pop(ref or "", None) is not None

    def __iter__(self) -> Iterator[Line]:
        return iter(list(self._lines.values()))

    def __len__(self) -> int:
        return len(self._lines)
