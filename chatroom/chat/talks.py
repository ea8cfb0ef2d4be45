"""Private conversations: the journals of two people, and what was said to somebody who was away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from . import names
from .errands import Errand
from .ports import Change
from .refusals import BadInput, NotHere, TooMany
from .replies import Notice

if TYPE_CHECKING:
    from .accounts import Account
    from .hub import Hub
    from .room import Room
    from .session import Session

UNREAD = 200
"""Messages of one person that are kept for another who is away: what one page of history can show."""


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
        key = names.key(nick)
        to = self._hub.nicks.get(key)
        account = self._hub.accounts.of(key)
        if to is None or not to.nick or (account is not None and not to.owns(account)):
            # The one whose name it is, even while a stranger has it who must log in yet.
            to = next(iter(self._hub.logged_in(account)), None) if account else None
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
        name = self._named(session, to.party)
        room = await self._rooms.use(name)
        try:
            listener = self._hub.people.get(to.identity)
            if session.gone:
                return
            if listener is None:
                raise NotHere(f"{to.nick} has just left.")
            if name not in listener.seats and listener.conversations >= self._hub.limits.conversations:
                raise TooMany(f"{listener.nick} has too many private conversations.")
            for party in (session, listener):
                self._sit(party, room)
            room.whisper(session, listener.nick, text)
            await session.settled()
            listener.correspondent = session.identity
            if listener.away is not None:
                session.reply(Notice(f"{listener.nick} is away{': ' if listener.away else ''}{listener.away}."))
        finally:
            self._rooms.tidy(room)

    async def _leave_message(self, session: Session, account: Account, text: str) -> None:
        self._hub.check_open()
        name = self._named(session, account.id)
        room = await self._rooms.use(name)
        try:
            if session.gone:
                return
            after = room.standing.unread.get(account.id)
            if after is not None and room.shown + room.pending - after >= UNREAD:
                raise TooMany(f"{account.nick} has {UNREAD} messages of this conversation to read first.")
            self._sit(session, room)
            first = [Change(name, "unread", account.id, {"after": room.shown})] if after is None else []
            room.whisper(session, account.nick, text, first)
            await session.settled()
            session.reply(Notice(f"{account.nick} is not here now, and will be given this at the next login."))
        finally:
            self._rooms.tidy(room)

    async def deliver(self, session: Session) -> None:
        """Give *session*, who has just logged in, what was said to them while they were away."""
        for record in await self._hub.journal.find("unread", session.party):
            if session.gone or session.conversations >= self._hub.limits.conversations:
                return
            room = await self._rooms.use(record.scope)
            try:
                waiting = room.shown - room.standing.unread.get(session.party, room.shown)
                if waiting <= 0 or session.gone:
                    continue
                session.reply(await room.past.history(min(waiting, UNREAD), None, talk_only=True))
                self._sit(session, room)
                # Nobody waits for that: who is still coming in would wait for being shown it for good.
                room.receive(session, Errand(self._hub.world))
            finally:
                self._rooms.tidy(room)

    async def reopen(self, session: Session, seen: Mapping[str, int]) -> None:
        """Give *session*, who is back after their session was over, their seats in their conversations."""
        for name in (await self._hub.journal.conversations(session.party))[: self._hub.limits.conversations]:
            if name not in session.seats and not session.gone:
                room = await self._rooms.use(name)
                self._hub.seating.seat(session, room, min(seen.get(name, 0), room.shown))

    def let_go(self, session: Session) -> None:
        """Take *session*, who is logged out, out of the conversations that are those of the account."""
        for seat in list(session.seats.values()):
            if seat.room.conversation and session.party not in seat.room.name[1:].split(":"):
                self._hub.seating.unseat(seat)
                self._rooms.tidy(seat.room)

    def _named(self, session: Session, other: str) -> str:
        one, two = sorted((session.party, other))
        name = f"@{one}:{two}"
        if name not in session.seats and session.conversations >= self._hub.limits.conversations:
            raise TooMany("You have too many private conversations.")
        return name

    def _sit(self, session: Session, room: Room) -> None:
        if room.name not in session.seats:
            seat = self._hub.seating.seat(session, room, room.shown)
            if not session.behind:
                seat.go_live()
