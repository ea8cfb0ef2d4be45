"""Attaching: sessions whose doors have outlived the last house go on in this one, and people do not notice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ..people.person import NOBODY, NOTHING_SEEN
from ..ports import JournalError
from ..refusals import BadName, CannotResume, NickTaken, NotStored
from ..replies import NickChanged, Notice, Refused
from ..rooms import settling
from ..rooms.room import Seat
from ..rooms.settling import Sought
from ..rooms.whereabouts import whereabouts
from ..syntax import names
from ..syntax.conversations import other_party
from .latest import LatestConversations
from .resume_tokens import ENDED

if TYPE_CHECKING:
    from ..core import Core
    from ..people.accounts import Account
    from ..people.person import Connection, Person
    from ..rooms.direct_messages import DirectMessages
    from ..rooms.ledger import Ledger
    from ..rooms.membership import Membership
    from ..rooms.reading import Reading
    from ..rooms.registry import RoomRegistry
    from ..rooms.room import Room
    from .absent import Absent
    from .cards import Card
    from .devices import Devices
    from .entry import Entry
    from .preferences import PreferenceStore
    from .renaming import Renaming
    from .resume_tokens import ResumeTokens
    from .server_bans import ServerBans

_AGAIN = 1.0
"""Seconds between attempts to read a journal that cannot be read."""

_LATELY = 60.0
"""
Seconds before this house began, or before the first command that was not answered: what was said since, in a
conversation that a door never heard of, is shown.
"""

T = TypeVar("T")


class Attaching:
    """Lets sessions of the last house go on, each by its card, in any order."""

    def __init__(
        self,
        core: Core,
        ledger: Ledger,
        rooms: RoomRegistry,
        membership: Membership,
        direct_messages: DirectMessages,
        preferences: PreferenceStore,
        renaming: Renaming,
        server_bans: ServerBans,
        devices: Devices,
        tokens: ResumeTokens,
        reading: Reading,
        absent: Absent,
        entry: Entry,
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms
        self._membership = membership
        self._direct_messages = direct_messages
        self._preferences = preferences
        self._renaming = renaming
        self._server_bans = server_bans
        self._devices = devices
        self._tokens = tokens
        self._reading = reading
        self._absent = absent
        self._entry = entry
        self._latest = LatestConversations(core)

    async def attach(
        self,
        session: Connection,
        card: Card,
        seen: Mapping[str, int],
        unsettled: Collection[str],
        since: float,
        *,
        told_live: bool = True,
    ) -> list[str]:
        """
        Go on with a session of the last house; *session* is new, and has no nick yet.

        Its client is told nothing but what has changed.  What it has missed is shown from the next turn on.

        :param card: what its door has kept of it; see `Cards.read`.
        :param seen: the seq of the last event shown, by room; of rooms that were left, too, and of conversations.
        :param unsettled: the commands without an answer: see `Event.ask`.
        :param since: when the oldest of them was asked for, in seconds since the epoch.
        :param told_live: whether the last house told the client that it had been shown everything that it had missed.
        :returns: those of *unsettled* that are stored.
        :raises Refusal: if the session may not go on; it is nobody's then.
        """
        core = self._core
        core.check_open()
        await self._ledger.departed(card.identity)
        if session.gone:
            return []
        session.missed_since = seen
        try:
            with session.outlet.together():
                first = self._become(session, card, seen)
                person: Person[Seat] = session.person
                known = dict(person.seats)
                self._know_rooms(session, card, seen)
                self._follow(session, seen)
            if first and person.account is not None:
                with suppress(JournalError):
                    await self._reading.load(person)
            await core.journal.flush()
            begun = await self._begun(session, seen, since if unsettled else float("inf"))
            sought = self._sought(session, {**dict.fromkeys(known, 0), **begun, **seen})
            settled = await self._read(session, settling.settled, core.journal, sought, unsettled, since) or {}
            await self._reopen(session, {**{name: seen[name] for name in seen if name[:1] == "@"}, **begun})
            await self._enter_again(session)
            for name in [name for name in known if name not in seen and name[:1] != "@"]:
                await self._show_room(session, name, settled)
            for name in [name for name in seen if name[:1] != "@"]:
                await self._see_off(session, card, name, seen[name])
            await self._catch_up_person(session, card, first)
        finally:
            session.catch_up.know({})
            session.missed_since = NOTHING_SEEN
            # What happens now is free.
            session.owed()
        core.runtime.later(0.0, lambda: session.catch_up.arrived(again=told_live))
        return [ask for ask in unsettled if ask in settled]

    # Who it is.

    def _become(self, session: Connection, card: Card, seen: Mapping[str, int]) -> bool:
        """Make *session* one of the person of *card*; return whether it is the first of theirs that is back."""
        core = self._core
        proven = core.accounts.proven(card.login)
        if card.login and proven is None:
            raise CannotResume(ENDED)
        self._tokens.check_not_ended(card.claim)
        here: Person[Seat] | None = self._absent.found(card.identity, proven, card.came)
        if here is None:
            self._be_new(session, card, proven)
            self._take_back(session, seen)
            first = True
        elif proven is None and here.account is not None:
            raise CannotResume(ENDED)
        else:
            self._server_bans.check_not_banned(here, here.account, session.address)
            first = self._join(session, here, card)
        session.login = "" if proven is None else proven[1]
        person = session.person
        if card.number not in {one.number for one in person.others(session)}:
            session.number = card.number
        session.since = card.since
        current = person.seats.get(card.current)
        # The name that the room has, and not a copy for each person.
        session.current = "" if current is None else current.room.name
        session.conversation = card.conversation
        if first:
            self._restore(person, card)
        return first

    def _be_new(self, session: Connection, card: Card, proven: tuple[Account, str] | None) -> None:
        """Make *session* that of somebody who was in no room, or whose time to come back was over."""
        try:
            self._entry.be_new(session, card.nick, card.claim, proven)
        except (NickTaken, BadName):
            self._entry.be_new(session, self._core.nicks.free_like(card.nick), card.claim, proven)

    def _take_back(self, session: Connection, seen: Mapping[str, int]) -> None:
        """Seat a person again whose departures could not be stored: neither the journal nor anybody knows of those."""
        person: Person[Seat] = session.person
        for room in self._ledger.take_back(person.identity):
            position = room.history.position(seen.get(room.name, room.shown))
            self._membership.seat(person, room, room.shown, {session: position})

    def _join(self, session: Connection, here: Person[Seat], card: Card) -> bool:
        """Make *session* one of *here*, in the place of the one that it was; return whether it is the first."""
        own, absent = card.claim.session, self._absent.of(here)
        former = next((one for one in here.sessions if one.id == own), None)
        if former is not None and former.connected:
            raise CannotResume("You resumed on another connection.")
        former = former or absent
        if former is None:
            self._devices.attach(session, here, "", "")
        else:
            self._entry.replace(session, former)
        if own != here.identity:
            self._absent.end_guest(own, here.nick)
        people = self._core.people
        marked, somebody = people.marks.get(own, session), people.get(own, here)
        if marked is session and somebody is here and not any(one.id == own for one in here.others(session)):
            # What they said before is their own, also to programs; unless they go on as a guest elsewhere, who has
            # come back before: the house that had let them log in knew nothing of that.
            session.belong_to(here, "" if own == here.identity else own)
        return absent is not None

    def _restore(self, person: Person[Any], card: Card) -> None:
        """Give *person* what the records do not have."""
        person.since = card.came
        person.correspondent = card.correspondent
        person.bot, person.username, person.realname = card.bot, card.username, card.realname
        person.away = card.away
        if card.preferences is not None and person.account is None:
            person.ignored = {names.key(nick): nick for nick in card.preferences.ignore} or NOBODY
            usual = card.preferences
            person.preferences = usual if card.away == usual.away else replace(usual, away=card.away)
        self._preferences.recall(person)

    async def _catch_up_person(self, session: Connection, card: Card, first: bool) -> None:
        """Do what was due while the person was absent, and tell *session* what has changed."""
        if session.gone:
            return
        person = session.person
        with suppress(NotStored):
            # Otherwise once storing works again.
            await self._membership.remove_banned(person)
        if person.nick != card.nick:
            session.tell(NickChanged(person.nick))
        if first and not session.gone:
            if person.account is not None:
                with suppress(JournalError):
                    await self._direct_messages.deliver(session)
            if person.unproven is None:
                self._renaming.enforce_nick(person)

    # Where it is.

    def _follow(self, session: Connection, seen: Mapping[str, int]) -> None:
        """Show *session* the rooms of its person from *seen* on, and its outlet who they are; never waits."""
        person: Person[Seat] = session.person
        self._devices.follow(session, seen, anew=True)
        for name, seat in person.seats.items():
            # What they were not shown they have not read.
            seat.joined_after = min(seat.joined_after, session.catch_up.cursors[name].position)
        self._preferences.apply(person)

    def _know_rooms(self, session: Connection, card: Card, seen: Mapping[str, int]) -> None:
        """Note the rooms in which *session* was as somebody else, who goes on without it."""
        former: Person[Seat] | None = self._core.people.get(card.identity)
        if former is None or former is session.person:
            return
        shown = {name: seen[name] for name in former.room_names() if name in seen and not former.seats[name].leaving}
        session.catch_up.know(shown)
        if card.current in shown:
            session.current = card.current

    async def _enter_again(self, session: Connection) -> None:
        """Let *session* enter the rooms in which it was as somebody else, where its client believes that it is."""
        if session.catch_up.known and not session.gone:
            try:
                await self._devices.enter_again(session)
            except NotStored as refusal:
                session.tell(Refused(refusal.code, str(refusal)))

    def _sought(self, session: Connection, shown: Mapping[str, int]) -> dict[str, Sought]:
        """
        Return how far back to look for what *session* has asked for.

        :param shown: the seq of the last event shown, by room; 0: its door has not heard of it.
        """
        lag, followed = self._core.limits.lag, session.catch_up.cursors
        # All of a room that it follows is read on from there, anyway.
        return {name: Sought(seq, lag) if seq and name in followed else Sought(seq) for name, seq in shown.items()}

    async def _begun(self, session: Connection, seen: Mapping[str, int], since: float) -> dict[str, int]:
        """Return the conversations that the door has not heard of, and the seqs after which it should."""
        # The clock may have been set, and there may have been no house for long.
        person, moment = session.person, min(self._absent.since, since) - _LATELY
        found: dict[str, int] = {}
        if moment == float("inf"):
            return found
        latest = await self._read(session, self._latest.of, person.party) or []
        seated = [name for name in person.seats if name[:1] == "@"]
        for name in dict.fromkeys([*seated, *latest]):
            if name in seen:
                continue
            room = await self._use(session, name)
            if room is None:
                break
            try:
                if room.history.last_at >= moment:
                    found[name] = (await self._read(session, room.history.seq_at, moment) or 1) - 1
            finally:
                self._ledger.done(room)
        return found

    async def _reopen(self, session: Connection, seen: Mapping[str, int]) -> None:
        """Seat the person in those of the conversations in *seen* that are theirs."""
        for name, seq in seen.items():
            person: Person[Seat] = session.person
            if other_party(name, person.party) is None:
                continue
            room = await self._use(session, name)
            if room is None:
                return
            try:
                seat = person.seats.get(name)
                if session.gone:
                    return
                position = room.history.position(seq)
                if seat is not None:
                    # Of another session, or of who wrote to them first.
                    if session.catch_up.position(name) != position:
                        session.catch_up.follow(seat, position)
                elif person.conversations < self._core.limits.conversations:
                    self._membership.seat(person, room, room.shown, {session: position})
            finally:
                self._ledger.done(room)

    async def _show_room(self, session: Connection, name: str, settled: Mapping[str, str]) -> None:
        """Show *session* a room of which its door has not heard: the person came just before the last house ended."""
        person: Person[Seat] = session.person
        seat = person.seats.get(name)
        if seat is None:
            return
        came = await self._read(session, settling.came, seat.room, person.identity)
        if session.gone or person.seats.get(name) is not seat or seat.leaving:
            return
        if came is not None:
            session.catch_up.follow(seat, seat.room.history.position(came - 1))
        if name in settled.values():
            session.current = name
        if session.shows(name):
            recent = 0 if came is not None else self._core.limits.greeting
            session.tell(self._membership.entered(session, seat, recent))

    async def _see_off(self, session: Connection, card: Card, name: str, seq: int) -> None:
        """Show *session* the room *name* up to the departure of the person, if they are in it no more."""
        person: Person[Seat] = session.person
        if name in person.seats or name in session.catch_up.cursors or session.gone:
            return
        room = await self._use(session, name)
        if room is None:
            return
        try:
            position = room.history.position(seq)
            upto = await self._read(session, settling.departed, room, card.identity, position)
            if upto is None or session.gone or name in person.seats:
                return
            if session.outlet.asks:
                session.tell(Notice(f"You are no longer in #{name}. {whereabouts(session)}", "removed", (name,)))
            if name == card.current and not session.current:
                # Until it has been shown: see `CatchUp`.
                session.current = name
            seat = Seat(room, person, position)
            seat.upto = upto
            session.catch_up.follow(seat, position)
        finally:
            self._ledger.done(room)

    async def _use(self, session: Connection, name: str) -> Room | None:
        """Bring the room *name* into use; None: *session* is gone."""
        return await self._read(session, self._rooms.use, name)

    async def _read(self, session: Connection, read: Callable[..., Awaitable[T]], *what: object) -> T | None:
        """Read, again and again while the journal cannot be read; None: *session* is gone."""
        while not session.gone:
            try:
                return await read(*what)
            except JournalError:
                again = self._core.runtime.future()
                self._core.runtime.later(_AGAIN, partial(again.callback, None))
                await again
        return None
