"""
Erasure: removes the former text of edited and deleted messages from the file, in slices, on the writer's thread.

A commit clears the text and overwrites its place with zeros (``secure_delete``).  What is left then are copies that
SQLite made while it moved rows between pages, and tokens in segments of the search index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from ._backups import Text, texts
from ._database import as_journal_errors
from ._ids import identifier

EDITS_WITHIN = 600.0
"""Seconds after which the former text of an edited message is erased; of a deleted one, at once."""
_AROUND = 96
"""Rows before and behind an event that are rewritten, in 1 ms: more than the pages beside its own hold."""
_AROUND_SAID = 300
"""The same for its entry in the index, whose rows are shorter."""
_PAGES = 8
"""Pages of the index that one step of merging writes, in about 1 ms."""
_STRUCTURE = 10
"""The row of an FTS5 table's data that lists its segments."""
_USERMERGE = 16
"""FTS5's ``usermerge`` while nothing is erased, as in the schema."""

_REACTIONS = 200
"""Reactions to a deleted message that are cleared in one step, in 1 ms."""
_CLEAR = """
    UPDATE event SET text = json_set(text, '$[0]', '') WHERE room = ?1 AND seq IN (
        SELECT seq FROM event WHERE room = ?1 AND re = ?2 AND type = 'reacted' AND json_extract(text, '$[0]') <> ''
        LIMIT ?3
    )
"""
_REWRITE = """
    CREATE TEMP TABLE IF NOT EXISTS moved_{table} AS SELECT * FROM {table} LIMIT 0;
    INSERT INTO temp.moved_{table} SELECT * FROM (
        SELECT * FROM {table} WHERE {key} < {place} ORDER BY {down} LIMIT {around}
    );
    INSERT INTO temp.moved_{table} SELECT * FROM (
        SELECT * FROM {table} WHERE {key} >= {place} ORDER BY {up} LIMIT {around}
    );
    DELETE FROM {table} WHERE {key} IN (SELECT {columns} FROM temp.moved_{table});
    INSERT INTO {table} SELECT * FROM temp.moved_{table} ORDER BY {up};
    DELETE FROM temp.moved_{table};
"""


class Debt(NamedTuple):
    """A message whose former text is still to be erased: its place in the journal, and its time."""

    number: int
    room: int
    seq: int
    deleted: bool
    at: float | None


class Eraser:
    """Pays debts, for one thread and on the writer's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._debts: list[Debt] = []
        self._merging = False
        """Whether a merge of the whole index has begun: only that drops the tokens of text that is gone."""
        self._begun = False

    def begin(self, now: float) -> int:
        """
        Look up what has to be erased by *now*.

        :returns: the number of the last debt that the next steps pay; 0: none is due.
        """
        with as_journal_errors():
            last, deleted, oldest = self._connection.execute(
                "SELECT coalesce(max(id), 0), coalesce(max(deleted), 0), coalesce(min(at), 0) FROM erasure"
            ).fetchone()
            if not last or (not deleted and now - EDITS_WITHIN < oldest <= now):
                return 0
            rows = self._connection.execute(
                "SELECT id, room, seq, deleted, event.at FROM erasure LEFT JOIN event USING (room, seq)"
            ).fetchall()
        self._debts = [Debt(*row) for row in rows]
        self._merging = bool(rows)
        self._begun = False
        return int(last)

    def texts(self) -> list[Text]:
        """Read the messages with debts, as they are now."""
        return texts(self._connection)

    def owing(self) -> bool:
        """Return whether any debt is left."""
        with as_journal_errors():
            return bool(self._connection.execute("SELECT EXISTS (SELECT 1 FROM erasure)").fetchone()[0])

    def step(self) -> int | None:
        """
        Do a little of the work.

        :returns: 1; None if there was nothing to do.
        """
        with as_journal_errors():
            if self._debts:
                if not self._clear_reactions(self._debts[-1]):
                    self._rewrite(self._debts.pop())
            elif not self._merging:
                return None
            elif not self._begun:
                # Otherwise a few new segments would end it early.
                self._configure(2)
                self._merge(-_PAGES)
                self._begun = True
            elif not self._is_merged():
                self._merge(_PAGES)
            else:
                self._configure(_USERMERGE)
                self._merging = False
        return 1

    def forget(self, last: int) -> None:
        """Strike the debts up to the number *last*, which are paid."""
        with as_journal_errors():
            self._connection.execute("DELETE FROM erasure WHERE id <= ?", (last,))

    def _clear_reactions(self, debt: Debt) -> int:
        """Clear some reactions to a deleted message, and return how many."""
        return self._connection.execute(_CLEAR, (debt.room, debt.seq, _REACTIONS)).rowcount if debt.deleted else 0

    def _rewrite(self, debt: Debt) -> None:
        """Move the rows around a message into new pages."""
        place = f"({debt.room:d}, {debt.seq:d})"
        script = _REWRITE.format(
            table="event",
            key="(room, seq)",
            place=place,
            columns="room, seq",
            down="room DESC, seq DESC",
            up="room, seq",
            around=_AROUND,
        )
        if debt.at is not None:
            script += _REWRITE.format(
                table="said",
                key="id",
                place=identifier(debt.at, debt.room),
                columns="id",
                down="id DESC",
                up="id",
                around=_AROUND_SAID,
            )
        try:
            self._connection.executescript(f"BEGIN IMMEDIATE; {script} COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _configure(self, usermerge: int) -> None:
        self._connection.execute("INSERT INTO words (words, rank) VALUES ('usermerge', ?)", (usermerge,))

    def _merge(self, pages: int) -> None:
        """Write some *pages* of a merge; a negative number begins one of all segments."""
        self._connection.execute("INSERT INTO words (words, rank) VALUES ('merge', ?)", (pages,))

    def _is_merged(self) -> bool:
        """
        Return whether the merge has ended.

        While it goes on, a level of the index has inputs of it.  Its result is the only segment of the highest level;
        those below are newer.
        """
        [block] = self._connection.execute("SELECT block FROM words_data WHERE id = ?", (_STRUCTURE,)).fetchone()
        numbers = _varints(block[4:])  # behind a cookie
        levels, _, _ = next(numbers), next(numbers), next(numbers)
        merging, top = 0, 0
        for _ in range(levels):
            inputs, segments = next(numbers), next(numbers)
            merging += inputs
            top = segments or top
            for _ in range(3 * segments):
                next(numbers)
        return not merging and top <= 1


def _varints(block: bytes) -> Iterator[int]:
    """Iterate over the variable-length integers of SQLite in *block*; these are all shorter than nine bytes."""
    number = 0
    for byte in block:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            yield number
            number = 0
