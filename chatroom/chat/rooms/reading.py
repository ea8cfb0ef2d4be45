"""Reading: how far people have read each room and conversation, and what waits for them there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ..people.person import NOTHING_SEEN
from ..ports import MOST_UNREAD, NOTHING, READING, JournalError, RecordChange, Waiting
from ..refusals import NotHere
from ..replies import Conversation, Conversations, Notice, ReadUpTo, Unread, UnreadRoom
from ..syntax.conversations import is_with_oneself, name_of, other_party
from ..syntax.mentions import mentioned_in_any, mentions
from ..syntax.names import key as key_of

if TYPE_CHECKING:
    from ..core import Core
    from ..events import Event
    from ..fair_queue import Work
    from ..people.person import Connection, Person
    from ..people.reading_positions import ReadingPositions
    from .ledger import Ledger
    from .registry import RoomRegistry
    from .room import Room, Seat

_LISTED = 50
"""Private conversations listed for somebody who comes in, the newest ones: each takes a short read."""

_LISTED_WORK = 0.1
"""Cost of listing one of them, in lines."""


_LOOKED_AT = 10
"""The last events of a conversation that are read to find out who the other party was."""


class Counted(NamedTuple):
    """What waits in a room, counted up to the seq *upto*."""

    waiting: Waiting
    upto: int


class Return(NamedTuple):
    """
    What is known of the owner of an account who has just logged in.

    :param rooms: those that they were in before.
    :param waiting: the conversations with messages that wait for them.
    :param conversations: the newest conversations, the newest first; None: they are still to be read.
    """

    rooms: Sequence[str] = ()
    waiting: Sequence[str] = ()
    conversations: Sequence[str] | None = None


class Reading:
    """
    Keeps reading positions, tells a person's sessions of them, and counts what is unread.

    Positions never go back.  Those of accounts, and which rooms they are in, are stored by `ReadingPositions`.
    """

    def __init__(self, core: Core, ledger: Ledger, rooms: RoomRegistry, store: ReadingPositions) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms
        self._store = store

    # Positions.

    @staticmethod
    def position(person: Person[Seat], room: Room) -> int:
        """Return the seq up to which *person* has read *room*."""
        position = person.read.get(room.name)
        if position is not None:
            return position
        seat = person.seats.get(room.name)
        return room.shown if seat is None else seat.joined_after

    def advance(self, person: Person[Seat], room: str, seq: int) -> bool:
        """Note that *person* has read *room* up to *seq*; return whether that is news."""
        seat = person.seats.get(room)
        # Of a room that they are leaving, nothing is remembered.
        if (seat is None or seat.leaving) and not _is_of(person, room):
            return False
        if seq <= person.read.get(room, 0 if seat is None else seat.joined_after):
            return False
        if not isinstance(person.read, dict):
            person.read = {}
        person.read[room] = seq
        if person.account is not None:
            self._store.note(person.account.id, room, seq)
        return True

    def keep(self, seat: Seat) -> None:
        """Remember what waits in the conversation of *seat*, which is about to be closed, until it is read."""
        person, name = seat.person, seat.room.name
        if name in person.read or len(person.read) >= self._core.limits.conversations:
            return
        if self.counted_here(person, seat.room) != NOTHING:
            person.read = {**person.read, name: seat.joined_after}

    async def read(self, session: Connection, name: str, seq: int) -> None:
        """
        Handle the command to set a reading position; the person's other sessions are told.

        :raises NotHere: if they are not in that room or conversation.
        """
        self._check(session, name)
        room = await self._rooms.use(name, session.charge)
        try:
            self._check(session, name)
            person: Person[Seat] = session.person
            self.advance(person, name, min(seq, room.shown))
            waiting = (await self.counted(person, [room]))[name]
            person.tell(ReadUpTo(name, self.position(person, room), *waiting), session)
        finally:
            self._ledger.done(room)

    async def read_all(self, session: Connection) -> None:
        """Handle the command to mark everything as read."""
        person: Person[Seat] = session.person
        for name in await self._waiting(person):
            if not _is_of(person, name):
                continue
            room = await self._rooms.use(name, session.charge)
            try:
                if self.advance(person, name, room.shown):
                    person.tell(ReadUpTo(name, room.shown))
            finally:
                self._ledger.done(room)
        session.reply(Unread(()))

    def typed(self, session: Connection, name: str, seq: int) -> None:
        """Note that the person of *session* has typed something in the room *name*, which is the event *seq*."""
        person: Person[Seat] = session.person
        if self.advance(person, name, seq) and (others := person.others(session)):
            # What others have said after that is still to be read.
            seat = person.seats.get(name)
            waiting = None if seat is None else self.counted_here(person, seat.room)
            for one in others:
                one.tell(ReadUpTo(name, seq, *(waiting or NOTHING)))

    def _note_shown(self, session: Connection) -> None:
        """Where people type: who asks has seen what was shown of the current room, unless some of it was not."""
        cursor = session.catch_up.cursors.get(session.current) if session.outlet.asks else None
        seat = session.person.seats.get(session.current)
        if cursor is not None and seat is not None and cursor.since <= self.position(session.person, seat.room):
            self.typed(session, session.current, cursor.position)

    @staticmethod
    def _check(session: Connection, name: str) -> None:
        """
        Check that the room or conversation *name* is one of the person's.

        :raises NotHere: if it is not, or no longer.
        """
        if not _is_of(session.person, name):
            raise NotHere(
                "You are not in that conversation." if name.startswith("@") else f"You are not in #{name[:32]}."
            )

    # Rooms that are remembered.

    async def load(self, person: Person[Seat]) -> Return:
        """Read where the owner of an account is and how far they have read; remember where they are already."""
        account = person.account
        if account is None:
            # Another program changed the account while the login was being finished.
            return Return()
        stored, waiting, conversations = await self._store.of(account.id, _LISTED)
        if not person.owns(account):
            return Return()
        new = [
            seat.room for seat in person.seats.values() if not seat.room.conversation and seat.room.name not in stored
        ]
        at = {room.name: {"seq": self.position(person, room), "member": True} for room in new}
        before = person.read
        read = {name: max(one.seq, before.get(name, 0)) for name, one in stored.items()}
        person.read = {**before, **read}
        if at:
            await self._ledger.keep([RecordChange(name, READING, account.id, value) for name, value in at.items()])
            if not person.owns(account):
                return Return()
        return Return([name for name, one in stored.items() if one.member], waiting, conversations)

    @staticmethod
    def logged_out(person: Person[Seat]) -> None:
        """Leave *person*, who is a guest now, only the positions in the rooms that they are in."""
        person.read = {name: seq for name, seq in person.read.items() if name in person.seats}

    def remembered(self, person: Person[Seat], room: Room) -> list[RecordChange]:
        """Return the changes that remember that *person* enters *room*."""
        if person.account is None or room.conversation:
            return []
        return [self._store.joined(person.account.id, room.name)]

    def forgotten(self, person: Person[Seat], name: str) -> list[RecordChange]:
        """Return the changes that forget that *person* was in the room *name*, which they leave for good."""
        return [] if person.account is None else [self._store.left(person.account.id, name)]

    def forget_account(self, account: str) -> None:
        """Forget what the owner of *account* (an id) has read: it is deleted, and nothing may be stored for it."""
        self._store.forget(account)

    async def forget(self, person: Person[Seat], names: Iterable[str]) -> None:
        """Forget that *person* was in the rooms *names*, where they may not be any more."""
        changes = [change for name in names for change in self.forgotten(person, name)]
        if changes:
            await self._ledger.keep(changes)

    def begun(self, room: Room, party: str) -> list[RecordChange]:
        """Return the changes with which a message begins to wait for *party* in the conversation *room*."""
        account = self._core.accounts.known(party)
        here = None if account is None else self._core.people.owner(account)
        if account is None or (here is not None and room.name in here.read):
            return []
        return [RecordChange(room.name, READING, account.id, {})]

    # What waits.

    def counted_here(self, person: Person[Seat], room: Room, upto: int | None = None) -> Waiting | None:
        """
        Count what *person* has not read in *room*; None if some of it is not in memory.

        :param upto: count no further than this seq; None: to the end.
        """
        if room.conversation and is_with_oneself(room.name):
            # Everything there, one has written, as whoever one was then.
            return NOTHING
        history = room.history
        talk = history.talk_between(self.position(person, room), history.last if upto is None else upto)
        return _count(person, talk) if talk else None if talk is None else NOTHING

    async def counted(self, person: Person[Seat], rooms: Sequence[Room]) -> dict[str, Waiting]:
        """Count what *person* has not read in each of *rooms*, which are in use."""
        found: dict[str, Waiting] = {}
        asked: dict[str, int] = {}
        for room in rooms:
            here = self.counted_here(person, room)
            if here is None:
                asked[room.name] = self.position(person, room)
            else:
                found[room.name] = here
        return found | await self._stored(person, asked) if asked else found

    async def counted_by_now(self, person: Person[Seat], rooms: Sequence[Room]) -> dict[str, Counted]:
        """Count what *person*, who is about to enter *rooms*, has not read in each; they are in use."""
        upto = [room.shown for room in rooms]
        found = await self.counted(person, rooms)
        return {room.name: Counted(found[room.name], seq) for room, seq in zip(rooms, upto, strict=True)}

    async def _stored(self, person: Person[Seat], after: Mapping[str, int]) -> dict[str, Waiting]:
        """Count what waits after the seqs in *after*, by what the journal has."""
        found = {name: NOTHING for name in after if is_with_oneself(name) or self._is_ignored(person, name)}
        others = {name: seq for name, seq in after.items() if name not in found}
        if not others:
            return found
        account = "" if person.account is None else person.account.id
        return found | await self._core.journal.waiting(account, others)

    async def _waiting(self, person: Person[Seat]) -> dict[str, Waiting]:
        """Count what waits for *person* anywhere; rooms and conversations without anything are left out."""
        here = await self.counted(person, [seat.room for seat in person.seats.values()])
        elsewhere = {name: seq for name, seq in person.read.items() if name.startswith("@") and name not in here}
        here |= await self._stored(person, elsewhere)
        return {name: one for name, one in here.items() if one.unread}

    async def greet(self, session: Connection, names: Sequence[str] | None = None) -> None:
        """
        Tell *session*, which has just come in or logged in, what waits: people in words, programs all of it.

        :param names: the person's newest conversations, if they are known.
        """
        if session.outlet.asks:
            others = ", ".join(f"#{name}" for name in session.person.room_names() if not session.shows(name))
            if others:
                session.reply(Notice(f"You are also in {others}: /join shows one of them."))
            waiting = await self.unread(session, self._core.fair_queue.next)
            if waiting.rooms:
                session.reply(waiting)
            return
        # What others have written is not paid for by who is told of it.
        found = await self.conversations(session, self._core.fair_queue.next, names)
        if found.conversations:
            session.reply(found)

    async def tell_rest(self, session: Connection) -> None:
        """
        Tell *session*, which has come to where its person is already, what was not known when it was told the rooms.

        That is what waits in rooms where some of it is not in memory; and everywhere, if nobody has looked up how far
        the person has read, because they were absent since the last house.  A program that never says how far its
        guest has read does not count, and is told nothing.
        """
        person: Person[Seat] = session.person
        rooms = [seat.room for seat in person.seats.values() if not seat.room.conversation]
        try:
            if person.account is not None and person.read is NOTHING_SEEN:
                await self.load(person)
            else:
                counting = [room for room in rooms if person.account is not None or room.name in person.read]
                rooms = [room for room in counting if self.counted_here(person, room) is None]
            counted = await self.counted(person, rooms) if rooms else {}
            missed = await self._missed(session, rooms)
        except JournalError:
            # Not for that should somebody be kept out.
            return
        if session.gone or session.person is not person:
            return
        for room in rooms:
            # They may have left it meanwhile.
            if room.name in missed and room.name in person.seats:
                (unread, mentions), shown = counted[room.name], missed[room.name]
                rest = max(0, unread - shown.unread), max(0, mentions - shown.mentions)
                session.tell(ReadUpTo(room.name, self.position(person, room), *rest))

    async def _missed(self, session: Connection, rooms: Sequence[Room]) -> dict[str, Waiting]:
        """Count what *session* is still to be shown of *rooms*, and counts itself then."""
        person: Person[Seat] = session.person
        found: dict[str, Waiting] = {}
        beyond: dict[str, int] = {}
        for room in rooms:
            cursor = session.catch_up.cursors.get(room.name)
            if cursor is None:
                continue
            talk = room.history.talk_between(cursor.position, room.history.last)
            if talk is None:
                beyond[room.name] = cursor.position
            else:
                found[room.name] = _count(person, talk)
        return found | await self._stored(person, beyond) if beyond else found

    async def unread(self, session: Connection, work: Work) -> Unread:
        """
        List what waits for the person of *session*: rooms first, then conversations.

        :param work: waits for a turn to find out with whom one of these was.
        """
        person: Person[Seat] = session.person
        self._note_shown(session)
        waiting = await self._waiting(person)
        nicks = {name: self._other(person, name) for name in waiting if name.startswith("@")}
        for name in [name for name, nick in nicks.items() if not nick][:_LISTED]:
            await work(_LISTED_WORK)
            nicks[name] = await self._former(person, name)
        rows = [
            UnreadRoom(name, nicks.get(name, ""), one.unread, one.mentions)
            for name, one in sorted(waiting.items(), key=lambda item: (item[0].startswith("@"), item[0]))
        ]
        return Unread(tuple(rows))

    async def catch_up(self, session: Connection, room: Room) -> None:
        """Show the person of *session* a page of what they have not read in *room*, which they have read then."""
        person: Person[Seat] = session.person
        since = self.position(person, room)
        page, upto = await room.history.talk_page(since, session.work)
        # They may have been removed from it meanwhile.
        if not _is_of(person, room.name):
            raise NotHere("You are not in that room any more.")
        if since and all(person.hides(event) for _, event in page.events):
            # There is nothing new, which is not to say that nothing has been said.
            page = replace(page, more=True)
        session.reply(page)
        if self.advance(person, room.name, upto):
            waiting = (await self.counted(person, [room]))[room.name]
            person.tell(ReadUpTo(room.name, self.position(person, room), *waiting))
            if waiting.unread:
                name = self._other(person, room.name) if room.conversation else room.name
                session.reply(Notice(f"There is more: /catchup {name} shows it."))

    def conversation(self, person: Person[Seat], name: str) -> str | None:
        """Find the private conversation that *name* means: its own name, or a nick that is not also a room's name."""
        if name.startswith("@"):
            return name
        key = key_of(name)
        if name.lower() in person.seats or name.startswith("#"):
            return None
        account, holder = self._core.accounts.of(key), self._core.nicks.get(key)
        parties = [one for one in (account and account.id, holder and holder.party) if one]
        known = (name_of(person.party, party) for party in parties)
        return next((one for one in known if one in person.read or one in person.seats), None)

    async def former_conversation(self, session: Connection, nick: str) -> str | None:
        """Find the conversation with a guest who has left, and was called *nick* there."""
        person: Person[Seat] = session.person
        key = key_of(nick)
        names = [name for name in person.read if name.startswith("@") and not self._other(person, name)]
        for name in names[:_LISTED]:
            await session.work(_LISTED_WORK)
            if key_of(await self._former(person, name)) == key:
                return name
        return None

    async def conversations(
        self, session: Connection, work: Work, names: Sequence[str] | None = None
    ) -> Conversations:
        """
        List the newest private conversations of the person of *session*, who may never have seen them here.

        :param work: waits for a turn to read one of them.
        :param names: which they are, if that is known.
        """
        person: Person[Seat] = session.person
        if names is None:
            names = await self._core.journal.conversations(person.party, _LISTED)
        rows: list[Conversation] = []
        for name in names:
            await work(_LISTED_WORK)
            for seq, event in await self._core.journal.before(name, None, 1):
                nick = self._other(person, name) or await self._former(person, name)
                rows.append(Conversation(name, nick, seq, self._read_up_to(person, name, seq), 0, event.at))
        rooms = [seat.room for row in rows if (seat := person.seats.get(row.room)) is not None]
        # As everywhere else, nothing that one has written oneself is counted, as far as that is in memory.
        counted = ((room.name, self.counted_here(person, room)) for room in rooms)
        here = {name: one for name, one in counted if one is not None}
        waiting = here | await self._stored(person, {row.room: row.read for row in rows if row.room not in here})
        return Conversations(tuple([replace(row, unread=waiting[row.room].unread) for row in rows]))

    def _read_up_to(self, person: Person[Seat], name: str, last: int) -> int:
        """Return the seq up to which *person* has read the conversation *name*, whose last event is *last*."""
        seat = person.seats.get(name)
        return person.read.get(name, last) if seat is None else self.position(person, seat.room)

    def _is_ignored(self, person: Person[Seat], name: str) -> bool:
        """Return whether *name* is the conversation with somebody whom *person* ignores."""
        return bool(person.ignored) and name.startswith("@") and key_of(self._other(person, name)) in person.ignored

    async def _former(self, person: Person[Seat], name: str) -> str:
        """Return the nick that the other party of the conversation *name*, who is nobody now, had there last."""
        for _, event in reversed(list(await self._core.journal.before(name, None, _LOOKED_AT))):
            if nick := _named_by(event, person):
                return nick
        return ""

    def _other(self, person: Person[Seat], name: str) -> str:
        """Return the nick of the other party of the conversation *name*; "" if it is not known."""
        other = other_party(name, person.party) or ""
        account = self._core.accounts.known(other)
        if account is not None:
            return account.nick
        here = self._core.people.get(other)
        return "" if here is None else here.nick


def _is_of(person: Person[Seat], name: str) -> bool:
    """Return whether *person* is in the room *name* to stay, or a party of that conversation."""
    if name.startswith("@"):
        return other_party(name, person.party) is not None
    seat = person.seats.get(name)
    return seat is not None and not seat.leaving


def _count(person: Person[Seat], talk: Iterable[Event]) -> Waiting:
    """Count the events of *talk* by others, unless *person* ignores them, and those which mention *person*."""
    nick, identity = person.nick if person.account is None else person.account.nick, person.identity
    if person.ignored:
        talk = [event for event in talk if not person.hides(event)]
    texts: list[str] = [event.text for event in talk if event.by != identity]  # type: ignore[attr-defined]
    if not texts:
        return NOTHING
    mentioning = sum(mentions(nick, text) for text in texts) if mentioned_in_any(nick, texts) else 0
    return Waiting(min(len(texts), MOST_UNREAD), mentioning)


def _named_by(event: Event, person: Person[Seat]) -> str:
    """Return the nick of the other party of a conversation from one of its events; "" if it does not have it."""
    nick: str = event.nick
    if event.by == person.identity or key_of(nick) == person.key:
        nick = getattr(event, "to", "")
    return nick
