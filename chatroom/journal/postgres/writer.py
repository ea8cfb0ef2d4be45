"""The writer: commits events and records in one statement each, and gives each event its seq."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Event as Flag
from typing import Any

import psycopg
from psycopg import errors

from chatroom.chat.changes import CHANGES
from chatroom.chat.events import Batch, Event, Joined, Left, Renamed, TopicChanged
from chatroom.chat.ports import JournalError, Present, RecordChange

from .. import _readings
from .._presence import CRASHED, presence_changes
from .._records import Row, parted
from .._rows import to_row
from .._writer import SLICE, by_room
from .amendments import Place, Said, amendments, message
from .connection import DEPOSED, Connection, Deposed, Pauses, as_journal_errors, explain, is_final
from .rows import TALKING, as_json, parameter, restored

_KNOWN = 10_000
"""Rooms whose ids and last seqs are remembered."""
_STATE = (Joined, Left, Renamed, TopicChanged)

_APPEND = "SELECT append(%s, %s, %s, %s, %s)"
_ENTER = """
    WITH made AS (
        INSERT INTO room (name) SELECT * FROM unnest(%s::text[]) ON CONFLICT (name) DO NOTHING RETURNING id, name
    )
    INSERT INTO party
    SELECT DISTINCT identity, id FROM made, unnest(string_to_array(substr(name, 2), ':')) AS identity
    WHERE name LIKE '@%%' ON CONFLICT DO NOTHING
"""
_PLACES = """
    SELECT name, id, coalesce((SELECT max(seq) FROM event WHERE event.room = room.id), 0)
    FROM room WHERE name = ANY(%s::text[])
"""
_MESSAGES = f"""
    SELECT event.room, event.seq, nick, marks FROM event
    JOIN unnest(%s::integer[], %s::bigint[]) AS wanted (room, seq)
    ON event.room = wanted.room AND event.seq = wanted.seq WHERE type IN ({TALKING})
"""
_PRESENT = "SELECT name, identity, nick FROM presence JOIN room ON id = room ORDER BY room, identity"
_NOTED = """
    SELECT change.id, scope, kind, key, value::json FROM change LEFT JOIN record USING (scope, kind, key)
    ORDER BY change.id LIMIT %s
"""
_FORGET_NOTES = "DELETE FROM change WHERE id = ANY(%s::bigint[])"
_IS_DONE = "SELECT EXISTS (SELECT 1 FROM done WHERE epoch = %s AND n = %s)"
_SECRET = "INSERT INTO meta VALUES ('secret', %s) ON CONFLICT (key) DO NOTHING"


class Writer:
    """
    Writes a journal, on one thread and one connection.

    An error is a `JournalError`; anything else is a bug.

    :param fence: the epoch and the holder of the `Lease`; None: it writes beside a server that may be running, for
        which it notes what it changes.
    :param stopped: set when the journal closes: then a database that does not answer is not waited for any longer.
    :param grown: called with the number of new events.
    """

    def __init__(
        self,
        connection: Connection,
        fence: tuple[int, str] | None,
        stopped: Flag,
        grown: Callable[[int], object] = lambda count: None,
    ) -> None:
        self._connection = connection
        self._fence = fence
        self._stopped = stopped
        self._grown = grown
        self._number = 0
        """The number of the last commit of this epoch."""
        self._known: OrderedDict[str, tuple[int, int]] = OrderedDict()
        """The ids and last seqs of rooms, the least recently used first."""
        self._passed_on: list[int] = []
        """The notes that have been passed on: the next look removes them."""
        self.owing = True
        """Whether former texts of messages may still be in the tables."""

    def secret(self, fresh: bytes) -> bytes:
        """Return the secret of this journal; if it has none yet, *fresh* becomes it."""
        with as_journal_errors():
            self._connection.ask(_SECRET, (fresh.hex(),))
            [(secret,)] = self._connection.ask("SELECT value FROM meta WHERE key = 'secret'")
        return bytes.fromhex(secret)

    def begin(self) -> None:
        """Forget what earlier servers left: notes, for all records are still to be read, and numbers of commits."""
        assert self._fence is not None
        with as_journal_errors():
            self._connection.ask("DELETE FROM change")
            # The server before this one may still ask whether its last commit is done.
            self._connection.ask("DELETE FROM done WHERE epoch < %s", (self._fence[0] - 1,))

    def present(self) -> list[Present]:
        """Read who is in which room."""
        with as_journal_errors():
            inside = self._connection.ask(_PRESENT)
        return [Present(*map(restored, one)) for one in inside]

    def send_off(self, present: Sequence[Present], now: float) -> None:
        """After a crash, commit a `Left` event for everyone who is still *present*."""
        if present:
            self.commit([Left(room, now, by, nick, CRASHED) for room, by, nick in present])

    def commit(self, events: Sequence[Event], rows: Sequence[Row] = ()) -> list[Batch]:
        """
        Store *events* and *rows* in one statement; rooms in the order of their first event.

        While nobody knows whether that has been done, it is sent again under the same number, until the journal
        closes.

        :raises JournalError: if they could not be stored; then nothing was.
        :raises Deposed: if another server has taken over.
        """
        rooms = by_room(events)
        try:
            batches = self._store(rooms, events, rows)
        except BaseException:
            for name in rooms:
                self._known.pop(name, None)
            raise
        for batch in batches:
            self._know(batch.room, self._known[batch.room][0], batch.last)
        # Only now: before, it might be one of this commit.
        self._forget_oldest()
        self.owing = self.owing or any(isinstance(event, CHANGES) for event in events)
        self._grown(len(events))
        return batches

    def foreign_changes(self) -> list[RecordChange]:
        """
        Read the next records that another program has changed, as they are stored now.

        It runs on the thread that commits, so its place in the order of commits is known exactly.

        :returns: at most `SLICE` changes; none if there is nothing new.
        """
        try:
            with as_journal_errors():
                if self._passed_on:
                    self._connection.ask(_FORGET_NOTES, (self._passed_on,))
                    self._passed_on = []
                notes = self._connection.ask(_NOTED, (SLICE,))
        except JournalError:
            self._connection.close()
            raise
        self._passed_on = [note[0] for note in notes]
        changes = {
            (scope, kind, key): RecordChange(restored(scope), restored(kind), restored(key), value)
            for _, scope, kind, key, value in notes
        }
        return list(changes.values())

    def _store(self, rooms: Mapping[str, list[Event]], events: Sequence[Event], rows: Sequence[Row]) -> list[Batch]:
        """Send it until it is known to be stored, or known not to be."""
        self._number += 1
        pauses = Pauses(self._stopped)
        sent: tuple[list[Batch], str, str | None] | None = None
        unknown = collided = False
        while True:
            try:
                if sent is None:
                    sent = self._prepared(rooms, events, rows)
                self._append(*sent[1:])
                return sent[0]
            except errors.UniqueViolation as error:
                # Nothing has been stored: chatroom-admin has appended to one of the rooms.
                if collided:
                    raise JournalError(explain(error)) from error
                collided, sent, unknown = True, None, False
                for name in rooms:
                    self._known.pop(name, None)
            except psycopg.Error as error:
                if is_final(error):
                    if unknown and sent is not None and self._is_done(pauses):
                        return sent[0]
                    raise (Deposed if error.sqlstate == DEPOSED else JournalError)(explain(error)) from error
                unknown = unknown or sent is not None
                self._pause(error, pauses)

    def _pause(self, error: psycopg.Error, pauses: Pauses) -> None:
        self._connection.drop_if(error)
        if not pauses.wait():
            raise JournalError(explain(error)) from error

    def _is_done(self, pauses: Pauses) -> bool:
        """Find out whether an attempt whose answer was lost has stored the commit; if not, none ever will."""
        while True:
            try:
                # The number is used up by this, unless it was before.
                return not self._append("[]", None)
            except psycopg.Error as error:
                if error.sqlstate == DEPOSED:
                    # The takeover has waited for every attempt.
                    with as_journal_errors():
                        [(done,)] = self._connection.ask(_IS_DONE, (*self._fenced()[:1], self._number))
                    return bool(done)
                self._pause(error, pauses)

    def _append(self, events: str, more: str | None) -> bool:
        [(fresh,)] = self._connection.ask(_APPEND, (*self._fenced(), self._number, events, more))
        return bool(fresh)

    def _fenced(self) -> tuple[int | None, str | None]:
        return self._fence or (None, None)

    def _prepared(
        self, rooms: Mapping[str, list[Event]], events: Sequence[Event], rows: Sequence[Row]
    ) -> tuple[list[Batch], str, str | None]:
        """Give *events* their seqs; return them in batches, and what `append` of the schema is told."""
        if missing := [name for name in rooms if name not in self._known]:
            self._enter(missing)
        batches: list[Batch] = []
        values: list[list[Any]] = []
        for name, said in rooms.items():
            number, last = self._known[name]
            batches.append(Batch(name, last + 1, said))
            values += [[number, seq, *to_row(event)] for seq, event in enumerate(said, last + 1)]
        more = self._more(batches, events, rows)
        return batches, as_json(values), as_json(more) if more else None

    def _enter(self, names: Sequence[str]) -> None:
        """Look up rooms, and create those that are new; one without events is as good as none."""
        stored = [parameter(name) for name in names]
        places = self._connection.ask(_PLACES, (stored,))
        if len(places) < len(stored):
            self._connection.ask(_ENTER, (stored,))
            places = self._connection.ask(_PLACES, (stored,))
        for name, number, last in places:
            self._know(restored(name), number, last)

    def _know(self, name: str, number: int, last: int) -> None:
        self._known[name] = number, last
        self._known.move_to_end(name)

    def _forget_oldest(self) -> None:
        """Let go of the rooms beyond the limit that nothing has been stored in for longest."""
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)

    def _more(self, batches: Sequence[Batch], events: Sequence[Event], rows: Sequence[Row]) -> dict[str, Any]:
        """Return what the function ``change`` of the schema is told; nothing, if people only talk."""
        more: dict[str, Any] = {}
        if any(isinstance(event, _STATE) for event in events):
            number = {batch.room: self._known[batch.room][0] for batch in batches}
            renamed, left, joined = presence_changes(events)
            topics = {event.room: event.topic for event in events if isinstance(event, TopicChanged)}
            more |= {
                "renamed": [[number[room], by, nick] for (room, by), nick in renamed.items()],
                "left": [[number[room], by] for room, by in left],
                "joined": [[number[room], by, nick] for (room, by), nick in joined.items()],
                "topics": [[number[room], topic] for room, topic in topics.items()],
            }
        placed = ((self._known[batch.room][0], seq, event) for batch in batches for seq, event in batch)
        more |= amendments(list(placed), self._messages)
        standing, apart = parted(rows)
        if standing:
            last = {row[:3]: row.value for row in standing}
            more["kept"] = [[*place, value] for place, value in last.items() if value is not None]
            more["gone"] = [place for place, value in last.items() if value is None]
            if self._fence is None:
                more["noted"] = list(last)
        if apart:
            wiped, gone, kept, mentioned = _readings.merged(apart, batches)
            positions = [[*place, *position] for place, position in kept.items()]
            more |= {"wiped": wiped, "forgotten": gone, "positions": positions, "mentioned": mentioned}
        return {name: values for name, values in more.items() if values}

    def _messages(self, places: list[Place]) -> dict[Place, Said]:
        if not places:
            return {}
        rooms, seqs = zip(*places, strict=True)
        found = self._connection.ask(_MESSAGES, (list(rooms), list(seqs)))
        return {(room, seq): message(restored(nick), marks) for room, seq, nick, marks in found}
