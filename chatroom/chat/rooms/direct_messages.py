"""Direct messages: private conversations of two people, or of one with themselves; messages for somebody offline."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..fair_queue import MISSED_A_LINE
from ..ports import RecordChange
from ..refusals import NotHere, NotNow, TooMany
from ..replies import HistoryPage, Notice
from ..syntax import names
from ..syntax.conversations import name_of, other_party
from . import speech
from .originator import Pending

if TYPE_CHECKING:
    from typing import Any

    from ..core import Core
    from ..event import Marks
    from ..people.accounts import Account
    from ..people.person import Connection, Person
    from .ledger import Ledger
    from .membership import Membership
    from .reading import Reading
    from .registry import RoomRegistry
    from .room import Room, Seat

UNREAD = 200
"""Unread messages from one person kept for another who is offline: one page of history."""

_TAKEN_UP = 0.25
"""Cost of reopening a conversation, in lines: three short reads and what surrounds them."""

_CHANGED = "One of you has just logged in or out; please say that again."

_TOO_MANY = "You have too many private conversations."


class DirectMessages:
    """
    Sends private messages.

    A conversation belongs to two parties (accounts or guests), so a stranger who later takes a nick cannot read it.
    People may write to themselves, too: nothing of that waits for them, and no away message answers it.
    """

    def __init__(
        self, core: Core, ledger: Ledger, rooms: RoomRegistry, membership: Membership, reading: Reading
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms
        self._membership = membership
        self._reading = reading

    def name_of(self, person: Person[Any], other: Person[Any]) -> str:
        """Return the name of the conversation of *person* with *other*, begun or not."""
        return name_of(person.party, other.party)

    async def whisper(self, session: Connection, nick: str, text: str) -> None:
        """
        Send a message to *nick*; an account that is offline gets it at the next login.

        :raises Refusal: if nobody has that nick, or the message is not allowed.
        """
        to, account = self._core.people.meant(nick), self._core.accounts.of(names.key(nick))
        if to is not None:
            await self.say(session, to, text)
        elif account is not None:
            await self._leave_message(session, account, text)
        else:
            raise NotHere(f"Nobody called {nick[: self._core.limits.nick]} is here.")

    def say_in(
        self, session: Connection, name: str, text: str, marks: Marks | None = None
    ) -> Coroutine[Any, Any, None]:
        """
        Find the other party of the conversation *name*, whatever their nick is now; the result sends them a message.

        :param marks: of an answer: what it answers.
        :raises NotHere: if the person is not, or no longer, a party of it, or the other party is gone.
        """
        other = self.check_party(session, name)
        account = self._core.accounts.known(other)
        to = self._core.people.get(other) if account is None else self._core.people.owner(account)
        if to is not None and to.party == other:
            return self.say(session, to, text, name, marks)
        if account is not None:
            return self._leave_message(session, account, text, name, marks)
        raise NotHere("The other person in that conversation has left.")

    @staticmethod
    def check_party(session: Connection, name: str) -> str:
        """
        Check that the person is a party of the conversation *name*, and return the other one.

        :raises NotHere: if they are not, or no longer.
        """
        other = other_party(name, session.person.party)
        if other is None:
            raise NotHere("You are not in that conversation.")
        return other

    async def in_use(self, session: Connection, name: str, act: Callable[[Room], Coroutine[Any, Any, None]]) -> None:
        """
        Let *act* use the conversation *name*, whether anything was said in it lately or not.

        :raises NotHere: if the person is not, or no longer, a party of it.
        """
        self.check_party(session, name)
        room = await self._rooms.use(name, session.charge)
        try:
            await act(room)
        finally:
            self._ledger.done(room)

    def open(self, session: Connection, room: Room) -> None:
        """
        Open the conversation *room* for those of its parties who are here, so that they are shown what changes there.

        Who has as many as may be is shown it when they open this one.

        :raises NotHere: if the person of *session* is not a party of it.
        """
        for person in (session.person, self._core.people.of_party(self.check_party(session, room.name))):
            if person is not None and person.conversations < self._core.limits.conversations:
                self._sit(person, room)

    async def say(
        self, session: Connection, to: Person[Any], text: str, conversation: str = "", marks: Marks | None = None
    ) -> None:
        """
        Send a message to *to*.

        :param conversation: the only conversation that it may go to.
        :param marks: of an answer: what it answers.
        :raises Refusal: if the text may not be said, or there are too many conversations.
        """
        self._core.check_open()
        person = session.person
        name = name_of(person.party, to.party)
        if conversation not in ("", name):
            raise NotNow(_CHANGED)
        self._make_room(person, name, _TOO_MANY)
        room = await self._rooms.use(name)
        try:
            listener = self._core.people.get(to.identity)
            if session.gone:
                return
            if listener is None:
                raise NotHere(f"{to.nick} has just left.")
            self._check_still(name, session, person, listener.party)
            self._make_room(listener, name, f"{listener.nick} has too many private conversations.")
            for party in (person, listener):
                self._sit(party, room)
            speech.whisper(room, session, listener.nick, text, self._reading.begun(room, listener.party), marks)
            session.conversation = "" if conversation else name
            await session.flushed()
        finally:
            self._ledger.done(room)
        if listener is person:
            return
        if not listener.ignores(person):
            listener.correspondent = person.identity
        if listener.away is not None:
            away = f"{listener.nick} is away{': ' if listener.away else ''}{listener.away}."
            session.reply(Notice(away, "is away", (listener.nick, listener.away)))

    def _check_still(self, name: str, session: Connection, person: Person[Any], other: str) -> None:
        """Check that *session* is still of *person*, and *name* their conversation with *other*, and allowed."""
        if session.person is not person:
            raise NotNow(_CHANGED)
        if not person.may_use_nick(self._core.accounts):
            raise NotNow(f"The nick {person.nick} has just been registered by somebody else.")
        if name != name_of(person.party, other):
            raise NotNow(_CHANGED)
        self._make_room(person, name, _TOO_MANY)

    async def _leave_message(
        self, session: Connection, account: Account, text: str, conversation: str = "", marks: Marks | None = None
    ) -> None:
        self._core.check_open()
        person = session.person
        name = name_of(person.party, account.id)
        self._make_room(person, name, _TOO_MANY)
        room = await self._rooms.use(name)
        try:
            present = self._core.people.owner(account)
            if session.gone:
                return
            self._check_still(name, session, person, account.id)
            if present is not None:
                raise NotNow(f"{account.nick} has just logged in; please say that again.")
            if self._core.accounts.known(account.id) is None:
                raise NotHere(f"The account {account.nick} has just been deleted.")
            after = room.state.unread.get(account.id)
            if after is not None and room.shown + room.pending - after >= UNREAD:
                raise TooMany(f"{account.nick} has {UNREAD} unread messages from this conversation already.")
            self._sit(person, room)
            first = [RecordChange(name, "unread", account.id, {"after": room.shown})] if after is None else []
            speech.whisper(room, session, account.nick, text, first + self._reading.begun(room, account.id), marks)
            session.conversation = "" if conversation else name
            await session.flushed()
            session.reply(Notice(f"{account.nick} is offline, and will get this at the next login."))
        finally:
            self._ledger.done(room)

    async def deliver(self, session: Connection, waiting: Sequence[str] | None = None) -> None:
        """
        Deliver messages that arrived while the person was offline, after their login.

        :param waiting: the conversations in which there are some, if they are known.
        """
        party = session.person.party
        if waiting is None:
            waiting = [record.scope for record in await self._core.journal.find("unread", party)]
        for name in waiting:
            if not _is(session, party):
                return
            room = await self._rooms.use(name)
            try:
                await self._give_unread(session, party, room)
            finally:
                self._ledger.done(room)

    async def _give_unread(self, session: Connection, party: str, room: Room) -> None:
        after = room.state.unread.get(party, room.shown)
        waiting, before = min(UNREAD, room.shown - after), None
        pages: list[HistoryPage] = []
        with room.history.watch() as watch:
            while waiting > 0:
                # They did not request these messages, so they wait for a turn but are not charged.
                page = await room.history.history(waiting, before, self._core.fair_queue.next, talk_only=True)
                # Some of what has happened since were no messages, but changes of earlier ones.
                found = tuple([one for one in page.events if one[0] > after])
                if not found:
                    break
                pages.append(replace(page, events=found))
                waiting, before = waiting - len(found), page.first
            for page in reversed(pages):
                await session.catch_up.taking()
                if not _is(session, party) or party not in room.state.unread:
                    return
                session.reply(replace(page, events=tuple(watch.lines(page.events))))
        if _is(session, party) and party in room.state.unread:
            if self._may_sit(session, party):
                self._sit(session.person, room)
            other = self._core.people.of_party(self.check_party(session, room.name))
            session.person.correspondent = "" if other is None or session.person.ignores(other) else other.identity
            # Not awaited: during entry nothing is shown yet, so this would wait forever.
            room.receive(session.person, Pending(self._core.runtime))

    def _may_sit(self, session: Connection, party: str) -> bool:
        """Return whether the session is alive, still *party*, and may have another conversation."""
        return _is(session, party) and session.person.conversations < self._core.limits.conversations

    async def reopen(self, session: Connection, seen: Mapping[str, int]) -> None:
        """Restore the conversations of a person who resumes after their session had ended."""
        person: Person[Seat] = session.person
        party = person.party
        for name in await self._core.journal.conversations(party):
            if not self._may_sit(session, party):
                return
            if name in person.seats:
                continue
            await session.work(_TAKEN_UP)
            room = await self._rooms.use(name)
            try:
                if self._may_sit(session, party):
                    # The other sessions have been shown it, or show it when somebody opens it.
                    own = {session: min(seen.get(name, 0), room.shown)}
                    self._membership.seat(person, room, room.shown, own)
                    session.charge((room.shown - session.catch_up.position(name)) / MISSED_A_LINE)
            finally:
                self._ledger.done(room)

    def let_go(self, person: Person[Any], account: str) -> None:
        """Remove *person*, now logged out of *account*, from that account's conversations."""
        for seat in list(person.seats.values()):
            seat.room.state.passes_on(account, person.party)
            if seat.room.conversation and other_party(seat.room.name, person.party) is None:
                self._membership.unseat(seat)
                self._ledger.tidy(seat.room)

    def _make_room(self, person: Person[Any], name: str, refusal: str) -> None:
        """
        Check that *person* has the conversation *name* or may open it.

        :raises TooMany: with *refusal* as its text, if not.
        """
        if name in person.seats:
            return
        most = self._core.limits.conversations
        if person.conversations >= most:
            self._end_left_one(person)
        if person.conversations >= most:
            raise TooMany(refusal)

    def _end_left_one(self, person: Person[Any]) -> None:
        """
        End a conversation of *person* whose other party is gone; the next message reopens it.

        People who send a message and leave must not use up the limit.
        """
        for seat in person.seats.values():
            room = seat.room
            if room.conversation and seat.live and len(room.seats) == 1 and not (room.pending or room.users):
                self._membership.unseat(seat)
                self._ledger.tidy(room)
                return

    def _sit(self, person: Person[Any], room: Room) -> None:
        if room.name not in person.seats:
            self._membership.seat(person, room, room.shown)
            for session in person.sessions:
                session.catch_up.go_live(room.name)


def _is(session: Connection, party: str) -> bool:
    """Return whether *session* is alive and still *party*."""
    return not session.gone and session.person.party == party
