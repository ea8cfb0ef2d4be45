"""Reading positions and mentions in memory."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chatroom.chat.events import Batch
from chatroom.chat.ports import MENTION, MOST_MENTIONS, READING, StandingRecord

from ._records import Row


@dataclass(slots=True)
class _Position:
    seq: int
    member: bool = False
    mentions: list[int] = field(default_factory=list)
    """The seqs of the events beyond it that mention the account, in order."""


class MemoryReadings:
    """
    The positions of all accounts.

    :param first: returns the seq of the oldest event of a room; mentions before it count as removed.
    """

    def __init__(self, first: Callable[[str], int]) -> None:
        self._first = first
        self._accounts: dict[str, dict[str, _Position]] = {}

    def write(self, rows: Sequence[Row], batches: Sequence[Batch]) -> None:
        """Store *rows*, first positions and then mentions, after *batches*."""
        seqs = {id(event): seq for batch in batches for seq, event in batch}
        for row in rows:
            if row.kind == READING:
                self._change(row, 0 if row.event is None else seqs[id(row.event)] - 1)
        for row in rows:
            if row.kind == MENTION:
                self._mention(row.key, row.scope, seqs[id(row.event)])

    def _change(self, row: Row, event: int) -> None:
        if row.value is None:
            positions = self._accounts.get(row.key, {})
            positions.pop(row.scope, None)
            if not row.scope or not positions:
                self._accounts.pop(row.key, None)
            return
        value = json.loads(row.value)
        position = self._accounts.setdefault(row.key, {}).setdefault(row.scope, _Position(value.get("seq", event)))
        position.member = value.get("member", position.member)
        position.seq = max(position.seq, value.get("seq", 0))
        del position.mentions[: bisect_right(position.mentions, position.seq)]

    def _mention(self, account: str, room: str, seq: int) -> None:
        position = self._accounts.get(account, {}).get(room)
        if position is None or seq <= position.seq:
            return
        del position.mentions[: bisect_right(position.mentions, self._first(room) - 1)]
        if len(position.mentions) < MOST_MENTIONS and seq not in position.mentions[-1:]:
            position.mentions.append(seq)

    def find(self, account: str, limit: int) -> list[StandingRecord]:
        """Read up to *limit* positions of *account*, rather those of its rooms than of conversations."""
        found = sorted(self._accounts.get(account, {}).items(), key=lambda item: (not item[1].member, item[0]))[:limit]
        return [
            StandingRecord(room, READING, account, {"seq": position.seq, "member": position.member})
            for room, position in sorted(found, key=lambda item: item[0])
        ]

    def mentions(self, account: str, room: str, after: int) -> int:
        """Count the mentions of *account* in *room* after the seq *after*."""
        position = self._accounts.get(account, {}).get(room)
        if position is None:
            return 0
        return len(position.mentions) - bisect_right(position.mentions, max(after, self._first(room) - 1))
