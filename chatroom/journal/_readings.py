"""Reading positions and mentions: stored and counted by SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

from chatroom.chat.events import TALK, Batch
from chatroom.chat.ports import MENTION, MOST_UNREAD, READING, StandingRecord, Waiting

from ._records import Row

_SCANNED = 1000
"""Events that are not in the search index yet and are looked at in a room: the index is some seconds behind."""

Place = tuple[str, str]
"""An account and a room."""

_TALK = ", ".join(f"'{kind.type}'" for kind in TALK)
POSITIONS = """
    SELECT json_group_array(json_array(room, seq, member)) FROM (
        SELECT room, seq, member FROM reading WHERE account = ?1 ORDER BY member DESC, room LIMIT ?2
    )
"""
"""Selects positions of an account, up to a limit, in one row: see `positions`."""
_UNINDEXED = f"""
    (SELECT count(*) FROM (
        SELECT type, text FROM event WHERE event.room = room.id AND {{}} ORDER BY seq LIMIT {_SCANNED}
    ) WHERE type IN ({_TALK}) AND text <> '')
"""
_WAITING = f"""
    SELECT json_group_array(json_array(
        one.key,
        (SELECT count(*) FROM (
            SELECT 1 FROM said WHERE said.room = room.id AND said.seq > one.value LIMIT {MOST_UNREAD}
        ))
        + {_UNINDEXED.format("seq > max(one.value, coalesce(indexed.last, 0))")}
        + {_UNINDEXED.format("seq > one.value AND seq < indexed.first")},
        (SELECT count(*) FROM mention
            WHERE mention.account = ?1 AND mention.room = one.key AND mention.seq > one.value)
    ))
    FROM json_each(?2) AS one
    LEFT JOIN room ON room.name = one.key
    LEFT JOIN indexed ON indexed.room = room.id
"""
# What is indexed is counted in an index that has only what people said: nobody waits while a million who came
# and went are passed over.


class _Position(NamedTuple):
    """What the changes of one commit make of a position: *seq* at least; *start* is for a new row."""

    seq: int
    member: bool | None
    start: int


def checksum(account: str, room: str) -> int:
    """Checksum of the place of a position; the one that is stored has the position subtracted."""
    return crc32(f"{account} {room}".encode())


class Changes(NamedTuple):
    """
    What the changes of one commit come to, to be carried out in this order.

    *wiped*: accounts of which nothing is left.  *gone*: positions that are deleted.  *kept*: positions.
    *mentioned*: accounts, rooms and seqs.
    """

    wiped: list[str]
    gone: list[Place]
    kept: dict[Place, _Position]
    mentioned: list[tuple[str, str, int]]


def merged(rows: Sequence[Row], batches: Sequence[Batch]) -> Changes:
    """Work out what *rows* change, which were appended with events of *batches*: positions come before mentions."""
    seqs = {id(event): seq for batch in batches for seq, event in batch}
    wiped: dict[str, None] = {}
    gone: dict[Place, None] = {}
    kept: dict[Place, _Position] = {}
    mentioned: dict[tuple[str, str, int], None] = {}
    for scope, kind, account, value, event in rows:
        place = account, scope
        if kind == MENTION:
            mentioned[account, scope, seqs[id(event)]] = None
        elif not scope:
            wiped[account] = None
            kept = {other: position for other, position in kept.items() if other[0] != account}
        elif value is None:
            gone[place] = None
            kept.pop(place, None)
        else:
            kept[place] = _after(kept.get(place), json.loads(value), 0 if event is None else seqs[id(event)] - 1)
    return Changes(list(wiped), list(gone), kept, list(mentioned))


def write(connection: sqlite3.Connection, rows: Sequence[Row], batches: Sequence[Batch]) -> None:
    """Store *rows*, first positions and then mentions, after *batches*; within a transaction."""
    wiped, gone, kept, mentioned = merged(rows, batches)
    positions = [[*place, checksum(*place), *position] for place, position in kept.items()]
    values = [json.dumps(each) for each in (wiped, gone, positions, mentioned)]
    connection.execute("INSERT INTO marking VALUES (?, ?, ?, ?)", values)


def _after(before: _Position | None, value: Mapping[str, int], event: int) -> _Position:
    """Add the next *value* of a position to what was to be stored; *event* is the seq of the event with it."""
    seq = value.get("seq")
    member = bool(value["member"]) if "member" in value else None
    if before is None:
        return _Position(seq or 0, member, event if seq is None else seq)
    return _Position(
        max(before.seq, seq or 0), before.member if member is None else member, max(before.start, seq or 0)
    )


def find(connection: sqlite3.Connection, account: str, limit: int) -> list[StandingRecord]:
    """Read up to *limit* positions of *account*, rather those of its rooms than of conversations."""
    [found] = connection.execute(POSITIONS, (account, limit)).fetchone()
    return positions(account, found)


def positions(account: str, found: str) -> list[StandingRecord]:
    """Make records of the positions of *account* in *found*, a row of `POSITIONS`."""
    rows = sorted(json.loads(found))
    return [StandingRecord(room, READING, account, {"seq": seq, "member": bool(member)}) for room, seq, member in rows]


def waiting(connection: sqlite3.Connection, account: str, after: Mapping[str, int]) -> dict[str, Waiting]:
    """Count what comes after these seqs, in all these rooms."""
    [found] = connection.execute(_WAITING, (account, json.dumps(after))).fetchone()
    return {room: Waiting(min(unread, MOST_UNREAD), mentions) for room, unread, mentions in json.loads(found)}
