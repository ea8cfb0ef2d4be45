"""The hub: who is here and which rooms exist; the only entrance to the house."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence

from . import lookalikes, names
from .accounts import ACCOUNT, SEEN, Account, Accounts
from .arrivals import LOBBY, Arrivals
from .budgets import Budgets, times_of
from .events import AUDIT, Recorded
from .limits import Limits
from .logins import Logins
from .nicks import Nicks
from .nowhere import Nowhere
from .pages import Pages
from .pending import PendingChanges
from .policy import DefaultRoom, Policy
from .ports import Change, FanOut, Journal, Outlet, Passwords, Value, World
from .preferring import Preferring
from .proofs import PROOF
from .refusals import NotHere, NotNow
from .replies import Reply
from .room import Room
from .room_list import RoomList
from .rooms import Rooms
from .seating import Seating
from .seen import LastSeen
from .server_bans import ServerBans
from .session import Session
from .shutdown import ShutdownTimer
from .standing import Standing
from .talks import Talks
from .tokens import Tokens
from .turns import Turns

_SLICE = 200
"""People who are looked at in one turn, when something about everyone has changed."""


class Hub:
    """
    Everyone and every room of one server.

    :param world: time, tasks and randomness.
    :param journal: where events are kept; `open` it before anyone connects.
    :param server: name and version, as shown to people.
    :param fan_out: hands one batch to many outlets, the way that suits them best.
    """

    def __init__(
        self, world: World, journal: Journal, policy: Policy, server: str, fan_out: FanOut, passwords: Passwords
    ) -> None:
        self.world = world
        self.journal = journal
        self.server = server
        self.fan_out = fan_out
        self.passwords = passwords
        self.nowhere: Outlet = Nowhere()
        self.budgets = Budgets(policy.limits, world.monotonic)
        self.accounts = Accounts()
        self.nicks = Nicks(self)
        self.rooms = Rooms(self, self.announce)
        self.room_list = RoomList(self)
        self.arrivals = Arrivals(self)
        self.seating = Seating(self)
        self.talks = Talks(self)
        self.logins = Logins(self)
        self.preferring = Preferring(self)
        self.server_bans = ServerBans(self)
        self.shutdown = ShutdownTimer(self)
        self.pending = PendingChanges(self._apply, self._value)
        self.turns = Turns(world)
        self.pages = Pages(world, journal)
        self.last_seen = LastSeen()
        self.standing = Standing()
        """What stands on the whole server."""
        self.people: dict[str, Session] = {}
        """Everyone who has a nick, by identity."""
        self.delivered: Counter[str] = Counter()
        """Events shown to somebody since the start, by door."""
        self._sessions: set[Session] = set()
        """Everyone who is connected or may come back, with a nick or without."""
        self._away: dict[str, OrderedDict[Session, None]] = {}
        """Those whose connection is broken, by where they came from; the first of them has been so the longest."""
        self.evictions = 0
        """Broken connections that were given up early, because their place had too many."""
        self._closing = False
        self._tokens = Tokens(b"", 0.0)
        self.govern(policy)

    def govern(self, policy: Policy) -> None:
        """Go by *policy* from now on."""
        self.policy = policy
        self.limits: Limits = policy.limits
        self.budgets.govern(policy.limits)
        self._defaults = {room.name: room for room in policy.rooms}
        self._appointed = {room.name: frozenset(map(names.key, room.operators)) for room in policy.rooms}

    def open(self) -> int:
        """
        Open the journal; may block.

        :returns: how many people a crash had left inside, who are now recorded as having left.
        :raises JournalError: if it cannot be opened.
        """
        left = self.journal.open(self.rooms)
        self._tokens = Tokens(self.journal.secret, self.limits.token_lasts)
        records = self.journal.standing()
        self.standing = Standing(records)
        self.accounts.load(records)
        self.preferring.load(record for record in records if record.kind == "preferences")
        # What names look like is read from a table when first asked for, which no one should wait for.
        lookalikes.skeleton("")
        return left

    # What stands.

    def _apply(self, change: Change) -> None:
        """Let *change* hold."""
        if change.scope:
            self.rooms.apply(change)
        elif change.kind in (ACCOUNT, SEEN, PROOF):
            self.accounts.apply(change)
        elif change.kind == "preferences":
            self.preferring.apply(change)
        else:
            self.standing.apply(change)

    async def keep(self, changes: Sequence[Change]) -> None:
        """
        Let *changes* that come without an event hold, and store them.

        :raises JournalError: if they could not be stored; then they are undone.
        """
        number = self.pending.hold(changes)
        try:
            await self.journal.change(changes)
        except BaseException:
            undone = self.pending.failed(changes)
            self._follow(undone)
            raise
        self.pending.stored(changes, number)

    def _value(self, change: Change) -> Value | None:
        """What the record that is to be changed holds now."""
        if change.scope:
            room = self.rooms.get(change.scope)
            return room.standing.value(change.kind, change.key) if room is not None else None
        if change.kind in (ACCOUNT, SEEN, PROOF):
            return self.accounts.value(change.kind, change.key)
        if change.kind == "preferences":
            return self.preferring.value(change.key)
        return self.standing.value(change.kind, change.key)

    def changed(self, changes: Sequence[Change]) -> None:
        """Apply *changes* that another program has made; called in the order of the commits."""
        for change in changes:
            self.pending.by_another(change)
        self._follow(changes)

    def _follow(self, changes: Sequence[Change]) -> None:
        """Let *changes*, which nobody here has asked for, hold for the people here, too."""
        accounts = {change.key for change in changes if change.kind == ACCOUNT}
        if accounts:
            self.logins.check_accounts(accounts)
        if any(change.kind == "ban" for change in changes):
            self.world.spawn(self.server_bans.enforce())

    async def everyone(self, look: Callable[[Session], object]) -> None:
        """Call *look* with everyone who has a nick, a few in each turn of the reactor."""
        people = list(self.people)
        for start in range(0, len(people), _SLICE):
            if start:
                await self.turns.next()
            for identity in people[start : start + _SLICE]:
                session = self.people.get(identity)
                if session is not None:
                    look(session)

    def record(self, who: Session, act: str, where: str, text: str) -> None:
        """Put into the audit log what *who* did with the command *act*, in the room *where* or on the whole server."""
        self.journal.append(Recorded(AUDIT, self.world.now(), who.identity, who.nick, act, where, text))

    def is_default(self, room: str) -> bool:
        """Whether *room* is there whoever opens it, so that nobody rules it for having come first."""
        return room == LOBBY or room in self._defaults

    def defaults(self) -> Iterable[DefaultRoom]:
        """The rooms that are always there, by the configuration."""
        return self._defaults.values()

    def first_topic(self, room: str) -> str:
        """The topic of *room* for as long as nobody has set one."""
        default = self._defaults.get(room)
        return default.topic if default is not None else ""

    def appointed(self, room: str) -> frozenset[str]:
        """The keys of the accounts that the configuration makes operators of *room*."""
        return self._appointed.get(room, frozenset())

    # Who is who.

    def person(self, nick: str) -> Session:
        """
        Find someone by nick.

        :raises NotHere: if nobody of that name is here.
        """
        session = self.nicks.get(names.key(nick))
        if session is None or not session.nick:
            raise NotHere(f"Nobody called {nick[: self.limits.nick]} is here.")
        return session

    def meant(self, nick: str) -> Session | None:
        """
        Find who is meant by *nick*, if they are here.

        That is the one whose name it is, even while a stranger has it who must log in yet.
        """
        key = names.key(nick)
        session, account = self.nicks.get(key), self.accounts.of(key)
        if account is not None and (session is None or not session.owns(account)):
            return next(self.logged_in(account), None)
        return session if session is not None and session.nick else None

    def is_somebody(self, party: str) -> bool:
        """Whether *party* is an account, or a guest who is here or may come back."""
        return self.accounts.known(party) is not None or party in self.people

    def logged_in(self, account: Account) -> Iterator[Session]:
        """Everyone who is logged in to *account*."""
        return self.logins.of(account)

    def key_of(self, nick: str) -> str:
        """The key of a nick; of what can be nobody's, one that nobody has."""
        return names.key(nick)

    def read_token(self, token: str) -> tuple[str, str]:
        """
        Read a resume token: the identity and the login that it proves.

        :raises CannotResume: if it is none of ours, or too old.
        """
        return self._tokens.read(token, self.world.now(), self.people)

    def token_of(self, session: Session) -> str:
        """Make a token that carries *session* on; empty where tokens are of no use."""
        if not session.outlet.resumes:
            return ""
        return self._tokens.issue(session.identity, self.proof_of(session), self.world.now())

    def proof_of(self, session: Session) -> str:
        """Word what proves the login of *session*; empty for a guest."""
        return "" if session.account is None else self.accounts.proof(session.account, session.login)

    def room_name(self, text: str) -> str:
        """
        Work out which room *text* names.

        :raises BadName: if no room can have that name.
        """
        return names.room(text, self.limits.room)

    def active_room(self, text: str, asker: Session) -> Room:
        """
        Find the room that *text* names, as far as *asker* may know of it.

        :raises NotHere: if nobody is in it.
        """
        room = self.rooms.get(self.room_name(text))
        if room is None or not room.seats or not room.may_know(asker):
            raise NotHere(f"There is nobody in #{self.room_name(text)}.")
        return room

    # Coming and going.

    def connect(self, outlet: Outlet) -> Session:
        """Somebody is at the door; they have no name yet."""
        session = Session(self, outlet)
        self._sessions.add(session)
        return session

    def disconnect(self, session: Session, reason: str) -> None:
        """
        The connection of *session* is gone.

        Who can resume stays for a short while, in case they do.
        """
        if session.gone:
            return
        if not session.nick or not session.outlet.resumes or self._closing:
            self.end(session, reason)
            return
        session.fall_behind()
        session.outlet = self.nowhere
        session.parting = self.world.later(self.limits.grace, lambda: self._part(session, reason))
        self._hold_place(session, reason)

    def _part(self, session: Session, reason: str) -> None:
        """Their time to come back is over."""
        session.parting = None
        self.end(session, reason)

    def _hold_place(self, session: Session, reason: str) -> None:
        """Keep *session* for a while; of those from its place, only so many as may be connected from there."""
        away = self._away.setdefault(session.place, OrderedDict())
        away[session] = None
        if len(away) > self.limits.persons_per_address * times_of(session.place):
            self.evictions += 1
            self.end(next(iter(away)), reason)

    @property
    def broken(self) -> int:
        """How many people have a broken connection, and may come back."""
        return sum(map(len, self._away.values()))

    def _back(self, session: Session) -> None:
        """Hold the place of *session* no longer."""
        away = self._away.get(session.place)
        if away is not None:
            away.pop(session, None)
            if not away:
                del self._away[session.place]

    def end(self, session: Session, reason: str) -> None:
        """Take *session* out of every room; harmless if that has been done."""
        if session.gone:
            return
        session.fall_behind()
        self.forget(session)
        session.retire()
        if session.nick:
            del self.people[session.identity]
            self.nicks.release(session, session.nick, session.key)
            if session.becoming is not None:
                self.nicks.release(session, *session.becoming)
            self.last_seen.note(session.key, session.nick, self.world.now())
            self.logins.left(session)
            self.seating.vacate(session, reason)
            self.budgets.keep(session.party, session.budget)

    def forget(self, session: Session) -> None:
        """Wait for *session* no more: it is over, or carried on by another."""
        self._sessions.discard(session)
        self._back(session)

    async def close(self, reason: str) -> None:
        """Say goodbye to everyone; *reason* completes "The server is shutting down: "."""
        self._closing = True
        self.shutdown.cancel()
        try:
            await self.journal.flush()
        finally:
            # Also when that fails, or takes longer than our caller waits.
            for session in list(self._sessions):
                goodbye = f"The server is shutting down: {reason}. You have been disconnected."
                session.hang_up(goodbye, "the server is shutting down")

    @property
    def closing(self) -> bool:
        """Whether everyone is being sent home."""
        return self._closing

    def check_open(self) -> None:
        """
        Let nothing begin that would not end.

        :raises NotNow: if the server is shutting down.
        """
        if self._closing:
            raise NotNow("The server is shutting down.")

    def announce(self, reply: Reply, asker: Session | None = None) -> None:
        """Tell everyone who has a name; for *asker* it is the answer."""
        for session in list(self.people.values()):
            session.outlet.reply(reply, session.ref if session is asker else None)
