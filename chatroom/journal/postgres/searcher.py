"""Full-text search: translates a query for PostgreSQL's index of words, and reads what it finds."""

from __future__ import annotations

import json

from chatroom.chat.ports import JournalError, Query, TookTooLong
from chatroom.chat.replies import Numbered

from .._tokens import phrase
from .connection import CANCELED, Connection
from .rows import ABOUT, COLUMNS, event_of, parameter, restored
from .words import question

SEARCH_TIMEOUT = "1s"
"""The time that a search may take, for ``statement_timeout``."""
_NEWEST = 10_000
"""
Of so many of the newest messages each is compared first: a common word is found at once.

The index of words alone would have to sort all the millions that have it.
"""
_MAX_NUMBER = 2**63 - 1

_ROOMS = "SELECT id, name FROM room WHERE name = ANY(%s::text[])"
_MATCHING = """
    words @@ %(words)s::tsquery AND at >= %(after)s AND at < %(before)s
    AND said.seq > coalesce((%(sealed)s::jsonb ->> said.room::text)::bigint, 0)
"""
_PAGE = f"""
    SELECT room.name, event.seq, {COLUMNS}
    FROM found JOIN room ON room.id = found.room
    JOIN event ON event.room = found.room AND event.seq = found.seq {ABOUT}
    ORDER BY found.at DESC, found.id DESC
"""
_AMONG_NEWEST = f"""
    WITH said AS MATERIALIZED (
        SELECT * FROM said WHERE at < %(before)s ORDER BY at DESC, id DESC LIMIT {_NEWEST}
    ),
    found AS MATERIALIZED (
        SELECT * FROM said WHERE {_MATCHING} ORDER BY at DESC, id DESC LIMIT %(limit)s::bigint OFFSET %(skip)s::bigint
    )
    {_PAGE}
"""
_AMONG_ALL = f"""
    WITH matching AS MATERIALIZED (SELECT room, seq, at, id FROM said WHERE {_MATCHING}),
    found AS MATERIALIZED (
        SELECT * FROM matching ORDER BY at DESC, id DESC LIMIT %(limit)s::bigint OFFSET %(skip)s::bigint
    )
    {_PAGE}
"""


class Searcher:
    """Searches on its own *connection*, whose ``statement_timeout`` is `SEARCH_TIMEOUT`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def search(self, query: Query) -> tuple[list[Numbered], bool]:
        """
        Find what was said, newest first, as far as it is indexed.

        :returns: what was found, and whether all old history was indexed.
        :raises TookTooLong: if that takes longer than `SEARCH_TIMEOUT`.
        """
        try:
            # Asked first: what is indexed during the search may be missing from its result.
            [(low,)] = self._connection.read("SELECT low FROM indexed")
            return self._search(query), low == 0
        except JournalError as error:
            if getattr(error.__cause__, "sqlstate", None) == CANCELED:
                raise TookTooLong("the search took too long") from error
            raise

    def _search(self, query: Query) -> list[Numbered]:
        rooms = self._connection.read(_ROOMS, ([parameter(name) for name in query.rooms],))
        phrases = [phrase(term) for term in query.terms]
        limit = max(query.limit, 0)
        if not (rooms or query.party) or not limit or not all(wanted.tokens for wanted in phrases):
            return []
        sealed = {str(number): query.sealed[name] for number, name in rooms if restored(name) in query.sealed}
        values = {
            "words": question(phrases, query.nick, [number for number, _ in rooms], query.party),
            "after": _bound(query.after, float("-inf")),
            "before": _bound(query.before, float("inf")),
            "sealed": json.dumps(sealed),
            "limit": min(limit, _MAX_NUMBER),
            "skip": max(min(query.skip, _MAX_NUMBER), 0),
        }
        found = self._connection.read(_AMONG_NEWEST, values)
        if len(found) < limit:
            found = self._connection.read(_AMONG_ALL, values)
        return [(seq, event_of(restored(room), row)) for room, seq, *row in found]


def _bound(at: float | None, without: float) -> float:
    return without if at is None or at != at else at  # no event has a time that is not a number
