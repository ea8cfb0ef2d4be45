"""Entry: checks the hello or resume token of a new connection and lets the person into their rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..command_table import asking, moving, secrets, usages
from ..fair_queue import MISSED_A_LINE, NAMES_A_LINE
from ..people.person import NOTHING_SEEN
from ..policy import LOBBY
from ..refusals import CannotResume, NotNow, NotStored, Refusal, TooMany
from ..replies import Goodbye, Notice, Refused, Welcome
from ..syntax.names import key as key_of
from ..syntax.names import room as room_name

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection, Person
    from ..rooms.direct_messages import DirectMessages
    from ..rooms.membership import Membership
    from ..rooms.room import Seat
    from .login import Logins
    from .preferences import PreferenceStore
    from .renaming import Renaming
    from .resume_tokens import ResumeTokens
    from .server_bans import ServerBans

_ENDED = "The login behind this token has ended. Say hello without it."


class Entry:
    """
    Lets people in, under the nicks that they ask for.

    :param forget: stops waiting for a session whose connection is broken.
    """

    def __init__(
        self,
        core: Core,
        membership: Membership,
        direct_messages: DirectMessages,
        preferences: PreferenceStore,
        renaming: Renaming,
        logins: Logins,
        server_bans: ServerBans,
        tokens: ResumeTokens,
        forget: Callable[[Any], object],
    ) -> None:
        self._core = core
        self._membership = membership
        self._direct_messages = direct_messages
        self._preferences = preferences
        self._renaming = renaming
        self._logins = logins
        self._server_bans = server_bans
        self._tokens = tokens
        self._forget = forget

    async def hello(
        self,
        session: Connection,
        nick: str,
        rooms: Sequence[str] | None,
        resume: str | None,
        seen: Mapping[str, int],
        password: str | None,
    ) -> None:
        """
        Handle hello: give the person a name, let them into their rooms, and show what they missed.

        :param rooms: the rooms to enter; None: those in *seen*, or else the lobby.
        :param resume: the token of an earlier session to resume.
        :param seen: the seq of the last event received, by room; conversations too.
        :param password: logs in to the account *nick*.
        :raises Refusal: if the nick is not available or the token is invalid; the person can try again.
        """
        core = self._core
        if session.person.nick:
            raise NotNow(f"You are {session.person.nick} already; /nick changes that.")
        core.check_open()
        wanted = self._wanted_rooms(rooms, seen)
        resumed = self._become(session, nick, resume, password)
        person: Person[Seat] = session.person
        kept = tuple(person.seats.values())
        missed = sum(seat.missing(seen) for seat in kept)
        shown = sum(len(seat.room.seats) for seat in kept)
        session.charge(len(wanted) + missed / MISSED_A_LINE + shown / NAMES_A_LINE)
        session.outlet.viewer = person.identity
        session.missed_since = seen
        session.reply(self._welcome(session, resumed))
        for line in () if resumed else core.policy.message_of_the_day:
            session.reply(Notice(line))
        session.ref = None
        try:
            for seat in kept:
                position = seat.room.history.position(seen.get(seat.room.name, seat.joined_after))
                session.catch_up.follow(seat, position)
                if not seat.room.conversation:
                    session.reply(self._membership.entered(session, seat))
            # The session may be gone after each of these, and they do nothing then.
            await self._membership.remove_banned(person)
            await self._log_in(session, nick, password)
            if resume:
                await self._direct_messages.reopen(session, seen)
            for name in wanted:
                await self._enter(session, name, seen.get(name))
            if resumed:
                # The last lines of the old connection may still be on their way to the journal; they count as missed.
                await core.journal.flush()
        finally:
            session.missed_since = NOTHING_SEEN
            session.catch_up.arrived()

    def _become(self, session: Connection, nick: str, resume: str | None, password: str | None) -> bool:
        """
        Attach *session* to the person that *resume* proves, or to a new one; return whether they were still here.
        """
        core = self._core
        identity, proof = self._tokens.read(resume) if resume else (core.runtime.token(), "")
        former = core.people.get(identity)
        if former is None:
            # The owner may arrive while somebody else uses the nick; they get it once they have logged in.
            taken = password is not None and core.nicks.get(key_of(nick)) is not None
            self._be_new(session, core.nicks.free_like(nick) if taken else nick, identity, proof)
            return False
        if proof != self._tokens.proof_of(former.session):
            raise CannotResume(_ENDED)
        # Their new address may be banned.
        self._server_bans.check_not_banned(former, former.account, session.person.address)
        self._take_over(session, former)
        return True

    def _be_new(self, session: Connection, nick: str, identity: str, proof: str) -> None:
        core, person = self._core, session.person
        proven = core.accounts.proven(proof)
        if proof and proven is None:
            raise CannotResume(_ENDED)
        shown, key = core.nicks.claim(person, nick)
        person.identity, person.key = identity, key
        try:
            self._server_bans.check_not_banned(person, proven[0] if proven else None)
        except Refusal:
            core.nicks.release(person, shown, key)
            person.identity = person.key = ""
            raise
        person.nick = shown
        core.people[identity] = person
        if proven is not None:
            self._logins.attach(session, *proven)
        session.take_budget(core.budgets.recall(person.party))

    def _take_over(self, session: Connection, person: Person[Any]) -> None:
        """Make *session* the connection of *person*, replacing one that is broken or about to close."""
        former = person.session
        former.catch_up.fall_behind()
        self._forget(former)
        session.carry_on(person)
        outlet = former.outlet
        former.detach()
        outlet.reply(Goodbye("You resumed on another connection."))
        outlet.close()

    async def _log_in(self, session: Connection, nick: str, password: str | None) -> None:
        """Log in with *password*, if any, restore preferences, then enforce registered nicks."""
        if session.gone:
            return
        person = session.person
        try:
            if password is not None and person.account is None:
                await self._logins.login(session, nick, password)
                return
            if person.account is not None:
                session.reply(self._logins.logged_in(session, person.account))
            self._preferences.restore(session)
            if person.account is not None:
                await self._direct_messages.deliver(session)
        except NotStored:
            raise
        except Refusal as refusal:
            session.reply(Refused(refusal.code, str(refusal)))
        finally:
            if not session.gone and person.unproven is None:
                self._renaming.enforce_nick(person)

    async def _enter(self, session: Connection, name: str, seen: int | None) -> None:
        """Enter one room, which is the current one then; a refusal there does not stop the rest."""
        if name in session.person.seats or session.gone:
            return
        try:
            await self._membership.enter(session, name, seen)
        except NotStored:
            raise
        except Refusal as refusal:
            # They asked to be here, so their lines must not go to the room before.
            session.current = ""
            session.reply(Refused(refusal.code, str(refusal)))

    def _welcome(self, session: Connection, resumed: bool) -> Welcome:
        return Welcome(
            nick=session.person.nick,
            resume=self._tokens.of(session),
            lasts=int(self._core.limits.token_lasts),
            resumed=resumed,
            server=self._core.server,
            commands=usages(),
            secrets=secrets(),
            moves=moving(),
            asks=asking(),
        )

    def _wanted_rooms(self, rooms: Sequence[str] | None, seen: Mapping[str, int]) -> list[str]:
        limits = self._core.limits
        asked = [name for name in seen if not name.startswith("@")] if rooms is None else rooms
        if len(asked) > limits.rooms_per_session:
            raise TooMany(f"At most {limits.rooms_per_session} rooms at a time.")
        # Each once, in the order asked for.
        return list(dict.fromkeys(room_name(name, limits.room) for name in asked)) or [LOBBY]
