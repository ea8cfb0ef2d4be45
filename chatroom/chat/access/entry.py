"""Entry: checks the hello or resume token of a new connection and lets the person into their rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from ..command_table import asking, moving, secrets, usages
from ..people.directory import PersonChange
from ..people.person import NOTHING_SEEN
from ..policy import LOBBY
from ..refusals import CannotResume, NotNow, NotStored, Refusal, TooMany
from ..replies import Goodbye, Notice, PasswordWanted, Refused, Welcome
from ..rooms.joining import JoinRequest
from ..rooms.reading import Return
from ..syntax.names import key as key_of
from ..syntax.names import room as room_name
from .resume_tokens import ENDED, Claim

if TYPE_CHECKING:
    from ..core import Core
    from ..people.accounts import Account
    from ..people.person import Connection
    from ..rooms.direct_messages import DirectMessages
    from ..rooms.membership import Membership
    from ..rooms.reading import Reading
    from .absent import Absent
    from .devices import Devices
    from .login import Logins
    from .preferences import PreferenceStore
    from .renaming import Renaming
    from .resume_tokens import ResumeTokens
    from .server_bans import ServerBans


class Arrival(Enum):
    """How a session comes in: as somebody new, as a further session of somebody here, or as one that was broken."""

    NEW = auto()
    FURTHER = auto()
    RESUMED = auto()


@dataclass(frozen=True, slots=True)
class HelloRequest:
    """
    What hello asks for.

    :param rooms: the rooms to enter; None: those in *seen*, or else the lobby.
    :param resume: the token of an earlier session to resume.
    :param attach: become a further session of that person, instead of taking the earlier one over.
    :param seen: the seq of the last event received, by room; conversations too.
    :param password: logs in to the account *nick*; empty: the nick is somebody else's, so another one is given.
    :param proof: the account whose password was right before; it stands in place of *password*, for any nick.
    :param guest: the identity of a guest, which was proven before; empty: a new one.
    :param lobby: enter the lobby if no other room is asked for.
    """

    nick: str
    rooms: Sequence[str] | None = None
    resume: str | None = None
    attach: bool = False
    seen: Mapping[str, int] = field(default_factory=lambda: NOTHING_SEEN)
    password: str | None = None
    proof: Account | None = None
    guest: str = ""
    lobby: bool = True


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
        devices: Devices,
        tokens: ResumeTokens,
        reading: Reading,
        absent: Absent,
        forget: Callable[[Any], object],
    ) -> None:
        self._core = core
        self._membership = membership
        self._direct_messages = direct_messages
        self._preferences = preferences
        self._renaming = renaming
        self._logins = logins
        self._server_bans = server_bans
        self._devices = devices
        self._tokens = tokens
        self._reading = reading
        self._absent = absent
        self._forget = forget

    async def hello(self, session: Connection, request: HelloRequest) -> None:
        """
        Handle hello: give the person a name, let them into their rooms, and show what they missed.

        :raises Refusal: if the nick is not available or the token is invalid; the person can try again.
        """
        core = self._core
        if session.person.nick:
            raise NotNow(f"You are {session.person.nick} already; /nick changes that.")
        core.check_open()
        wanted = self._wanted_rooms(request)
        if self._must_prove_first(session, request):
            return
        account, refusal = await self._proven(session, request)
        if session.gone:
            return
        core.check_open()
        arrival = self._become(session, request, account)
        person, resumed = session.person, arrival is Arrival.RESUMED
        if arrival is not Arrival.NEW and request.rooms is None and person.seats and (person.account or not resumed):
            # They are where their other sessions are, and have left what else this one has seen.
            wanted = []
        session.charge(len(wanted))
        session.missed_since = request.seen
        with session.outlet.together():
            session.reply(self._welcome(session, resumed))
            for line in () if resumed else core.policy.message_of_the_day:
                session.reply(Notice(line))
        session.ref = None
        try:
            with session.outlet.together():
                self._devices.show_rooms(session, request.seen, anew=not resumed)
            # The session may be gone after each of these, and they do nothing then.
            await self._membership.remove_banned(person)
            if arrival is not Arrival.NEW:
                await self._reading.tell_rest(session)
            known = await self._log_in(session, request, arrival, account, refusal)
            if request.resume:
                await self._direct_messages.reopen(session, request.seen)
            if known.rooms and request.rooms is None:
                await self._devices.enter_remembered(session, known.rooms)
            else:
                await self._devices.enter(session, [JoinRequest(name) for name in wanted])
            if not session.gone and (session.person.account is not None or arrival is Arrival.FURTHER):
                await self._reading.greet(session, known.conversations)
            if resumed:
                # The last lines of the old connection may still be on their way to the journal; they count as missed.
                await core.journal.flush()
        finally:
            session.missed_since = NOTHING_SEEN
            session.catch_up.arrived()

    def _must_prove_first(self, session: Connection, request: HelloRequest) -> bool:
        """
        Ask for the password of a registered nick where people type, before they have a nick.

        Programs are asked so if its owner is here; else they may also take the nick first, and log in then.
        """
        account = self._core.accounts.of(key_of(request.nick))
        if account is None or request.password is not None or request.proof is not None or request.resume:
            return False
        if not session.outlet.asks and self._core.people.owner(account) is None:
            return False
        session.reply(PasswordWanted("hello", account.nick))
        return True

    async def _proven(self, session: Connection, request: HelloRequest) -> tuple[Account | None, Refusal | None]:
        """Return the account that the password is right for, or why it is none."""
        if request.proof is not None:
            return self._logins.still_proven(request.proof), None
        if not request.password:
            return None, None
        try:
            return await self._logins.prove(session, request.nick, request.password), None
        except Refusal as refusal:
            return None, refusal

    def _become(self, session: Connection, request: HelloRequest, account: Account | None) -> Arrival:
        """Attach *session* to the person that a token or a password proves, or to a new one."""
        core = self._core
        claim = self._tokens.read(request.resume) if request.resume else self._claim(request)
        proven = core.accounts.proven(claim.login)
        if claim.login and proven is None:
            raise CannotResume(ENDED)
        if proven is None and account is not None and not request.resume:
            proven = account, core.runtime.token()
        here = self._absent.found(claim.identity, proven)
        if here is None:
            if request.attach:
                # The session that the token is of may still come back.
                claim = claim._replace(mark=core.runtime.token())
            self.be_new(session, self._nick_for(session, request, proven=account is not None), claim, proven)
            self._devices.follow(session, request.seen, anew=True)
            return Arrival.NEW
        if proven is None and here.account is not None:
            raise CannotResume(ENDED)
        # Their new address may be banned.
        self._server_bans.check_not_banned(here, here.account, session.address)
        login = "" if proven is None else proven[1]
        former = next((one for one in here.sessions if one.id == claim.session), None)
        if former is not None and former.login == login and not request.attach:
            self._take_over(session, former, request.seen)
            return Arrival.RESUMED
        further = request.attach or not request.resume
        self._devices.attach(session, here, "" if further else claim.session, login)
        if further and here.account is not None:
            session.login = core.runtime.token()
        self._devices.follow(session, request.seen, anew=True)
        return Arrival.FURTHER

    def _claim(self, request: HelloRequest) -> Claim:
        return Claim(request.guest or self._core.runtime.token(), "", "")

    def _nick_for(self, session: Connection, request: HelloRequest, *, proven: bool) -> str:
        """
        Return the nick to be claimed: another one while somebody else uses the one that was asked for, or owns it.

        Its owner gets it once they have logged in.

        :param proven: whether the password was right; programs may have the nick without, until they log in.
        """
        nicks, key = self._core.nicks, key_of(request.nick)
        used = request.password is not None and nicks.get(key) is not None
        wrong = bool(request.password) and not proven and session.outlet.asks and self._core.accounts.of(key)
        return nicks.free_like(request.nick) if used or wrong or request.password == "" else request.nick

    def be_new(self, session: Connection, nick: str, claim: Claim, proven: tuple[Account, str] | None) -> None:
        """
        Make the person of *session*, who has no nick yet, somebody who comes in as *nick*, in no room yet.

        :param claim: the identity and the mark that they should have, if nobody else has.
        :param proven: the account that they are logged in to and the id of that login; None: a guest.
        :raises Refusal: if the nick is not available, or they are banned.
        """
        core, person = self._core, session.person
        shown, key = core.nicks.claim(person, nick)
        if core.people.is_id(claim.identity):
            # Somebody who logged out is here under the identity of a login that goes on.
            claim = Claim(core.runtime.token(), claim.login, "")
        mark = core.runtime.token() if core.people.is_id(claim.mark) else claim.mark
        person.identity, person.key = claim.identity, key
        try:
            self._server_bans.check_not_banned(person, proven[0] if proven else None)
        except Refusal:
            core.nicks.release(person, shown, key)
            person.identity = person.key = ""
            raise
        person.nick = shown
        core.people[person.identity] = person
        core.people.notify(person, PersonChange.CAME)
        session.belong_to(person, mark)
        if proven is not None:
            self._logins.begin(session, *proven)
        else:
            session.take_budget(core.budgets.recall(person.party))

    def _take_over(self, session: Connection, former: Connection, seen: Mapping[str, int]) -> None:
        """Make *session* the connection of *former*, which is broken or about to close."""
        outlet = former.outlet
        # Before what waits for the former session goes on: it may be about to leave a room.
        self.replace(session, former, lambda: self._devices.follow(session, seen, anew=False))
        outlet.reply(Goodbye("You resumed on another connection."))
        outlet.close()

    def replace(self, session: Connection, former: Connection, then: Callable[[], object] = lambda: None) -> None:
        """Make *session* what *former* was, which is over then; *then* is called before anything else goes on."""
        former.catch_up.fall_behind()
        self._forget(former)
        session.carry_on(former)
        then()
        former.detach()

    async def _log_in(
        self,
        session: Connection,
        request: HelloRequest,
        arrival: Arrival,
        account: Account | None,
        refusal: Refusal | None,
    ) -> Return:
        """
        Finish the login that was proven, if any, restore preferences, then enforce registered nicks.

        :returns: what is known of a person who comes back.
        """
        if session.gone:
            return Return()
        person = session.person
        try:
            if refusal is not None:
                session.reply(Refused(refusal.code, str(refusal)))
                if session.outlet.asks:
                    session.reply(Notice(f"You are {person.nick} for now. Try again with /login {request.nick}."))
            if account is not None and person.account is None:
                await self._logins.finish(session, account)
            elif person.account is not None and arrival is Arrival.NEW:
                return await self._logins.welcome_back(session, person.account)
            elif person.account is not None:
                await self._logins.show(session, person.account)
                if arrival is Arrival.FURTHER:
                    self._devices.greet(session, person.nick)
            else:
                self._preferences.restore(session)
                self._devices.greet(session, person.nick)
                registered = self._core.accounts.of(key_of(request.nick))
                if registered is not None and request.password is None and not request.resume:
                    session.reply(PasswordWanted("login", registered.nick))
        except NotStored:
            raise
        except Refusal as refused:
            session.reply(Refused(refused.code, str(refused)))
        finally:
            if not session.gone and session.person.unproven is None:
                self._renaming.enforce_nick(session.person)
        return Return()

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

    def _wanted_rooms(self, request: HelloRequest) -> list[str]:
        limits, rooms = self._core.limits, request.rooms
        asked = [name for name in request.seen if not name.startswith("@")] if rooms is None else rooms
        if len(asked) > limits.rooms_per_session:
            raise TooMany(f"At most {limits.rooms_per_session} rooms at a time.")
        # Each once, in the order asked for.
        wanted = list(dict.fromkeys(room_name(name, limits.room) for name in asked))
        return wanted or ([LOBBY] if request.lobby else [])
