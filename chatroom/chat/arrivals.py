"""Coming in: a name is given, a broken connection carried on, another nick taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .commands.registry import moving, secrets, usages
from .errands import Errand
from .refusals import BadInput, CannotResume, MutedHere, NickTaken, NotNow, NotStored, Refusal, TooMany
from .replies import Goodbye, Named, Notice, Refused, Welcome
from .someone import NOTHING_SEEN
from .turns import MISSED_A_LINE, NAMES_A_LINE

if TYPE_CHECKING:
    from .hub import Hub
    from .session import Session

LOBBY = "lobby"
"""The room that everyone enters who asks for no other."""

_ENDED = "The login behind this token has ended. Say hello without it."


class Arrivals:
    """Lets people into *hub*, under the nicks that they ask for."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def arrive(
        self,
        session: Session,
        nick: str,
        rooms: Sequence[str] | None,
        resume: str | None,
        seen: Mapping[str, int],
        password: str | None,
    ) -> None:
        """
        Give *session* a name, let it into its rooms, and show it what it has missed.

        :param rooms: the rooms to enter; None: those in *seen*, or else the lobby.
        :param resume: the token of a former session that this one carries on.
        :param seen: the seq of the last event that was received, by room; conversations too.
        :param password: logs in to the account *nick*.
        :raises Refusal: if the nick cannot be had or the token is no good; *session* may try again.
        """
        hub = self._hub
        if session.nick:
            raise NotNow(f"You are {session.nick} already; /nick changes that.")
        hub.check_open()
        wanted = self._wanted_rooms(rooms, seen)
        resumed = self._become(session, nick, resume, password)
        missed = sum(seat.missing(seen) for seat in session.seats.values())
        shown = sum(len(seat.room.seats) for seat in session.seats.values())
        session.charge(len(wanted) + missed / MISSED_A_LINE + shown / NAMES_A_LINE)
        session.outlet.viewer = session.identity
        session.missed_since = seen
        kept = tuple(session.seats.values())
        session.reply(self._welcome(session, resumed))
        for line in () if resumed else hub.policy.message_of_the_day:
            session.reply(Notice(line))
        session.ref = None
        try:
            for seat in kept:
                seat.position = seat.room.past.position(seen.get(seat.room.name, seat.since))
                if not seat.room.conversation:
                    session.reply(hub.seating.entered(seat))
            # The session may be gone after each of these, and they do nothing then.
            await hub.seating.put_out_banned(session)
            await self._log_in(session, nick, password)
            if resume:
                await hub.talks.reopen(session, seen)
            for name in wanted:
                await self._enter(session, name, seen.get(name))
            if resumed:
                # What the former connection said last may be on its way: it belongs to what was missed.
                await hub.journal.flush()
        finally:
            session.missed_since = NOTHING_SEEN
            session.arrived()

    def _become(self, session: Session, nick: str, resume: str | None, password: str | None) -> bool:
        """Let *session* carry on the one that *resume* proves, or be somebody new; tell whether it was still here."""
        hub = self._hub
        identity, proof = hub.read_token(resume) if resume else (hub.world.token(), "")
        former = hub.people.get(identity)
        if former is None:
            # The owner may come in while somebody else has the nick: they get it when they have proven who they are.
            taken = password is not None and hub.nicks.get(hub.key_of(nick)) is not None
            self._be_new(session, hub.nicks.free_like(nick) if taken else nick, identity, proof)
            return False
        if proof != hub.proof_of(former):
            raise CannotResume(_ENDED)
        # From where they come now may be banned.
        hub.server_bans.check_not_banned(former, former.account, session.address)
        self._take_over(session, former)
        return True

    def _be_new(self, session: Session, nick: str, identity: str, proof: str) -> None:
        hub = self._hub
        proven = hub.accounts.proven(proof)
        if proof and proven is None:
            raise CannotResume(_ENDED)
        shown, key = hub.nicks.claim(session, nick)
        session.identity, session.key = identity, key
        try:
            hub.server_bans.check_not_banned(session, proven[0] if proven else None)
        except Refusal:
            hub.nicks.release(session, shown, key)
            session.identity = session.key = ""
            raise
        session.nick = shown
        hub.people[identity] = session
        if proven is not None:
            hub.logins.attach(session, *proven)
        session.take_budget(hub.budgets.recall(session.party))

    async def _log_in(self, session: Session, nick: str, password: str | None) -> None:
        """Log in whom *password* proves, and let who comes back have what they prefer; then watch over the nick."""
        if session.gone:
            return
        try:
            if password is not None and session.account is None:
                await self._hub.logins.login(session, nick, password)
                return
            if session.account is not None:
                session.reply(self._hub.logins.logged_in(session, session.account))
            self._hub.preferring.take_up(session)
            if session.account is not None:
                await self._hub.talks.deliver(session)
        except NotStored:
            raise
        except Refusal as refusal:
            session.reply(Refused(refusal.code, str(refusal)))
        finally:
            if not session.gone and session.unproven is None:
                self._hub.logins.watch(session)

    async def _enter(self, session: Session, name: str, seen: int | None) -> None:
        """Let *session* into one of the rooms that it asked for; one that keeps it out is no reason to stay away."""
        if name in session.seats or session.gone:
            return
        try:
            await self._hub.seating.enter(session, name, seen)
        except NotStored:
            raise
        except Refusal as refusal:
            session.reply(Refused(refusal.code, str(refusal)))

    async def rename(self, session: Session, nick: str) -> None:
        """
        Let *session*, who asks for it, be known by another nick, in every room.

        :raises Refusal: if it cannot be had.
        """
        self._hub.check_open()
        if session.becoming:
            raise NotNow(f"You are just becoming {session.becoming[0]}.")
        owner = self._hub.accounts.of(self._hub.key_of(nick))
        if owner is not None and not session.owns(owner):
            raise NickTaken(f"The nick {owner.nick} is registered. If it is yours: /login {owner.nick}")
        muted = next((seat.room.name for seat in session.seats.values() if seat.room.is_muted(session)), None)
        if muted is not None:
            raise MutedHere(f"You can't change your nick while you are muted in #{muted}.")
        shown, key = self._hub.nicks.claim(session, nick)
        if shown == session.nick:
            raise BadInput(f"You are {shown} already.")
        try:
            self._hub.server_bans.check_nick_not_banned(session, key)
        except Refusal:
            self._let_go(session, shown, key)
            raise
        # It is an event of each of their rooms.
        session.charge(max(0, session.public - 1))
        person = await self._rename(session, shown, key, session.ref)
        if person is session:
            session.reply(Named(shown))
        else:
            person.outlet.reply(Named(shown))

    async def force_rename(self, session: Session) -> None:
        """Give *session*, who did not ask for it, another nick; harmless if they are just getting one."""
        if session.becoming or session.gone:
            return
        former = session.nick
        shown, key = self._hub.nicks.claim(session, self._hub.nicks.free_like(former))
        try:
            person = await self._rename(session, shown, key, None)
        except NotStored:
            # It has not happened, so there is a next time.
            person = session.by_now()
            if not person.gone:
                self._hub.logins.watch(person)
            return
        person.outlet.reply(Named(shown))
        person.outlet.reply(Notice(f"{former} is somebody's registered nick, so you are {shown} now."))

    async def _rename(self, session: Session, shown: str, key: str, ref: str | None) -> Session:
        """Rename *session* to *shown* once that is recorded; return their session by then, which may be gone."""
        session.becoming = shown, key
        # Waited for even if another connection carries on meanwhile.
        renaming = Errand(self._hub.world)
        try:
            for seat in session.seats.values():
                if not seat.room.conversation:
                    seat.room.rename(session, shown, renaming, ref)
            await renaming.settled()
        except BaseException:
            person = session.by_now()
            person.becoming = None
            self._let_go(person, shown, key)
            raise
        # Another session, if they carry on from another connection meanwhile; none, if they have left.
        person = session.by_now()
        person.becoming = None
        if person.gone:
            return person
        self._hub.nicks.release(person, person.nick, person.key)
        former, person.nick, person.key = person.key, shown, key
        for seat in person.seats.values():
            seat.room.people_changed()
        self._hub.nicks.put(person)
        self._hub.preferring.show(person)
        self._hub.preferring.renamed(person, former)
        self._hub.logins.watch(person)
        # The nick may have been banned while it was recorded that they have it.
        self._hub.server_bans.look_again(person)
        return person

    def _let_go(self, session: Session, shown: str, key: str) -> None:
        """Give back a nick that was reserved and is not to be had; it may differ from theirs in its looks only."""
        self._hub.nicks.release(session, shown, key)
        if session.nick and not session.gone:
            self._hub.nicks.put(session)

    def _take_over(self, session: Session, former: Session) -> None:
        """Let *session* go on as *former*, whose connection broke or is about to be closed."""
        former.fall_behind()
        self._hub.forget(former)
        session.inherit(former)
        self._hub.people[session.identity] = session
        self._hub.nicks.hand_over(former, session)
        outlet = former.outlet
        former.retire()
        outlet.reply(Goodbye("You carry on from another connection."))
        outlet.close()

    def _welcome(self, session: Session, resumed: bool) -> Welcome:
        return Welcome(
            nick=session.nick,
            resume=self._hub.token_of(session),
            lasts=int(self._hub.limits.token_lasts),
            resumed=resumed,
            server=self._hub.server,
            commands=usages(),
            secrets=secrets(),
            moves=moving(),
        )

    def _wanted_rooms(self, rooms: Sequence[str] | None, seen: Mapping[str, int]) -> list[str]:
        asked = [name for name in seen if not name.startswith("@")] if rooms is None else rooms
        if len(asked) > self._hub.limits.rooms_per_session:
            raise TooMany(f"At most {self._hub.limits.rooms_per_session} rooms at a time.")
        # Each once, in the order asked for.
        return list(dict.fromkeys(self._hub.room_name(name) for name in asked)) or [LOBBY]
