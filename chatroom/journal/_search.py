"""Full-text search: translates a query for SQLite's FTS5, and reads what it finds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence

from chatroom.chat.ports import JournalError, Query, TookTooLong
from chatroom.chat.replies import Numbered

from ._database import DATABASE_ERRORS, explain
from ._ids import APART, identifier
from ._rows import about, from_row
from ._tokens import Phrase, phrase

SEARCH_TIMEOUT = 1.0
"""Seconds that a search may take: a common word in millions of messages takes a few milliseconds."""
_CHECK_INTERVAL = 2_000
"""Steps of SQLite's virtual machine between two checks of the time limit, usually 5 ms: each check needs the
interpreter lock."""
_MAX_LISTED = 32
"""Conversations that the query lists, at some 0.1 ms each; for more, it names the party that they share."""
_MIN_ID, _MAX_ID = -(2**62), 2**63 - 1
_MARGIN = 1_000_000 * APART
"""How far an id may be from its time, a second: events so close to a bound are compared by time."""
_ROOMS = "SELECT json_group_array(json_array(id, name)) FROM room WHERE name IN (SELECT value FROM json_each(?))"
_UNFINISHED = "SELECT EXISTS (SELECT 1 FROM indexed WHERE first > 1)"
_FOUND = f"""
    SELECT json_group_array(
        json_array(name, seq, type, printf('%!.17g', at), "by", nick, text, target, ref, json({about("found")}))
    ) FROM (
        SELECT room.name AS name, event.* FROM words
        CROSS JOIN said ON said.id = words.rowid
        CROSS JOIN event ON event.room = said.room AND event.seq = said.seq
        CROSS JOIN room ON room.id = said.room
        WHERE words MATCH ? AND words.rowid BETWEEN ? AND ? AND event.at >= ? AND event.at < ?
        AND (? = '{{}}' OR event.seq > ifnull((SELECT value FROM json_each(?) WHERE key = said.room), 0))
        AND (
            said.room IN (SELECT value FROM json_each(?))
            OR EXISTS (SELECT 1 FROM party WHERE party.identity = ? AND party.room = said.room)
        )
        ORDER BY words.rowid DESC LIMIT ? OFFSET ?
    ) AS found
"""
# FTS5 returns the newest ids first, so a page is complete as soon as it is full.  The joins are
# CROSS so that the planner cannot reorder them; the rooms are checked once more, because the party
# that the listed conversations share has others, too.


class Searcher:
    """
    Searches on its own *connection*, with a time limit.

    :param timer: measures time in seconds; monotonic.
    """

    def __init__(self, connection: sqlite3.Connection, timer: Callable[[], float]) -> None:
        self._connection = connection
        self._timer = timer
        self._due = 0.0
        self._expired = False
        connection.set_progress_handler(self._check, _CHECK_INTERVAL)

    def search(self, query: Query) -> tuple[list[Numbered], bool]:
        """
        Find what was said, newest first, as far as it is indexed.

        :returns: what was found, and whether all old history was indexed.
        :raises TookTooLong: if that takes longer than `SEARCH_TIMEOUT`.
        """
        self._due, self._expired = self._timer() + SEARCH_TIMEOUT, False
        try:
            # Asked first: what is indexed during the search may be missing from its result.
            [unfinished] = self._connection.execute(_UNFINISHED).fetchone()
            return search(self._connection, query), not unfinished
        except DATABASE_ERRORS as error:
            # FTS5 has various errors for having been interrupted.
            raise (
                TookTooLong("the search took too long") if self._expired else JournalError(explain(error))
            ) from error

    def _check(self) -> bool:
        """Return whether SQLite should stop."""
        self._expired = self._expired or self._timer() > self._due
        return self._expired


def search(connection: sqlite3.Connection, query: Query) -> list[Numbered]:
    """Find what was said, newest first."""
    rooms = json.loads(connection.execute(_ROOMS, (json.dumps(query.rooms),)).fetchone()[0])
    speaker = ""
    if query.nick:
        row = connection.execute("SELECT id FROM speaker WHERE key = ?", (_storable(query.nick),)).fetchone()
        speaker = f"n{row[0]}" if row else ""
    phrases = [phrase(term) for term in query.terms]
    if not (rooms or query.party) or (query.nick and not speaker) or not all(wanted.tokens for wanted in phrases):
        return []
    party = _storable(query.party)
    after, before = _bound(query.after, float("-inf")), _bound(query.before, float("inf"))
    sealed = json.dumps({number: query.sealed[name] for number, name in rooms if name in query.sealed})
    values = (
        _expression(phrases, speaker, _tokens(rooms, party)),
        _MIN_ID if query.after is None else identifier(after) - _MARGIN,
        _MAX_ID if query.before is None else identifier(before) + _MARGIN,
        after,
        before,
        sealed,
        sealed,
        json.dumps([number for number, _ in rooms]),
        party,
        max(query.limit, 0),
        max(min(query.skip, _MAX_ID), 0),
    )
    found = json.loads(connection.execute(_FOUND, values).fetchone()[0])
    return [(seq, from_row(room, (kind, float(at), *rest), beside)) for room, seq, kind, at, *rest, beside in found]


def _quoted(wanted: Phrase) -> str:
    """Write *wanted* for FTS5; tokens contain nothing that would have a meaning there."""
    return f'"{" ".join(wanted.tokens)}"{" *" if wanted.prefix else ""}'


def _storable(text: str) -> str:
    """Replace characters that UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _bound(at: float | None, without: float) -> float:
    return without if at is None or at != at else at  # no event has a time that is not a number


def _expression(phrases: Iterable[Phrase], speaker: str, rooms: Iterable[str]) -> str:
    """Write the FTS5 expression for all of *phrases*, said by *speaker* if there is one, in one of *rooms*."""
    wanted = [f"{{text}} : {_quoted(phrase)}" for phrase in dict.fromkeys(phrases)]
    if speaker:
        wanted.append(f"{{nick}} : {speaker}")
    wanted.append(f"{{room}} : ({' OR '.join(rooms)})")
    return " AND ".join(wanted)


def _tokens(rooms: Sequence[tuple[int, str]], party: str) -> set[str]:
    """
    Return the tokens of the column ``room`` that find all of *rooms* and the conversations of *party*.

    Somebody may have thousands of conversations, but is a party to each, and that is one token.
    """
    talks = [(number, set(name[1:].split(":", 1))) for number, name in rooms if name.startswith("@")]
    talks = [(number, parties) for number, parties in talks if party not in parties]
    tokens = {f"r{number}" for number, name in rooms if not name.startswith("@")}
    if party:
        tokens.add(_token(party))
    if len(talks) > _MAX_LISTED:
        shared = set.intersection(*(parties for _, parties in talks))
        if shared:
            return tokens | {_token(min(shared))}
    return tokens | {f"r{number}" for number, _ in talks}


def _token(party: str) -> str:
    return "p" + party.encode().hex()
