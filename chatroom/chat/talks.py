"""Private conversations: the journals of two people, and what was said to somebody who was away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from . import names
from .errands import Errand
from .ports import Change
from .refusals import BadInput, NotHere, NotNow, TooMany
from .replies import Notice, Recalled
from .turns import MISSED_A_LINE

if TYPE_CHECKING:
    from .accounts import Account
    from .hub import Hub
    from .room import Room
    from .session import Session

UNREAD = 200
"""Messages of one person that are kept for another who is away: what one page of history can show."""

_TAKEN_UP = 0.25
"""Lines' worth of work that it is to take up one conversation again: three short reads, and what is around them."""

_TOO_MANY = "You have too many private conversations."


class Talks:
    """
    Lets people of *hub* speak to one person only.

    A conversation is bound to the two parties, accounts or guests' sessions: a later stranger who takes a
    nick reads nothing of it.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._rooms = hub.rooms

    async def whisper(self, session: Session, nick: str, text: str) -> None:
        """
        Say something to whoever is called *nick*; an account that nobody is logged in to gets it later.

        :raises Refusal: if there is nobody of that name, or it cannot be said.
        """
        to, account = self._hub.meant(nick), self._hub.accounts.of(names.key(nick))
        if to is not None:
            await self.say(session, to, text)
        elif account is not None:
            await self._leave_message(session, account, text)
        else:
            raise NotHere(f"Nobody called {nick[: self._hub.limits.nick]} is here.")

    async def say(self, session: Session, to: Session, text: str) -> None:
        """
        Say something to *to* only.

        :raises Refusal: if it is nobody else, or there are too many conversations.
        """
        self._hub.check_open()
        if to is session or to.party == session.party:
            raise BadInput("That is you.")
        name = _named(session, to.party)
        self._make_room(session, name, _TOO_MANY)
        room = await self._rooms.use(name)
        try:
            listener = self._hub.people.get(to.identity)
            if session.gone:
                return
            if listener is None:
                raise NotHere(f"{to.nick} has just left.")
            self._check_still(name, session, listener.party)
            self._make_room(listener, name, f"{listener.nick} has too many private conversations.")
            for party in (session, listener):
                self._sit(party, room)
            room.whisper(session, listener.nick, text)
            await session.settled()
        finally:
            self._rooms.done(room)
        # Another session, if they carry on from another connection meanwhile.
        listener = listener.by_now()
        if not self._hub.preferring.ignores(listener, session):
            listener.correspondent = session.identity
        if listener.away is not None:
            session.reply(Notice(f"{listener.nick} is away{': ' if listener.away else ''}{listener.away}."))

    def _check_still(self, name: str, session: Session, other: str) -> None:
        """Make sure that *name* is still the conversation of *session* with *other*, and that they may have it."""
        if not session.proven:
            raise NotNow(f"The nick {session.nick} has just been registered by somebody else.")
        if name != _named(session, other):
            raise NotNow("One of you has just logged in or out; please say that again.")
        self._make_room(session, name, _TOO_MANY)

    async def _leave_message(self, session: Session, account: Account, text: str) -> None:
        self._hub.check_open()
        name = _named(session, account.id)
        self._make_room(session, name, _TOO_MANY)
        room = await self._rooms.use(name)
        try:
            present = next(self._hub.logged_in(account), None)
            if session.gone:
                return
            self._check_still(name, session, account.id)
            if present is not None:
                raise NotNow(f"{account.nick} has just come in; please say that again.")
            if self._hub.accounts.known(account.id) is None:
                raise NotHere(f"The account {account.nick} has just been deleted.")
            after = room.standing.unread.get(account.id)
            if after is not None and room.shown + room.pending - after >= UNREAD:
                raise TooMany(f"{account.nick} has {UNREAD} messages of this conversation to read first.")
            self._sit(session, room)
            first = [Change(name, "unread", account.id, {"after": room.shown})] if after is None else []
            room.whisper(session, account.nick, text, first)
            await session.settled()
            session.reply(Notice(f"{account.nick} is not here now, and will be given this at the next login."))
        finally:
            self._rooms.done(room)

    async def deliver(self, session: Session) -> None:
        """Give *session*, who has just logged in, what was said to them while they were away."""
        party = session.party
        for record in await self._hub.journal.find("unread", party):
            if not self._is(session, party):
                return
            room = await self._rooms.use(record.scope)
            try:
                await self._give_unread(session, party, room)
            finally:
                self._rooms.done(room)

    async def _give_unread(self, session: Session, party: str, room: Room) -> None:
        waiting, before = min(UNREAD, room.shown - room.standing.unread.get(party, room.shown)), None
        pages: list[Recalled] = []
        while waiting > 0:
            # They have not asked for what others have left: they wait for their turn, and pay for nothing.
            page = await room.past.history(waiting, before, self._hub.turns.next, talk_only=True)
            if not page.events:
                break
            pages.append(page)
            waiting, before = waiting - len(page.events), page.events[0][0]
        for page in reversed(pages):
            await session.taking()
            if not self._is(session, party) or party not in room.standing.unread:
                return
            session.reply(page)
        if self._is(session, party) and party in room.standing.unread:
            if self._may_sit(session, party):
                self._sit(session, room)
            # Nobody waits for that: who is still coming in would wait for being shown it for good.
            room.receive(session, Errand(self._hub.world))

    @staticmethod
    def _is(session: Session, party: str) -> bool:
        """Tell whether *session* is here still, and is *party*."""
        return not session.gone and session.party == party

    def _may_sit(self, session: Session, party: str) -> bool:
        """Tell whether *session* is here still, is *party*, and may have one more conversation."""
        return self._is(session, party) and session.conversations < self._hub.limits.conversations

    async def reopen(self, session: Session, seen: Mapping[str, int]) -> None:
        """Give *session*, who is back after their session was over, their seats in their conversations."""
        party = session.party
        for name in await self._hub.journal.conversations(party):
            if not self._may_sit(session, party):
                return
            if name in session.seats:
                continue
            await session.work(_TAKEN_UP)
            room = await self._rooms.use(name)
            try:
                if self._may_sit(session, party):
                    seat = self._hub.seating.seat(session, room, min(seen.get(name, 0), room.shown))
                    session.charge((room.shown - seat.position) / MISSED_A_LINE)
            finally:
                self._rooms.done(room)

    def let_go(self, session: Session, account: str) -> None:
        """Take *session*, now logged out of *account*, out of that account's conversations."""
        for seat in list(session.seats.values()):
            seat.room.standing.passes_on(account, session.party)
            if seat.room.conversation and session.party not in seat.room.name[1:].split(":"):
                self._hub.seating.unseat(seat)
                self._rooms.tidy(seat.room)

    def _make_room(self, session: Session, name: str, refusal: str) -> None:
        """
        Make sure that *session* has the conversation *name*, or may have it beside the others.

        :raises TooMany: with *refusal* as its text, if not.
        """
        if name in session.seats:
            return
        most = self._hub.limits.conversations
        if session.conversations >= most:
            self._end_left_one(session)
        if session.conversations >= most:
            raise TooMany(refusal)

    def _end_left_one(self, session: Session) -> None:
        """
        End one conversation of *session* whose other end is gone; the next message takes it up again.

        Whoever came to say something and left must not keep anybody else from doing so.
        """
        for seat in session.seats.values():
            room = seat.room
            if room.conversation and seat.live and len(room.seats) == 1 and not (room.pending or room.users):
                self._hub.seating.unseat(seat)
                self._rooms.tidy(room)
                return

    def _sit(self, session: Session, room: Room) -> None:
        if room.name not in session.seats:
            seat = self._hub.seating.seat(session, room, room.shown)
            if not session.behind:
                seat.go_live()


def _named(session: Session, other: str) -> str:
    """Name the conversation of *session* with the party *other*."""
    one, two = sorted((session.party, other))
    return f"@{one}:{two}"
