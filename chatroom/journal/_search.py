"""Searching: what a query is in the words of FTS5, and reading what it finds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence

from chatroom.chat.ports import JournalError, Query, TookTooLong
from chatroom.chat.records import from_record
from chatroom.chat.replies import Numbered

from ._database import DATABASE_ERRORS, explain
from ._ids import APART, identifier

WITHIN = 1.0
"""Seconds that a search may take: a common word in millions of messages takes a few milliseconds."""
_STEPS = 2_000
"""Steps of SQLite's machine between two looks at the time, 5 ms mostly: each look needs the interpreter lock."""
_FEW = 32
"""Conversations that FTS5 is told one by one, some 0.1 ms each; of more, it is told what they have in common."""
_LEAST, _MOST = -(2**62), 2**63 - 1
_MARGIN = 1_000_000 * APART
"""How far an id may be from its time, a second: what is within is looked at one by one."""
_ROOMS = "SELECT json_group_array(json_array(id, name)) FROM room WHERE name IN (SELECT value FROM json_each(?))"
_FOUND = """
    SELECT json_group_array(
        json_array(name, seq, type, printf('%!.17g', at), "by", nick, text, target, ref)
    ) FROM (
        SELECT room.name, event.* FROM words
        CROSS JOIN said ON said.id = words.rowid
        CROSS JOIN event ON event.room = said.room AND event.seq = said.seq
        CROSS JOIN room ON room.id = said.room
        WHERE words MATCH ? AND words.rowid BETWEEN ? AND ? AND event.at >= ? AND event.at < ?
        AND (? = '{}' OR event.seq > ifnull((SELECT value FROM json_each(?) WHERE key = said.room), 0))
        AND (
            said.room IN (SELECT value FROM json_each(?))
            OR EXISTS (SELECT 1 FROM party WHERE party.identity = ? AND party.room = said.room)
        )
        ORDER BY words.rowid DESC LIMIT ? OFFSET ?
    )
"""
# FTS5 hands out the newest ids first, so a page is complete as soon as it is full.  The joins are
# CROSS so that the planner cannot turn them round; the rooms are looked at once more, because
# what conversations have in common they share with others.


class Searcher:
    """
    Searches on a *connection* of its own, and gives up on what takes too long.

    :param timer: seconds, from whenever, that never step back.
    """

    def __init__(self, connection: sqlite3.Connection, timer: Callable[[], float]) -> None:
        self._connection = connection
        self._timer = timer
        self._due = 0.0
        self._late = False
        connection.set_progress_handler(self._check, _STEPS)

    def search(self, query: Query) -> list[Numbered]:
        """
        Find what was said, the newest first, as far as it is indexed.

        :raises TookTooLong: if that takes longer than `WITHIN`.
        """
        self._due, self._late = self._timer() + WITHIN, False
        try:
            return search(self._connection, query)
        except DATABASE_ERRORS as error:
            # In whatever words FTS5 passes on that it was interrupted.
            raise TookTooLong("the search took too long") if self._late else JournalError(explain(error)) from error

    def _check(self) -> bool:
        """Tell SQLite whether to stop."""
        self._late = self._late or self._timer() > self._due
        return self._late


def search(connection: sqlite3.Connection, query: Query) -> list[Numbered]:
    """Find what was said, the newest first."""
    rooms = json.loads(connection.execute(_ROOMS, (json.dumps(query.rooms),)).fetchone()[0])
    speaker = ""
    if query.nick:
        row = connection.execute("SELECT id FROM speaker WHERE key = ?", (_storable(query.nick),)).fetchone()
        speaker = f"n{row[0]}" if row else ""
    if not (rooms or query.party) or (query.nick and not speaker):
        return []
    party = _storable(query.party)
    after, before = _bound(query.after, float("-inf")), _bound(query.before, float("inf"))
    sealed = json.dumps({number: query.sealed[name] for number, name in rooms if name in query.sealed})
    values = (
        _expression(query.terms, speaker, _tokens(rooms, party)),
        _LEAST if query.after is None else identifier(after) - _MARGIN,
        _MOST if query.before is None else identifier(before) + _MARGIN,
        after,
        before,
        sealed,
        sealed,
        json.dumps([number for number, _ in rooms]),
        party,
        max(query.limit, 0),
        max(min(query.skip, _MOST), 0),
    )
    found = json.loads(connection.execute(_FOUND, values).fetchone()[0])
    return [(seq, from_record(room, (kind, float(at), *rest))) for room, seq, kind, at, *rest in found]


def phrase(words: Iterable[str]) -> str:
    """
    Quote *words* so that FTS5 looks for them one after another, whatever they are.

    Within double quotes nothing is an operator but a double quote, which is doubled, and the zero
    byte, which ends the whole expression.  Without a single letter or digit it matches nothing.
    """
    text = " ".join(words).replace("\0", " ").replace('"', '""')
    return f'"{_storable(text)}"'


def _storable(text: str) -> str:
    """Replace what UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _bound(at: float | None, without: float) -> float:
    return without if at is None or at != at else at  # no event has a time that is not a number


def _expression(terms: Iterable[Sequence[str]], speaker: str, rooms: Iterable[str]) -> str:
    """Say in FTS5's words: all of *terms*, said by *speaker* if that is one, in one of *rooms*."""
    wanted = [f"{{text}} : {term}" for term in dict.fromkeys(phrase(words) for words in terms)]
    if speaker:
        wanted.append(f"{{nick}} : {speaker}")
    wanted.append(f"{{room}} : ({' OR '.join(rooms)})")
    return " AND ".join(wanted)


def _tokens(rooms: Sequence[tuple[int, str]], party: str) -> set[str]:
    """
    Return the tokens of the column ``room`` that find all of *rooms* and the conversations of *party*.

    Somebody may have thousands of conversations, but is a party of each.
    """
    talks = [(number, set(name[1:].split(":", 1))) for number, name in rooms if name.startswith("@")]
    talks = [(number, parties) for number, parties in talks if party not in parties]
    tokens = {f"r{number}" for number, name in rooms if not name.startswith("@")}
    if party:
        tokens.add(_token(party))
    if len(talks) > _FEW:
        shared = set.intersection(*(parties for _, parties in talks))
        if shared:
            return tokens | {_token(min(shared))}
    return tokens | {f"r{number}" for number, _ in talks}


def _token(party: str) -> str:
    return "p" + party.encode().hex()
