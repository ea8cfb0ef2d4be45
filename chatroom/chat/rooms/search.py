"""Search: finds past lines in the rooms that a person may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..outcomes import is_deleted
from ..ports import Busy, Query, TookTooLong
from ..refusals import BadInput, NotHere, NotNow, TooSlow
from ..replies import Numbered, SearchResults
from ..syntax import datetimes, names
from ..syntax.conversations import other_party
from ..syntax.search_query import parse_query

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection, Person
    from .ledger import Ledger
    from .registry import RoomRegistry
    from .room import Room, Seat

PAGE = 20
"""Lines found at a time."""

_PAGES = 500
"""The last page available: after that many, a narrower search is better."""

_TEXT = 16_384
"""Characters of results charged as one line."""

_LATE = 10
"""Cost of a search that took too long, in lines: one person gets only one every other second."""


class HistorySearch:
    """Searches the history that a person may read."""

    def __init__(self, core: Core, ledger: Ledger, rooms: RoomRegistry) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms

    async def search(self, session: Connection, text: str) -> None:
        """
        Reply with a page of results, newest first.

        :raises Refusal: if the query is empty or invalid.
        """
        asked = parse_query(text)
        options = asked.options
        if not asked.terms and "from" not in options:
            raise BadInput("Search for what? Give a word, or from:NICK.")
        page = _page(options.get("page", "1"))
        now = self._core.runtime.now()
        person = session.person
        rooms = await self._readable(session, options.get("in"))
        query = Query(
            terms=asked.terms,
            rooms=tuple(rooms),
            party="" if "in" in options else person.party,
            nick=self._nick(options.get("from")),
            after=datetimes.parse(options["after"], now) if "after" in options else None,
            before=datetimes.parse(options["before"], now) if "before" in options else None,
            skip=(page - 1) * PAGE,
            limit=PAGE + 1,
            sealed={name: seq for name, seq in rooms.items() if seq},
            asker=session.place,
        )
        with self._ledger.late.watch() as watch:
            found = await self._found(session, query)
            indexing = self._core.journal.indexing
            await session.work(1 + sum(len(getattr(event, "text", "")) for _, event in found) / _TEXT)
            # The search may have waited in a queue: recheck what the person may read by now.
            readable = await self._readable(session, options.get("in"))
            found = [(seq, event) for seq, event in watch.lines(found) if not is_deleted(event)]
        party = query.party if query.party == person.party else ""
        found = [(seq, event) for seq, event in found if event.room in readable or _is_party(party, event.room)]
        words = " ".join(part for part in text.split() if not part.startswith("page:"))
        session.reply(SearchResults(words, tuple(found[:PAGE]), page, len(found) > PAGE, indexing))

    async def _found(self, session: Connection, query: Query) -> list[Numbered]:
        try:
            return await self._core.journal.search(query)
        except TookTooLong:
            session.charge(_LATE)
            raise TooSlow("That search took too long and was stopped. Search for fewer or rarer words.") from None
        except Busy:
            raise NotNow("Too many people are searching right now. Please try again in a few seconds.") from None

    def _nick(self, nick: str | None) -> str:
        if nick is None:
            return ""
        key = names.key(nick)
        if not key:
            raise BadInput(f"{nick[: self._core.limits.nick]} is not a valid nick.")
        return key

    async def _readable(self, session: Connection, named: str | None) -> dict[str, int]:
        """
        Return the rooms to search: those the person is in, or the one *named* if they may read it.

        :returns: for each, the seq up to which nothing is shown.
        :raises NotHere: if they may not.
        """
        person: Person[Seat] = session.person
        if named is None:
            return {name: seat.room.history.sealed for name, seat in person.seats.items()}
        name = names.room(named, self._core.limits.room)
        room: Room = await self._rooms.use(name, session.charge)
        try:
            if not room.may_know(person):
                # As if there were no such room.
                return {}
            if not room.may_read(person):
                raise NotHere(f"You can't read #{name}.")
            return {name: room.history.sealed}
        finally:
            self._ledger.done(room)


def _is_party(party: str, room: str) -> bool:
    return bool(party) and other_party(room, party) is not None


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= _PAGES):
        raise BadInput(f"A page is a number from 1 to {_PAGES}.")
    return int(text)
