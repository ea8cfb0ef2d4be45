"""The reader: events and records, read by SQL; a read waits for a database that restarts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from chatroom.chat.events import Batch
from chatroom.chat.ports import MOST_UNREAD, READING, AccountRecords, RoomRecord, StandingRecord, Waiting

from .connection import Connection
from .rows import ABOUT, COLUMNS, TALKING, batch_of, parameter, restored

_MAX_NUMBER = 2**63 - 1
"""The largest number that PostgreSQL stores."""
_MAX_PAGE_TEXT = 65_536
"""Characters after which a page ends early."""
SLICE = 500
"""Records read at a time."""

_SIZE = """
    length(event.text) + coalesce(length(event.marks::text), 0)
    + CASE WHEN event.type = 'edited' THEN coalesce(length(about.text), 0) ELSE 0 END
"""


def _page(comparison: str, direction: str) -> str:
    """Write the query for a page: up to so many events, fewer if they are long, oldest first."""
    return f"""
        SELECT * FROM (
            SELECT event.seq, {COLUMNS},
                sum({_SIZE}) OVER (ORDER BY event.seq {direction} ROWS UNBOUNDED PRECEDING) - ({_SIZE}) AS before
            FROM (
                SELECT * FROM event
                WHERE room = (SELECT id FROM room WHERE name = %s) AND seq {comparison} %s::bigint
                ORDER BY seq {direction} LIMIT %s::bigint
            ) AS event {ABOUT}
        ) AS page WHERE before < {_MAX_PAGE_TEXT} ORDER BY seq
    """


_FORWARD, _BACKWARD = _page(">", "ASC"), _page("<", "DESC")
_ROOM = "SELECT (SELECT max(seq) FROM event WHERE event.room = room.id), topic FROM room WHERE name = %s"
_CONVERSATIONS = """
    SELECT name FROM party JOIN room ON room.id = party.room
    WHERE identity = %s AND EXISTS (SELECT 1 FROM event WHERE event.room = room.id)
    ORDER BY room.id DESC LIMIT %s::bigint
"""
_LATEST = """
    SELECT asked.identity, latest.name
    FROM unnest(%s::text[]) AS asked (identity), LATERAL (
        SELECT room.id, name FROM party JOIN room ON room.id = party.room
        WHERE party.identity = asked.identity AND EXISTS (SELECT 1 FROM event WHERE event.room = room.id)
        ORDER BY room.id DESC LIMIT %s::bigint
    ) AS latest
    ORDER BY latest.id DESC
"""
_NAMES = """
    SELECT name FROM room
    WHERE id > coalesce((SELECT id FROM room WHERE name = %s), 0)
    AND name NOT LIKE '&%%' AND EXISTS (SELECT 1 FROM event WHERE event.room = room.id)
    ORDER BY id LIMIT %s::bigint
"""
_ROOMS = "SELECT name FROM room WHERE EXISTS (SELECT 1 FROM event WHERE event.room = room.id) ORDER BY id"
_RECORDS = """
    SELECT scope, kind, key, value FROM record
    WHERE scope = %s AND (kind, key) > (%s, %s) ORDER BY kind, key LIMIT %s::bigint
"""
_FIND = "SELECT scope, kind, key, value FROM record WHERE kind = %s AND key = %s ORDER BY scope LIMIT %s::bigint"
_POSITIONS = """
    SELECT * FROM (
        SELECT room, seq, member FROM reading WHERE account = %s ORDER BY member DESC, room LIMIT %s::bigint
    ) AS preferred ORDER BY room
"""
_WAITING = f"""
    SELECT wanted.name,
        (SELECT count(*) FROM (
            SELECT 1 FROM event
            WHERE event.room = room.id AND event.seq > wanted.seq AND type IN ({TALKING}) AND text <> ''
            LIMIT {MOST_UNREAD}
        ) AS unread),
        (SELECT count(*) FROM mention
            WHERE mention.account = %s AND mention.room = wanted.name AND mention.seq > wanted.seq)
    FROM unnest(%s::text[], %s::bigint[]) AS wanted (name, seq) LEFT JOIN room ON room.name = wanted.name
"""


class Reader:
    """
    Reads a journal, on one thread and one connection.

    An error is a `JournalError`; anything else is a bug.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def room(self, name: str) -> RoomRecord:
        """Look up *name*."""
        rows = self._connection.read(_ROOM, (parameter(name),))
        return RoomRecord(rows[0][0] or 0, restored(rows[0][1])) if rows else RoomRecord(0, "")

    def after(self, room: str, seq: int, limit: int) -> Batch:
        """Read forward; a ``first`` beyond ``seq + 1`` shows that older events have been removed."""
        return self._batch(_FORWARD, room, seq, limit, seq + 1)

    def before(self, room: str, seq: int | None, limit: int) -> Batch:
        """Read backward from just below *seq*, or from the end."""
        return self._batch(_BACKWARD, room, _MAX_NUMBER if seq is None else seq, limit, 1 if seq is None else seq)

    def _batch(self, page: str, room: str, seq: int, limit: int, empty: int) -> Batch:
        # A seq may come from a stranger, and a larger one than this would not fit in a column.
        bound = max(min(seq, _MAX_NUMBER), -_MAX_NUMBER)
        rows = self._connection.read(page, (parameter(room), bound, max(limit, 0)))
        return batch_of(room, [row[:-1] for row in rows], empty)

    def conversations(self, identity: str, limit: int) -> list[str]:
        """List the *limit* newest conversations of *identity*, the newest first."""
        return self._texts(_CONVERSATIONS, parameter(identity), limit)

    def latest_conversations(self, identities: Collection[str], limit: int) -> dict[str, list[str]]:
        """List the *limit* newest conversations of each of *identities* that has any, the newest first."""
        found: dict[str, list[str]] = {}
        asked = [parameter(identity) for identity in identities]
        for identity, name in self._connection.read(_LATEST, (asked, limit)):
            found.setdefault(restored(identity), []).append(restored(name))
        return found

    def names(self, after: str, limit: int) -> list[str]:
        """List the *limit* oldest rooms created after *after*, including conversations but not the audit log."""
        return self._texts(_NAMES, parameter(after), limit)

    def rooms(self) -> list[str]:
        """List everything that has a history: rooms, conversations, the audit log."""
        return self._texts(_ROOMS)

    def _texts(self, question: str, *values: object) -> list[str]:
        return [restored(text) for (text,) in self._connection.read(question, values)]

    def records(self, scope: str) -> list[StandingRecord]:
        """Read all records of *scope*."""
        found: list[StandingRecord] = []
        while page := self.some_records(scope, found[-1] if found else None):
            found += page
        return found

    def some_records(self, scope: str, after: StandingRecord | None) -> list[StandingRecord]:
        """Read the `SLICE` records of *scope* at most that come *after* one."""
        kind, key = ("", "") if after is None else (after.kind, after.key)
        return self._records(_RECORDS, parameter(scope), parameter(kind), parameter(key), SLICE)

    def find(self, kind: str, key: str, limit: int) -> list[StandingRecord]:
        """Read *limit* records of this *kind* and *key* in any scope."""
        if kind != READING:
            return self._records(_FIND, parameter(kind), parameter(key), limit)
        rows = self._connection.read(_POSITIONS, (parameter(key), limit))
        return [
            StandingRecord(restored(room), READING, key, {"seq": seq, "member": member}) for room, seq, member in rows
        ]

    def of_account(self, account: str, positions: int, conversations: int) -> AccountRecords:
        """Read so many positions and conversations of *account*, and its records of what is unread."""
        return AccountRecords(
            self.find(READING, account, positions),
            self.find("unread", account, 1000),
            self.conversations(account, conversations),
        )

    def _records(self, question: str, *values: object) -> list[StandingRecord]:
        return [
            StandingRecord(restored(scope), restored(kind), restored(key), json.loads(restored(value)))
            for scope, kind, key, value in self._connection.read(question, values)
        ]

    def waiting(self, account: str, after: Mapping[str, int]) -> dict[str, Waiting]:
        """Count what comes after these seqs, in all these rooms."""
        names = {parameter(room): room for room in after}
        seqs = [max(min(seq, _MAX_NUMBER), -_MAX_NUMBER) for seq in after.values()]
        rows = self._connection.read(_WAITING, (parameter(account), list(names), seqs))
        return {names[name]: Waiting(unread, mentions) for name, unread, mentions in rows}
