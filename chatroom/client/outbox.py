"""The outbox: lines that were typed and not answered yet, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .wire import encode


@dataclass(frozen=True, slots=True)
class Line:
    """One request, with the ``ref`` of its answer; *values* are the object without it."""

    ref: str
    values: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The line as it was typed; empty if this request was not typed."""
        return str(self.values["text"]) if self.values["type"] == "line" else ""

    def object(self) -> dict[str, Any]:
        """Build the object to send."""
        return {**self.values, "ref": self.ref}


class Outbox:
    """
    The unanswered lines.

    Exactly-once delivery: every typed line appears once, even if the connection is lost.  A line stays here
    until its ``ref`` comes back.  A resumed session first gets its own events that it missed, with their
    refs, and then ``live``; only lines that are still here by then are sent again.
    """

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._count = 0

    def put(self, text: str, room: str, *, typed: bool = True) -> Line:
        """Keep the line *text*, for *room* ("": for none), which a person *typed*, or a program wrote."""
        return self.ask({"type": "line", "text": text, **_in(room), **({} if typed else {"typed": False})})

    def say(self, text: str, room: str) -> Line:
        """Keep the block *text*, of any number of lines, to say in *room*."""
        return self.ask({"type": "say", "text": text, **_in(room)})

    def ask(self, values: Mapping[str, Any]) -> Line:
        """Keep a command."""
        self._count += 1
        line = Line(f"c{self._count}", values)
        self._lines[line.ref] = line
        return line

    def answered(self, ref: str | None) -> Line | None:
        """Remove the line with this *ref*; return it, if there was one."""
        return self._lines.pop(ref or "", None)

    def longest(self) -> str | None:
        """Return the ref of the line that is the longest on the wire; None if there is none."""
        return max(self._lines, key=lambda ref: len(encode(self._lines[ref].values)), default=None)

    def __contains__(self, line: object) -> bool:
        return isinstance(line, Line) and line.ref in self._lines

    def __iter__(self) -> Iterator[Line]:
        return iter(list(self._lines.values()))

    def __len__(self) -> int:
        return len(self._lines)


def _in(room: str) -> dict[str, str]:
    return {"room": room} if room else {}
