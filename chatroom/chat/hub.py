"""The hub: who is here and which rooms exist; the only entrance to the house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from . import lookalikes, names
from .accounts import Account, Accounts
from .administration import Administration
from .arrivals import LOBBY, Arrivals
from .events import AUDIT, Recorded
from .limits import Limits
from .logins import Logins
from .nicks import Nicks
from .nowhere import Nowhere
from .policy import DefaultRoom, Policy
from .ports import Change, FanOut, Journal, Outlet, Passwords, Record, World
from .preferring import Preferring
from .refusals import NotHere, NotNow
from .replies import Reply
from .room import Room
from .rooms import Rooms
from .ruling import Ruling
from .seating import Seating
from .seen import LastSeen
from .session import Session
from .standing import Standing
from .talks import Talks
from .targets import Targets
from .tokens import Tokens
from .turns import Turns


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
        self.accounts = Accounts()
        self.nicks = Nicks(self)
        self.rooms = Rooms(self, self.announce)
        self.arrivals = Arrivals(self)
        self.seating = Seating(self)
        self.talks = Talks(self)
        self.logins = Logins(self)
        self.preferring = Preferring(self)
        self.targets = Targets(self)
        self.ruling = Ruling(self)
        self.administration = Administration(self)
        self.turns = Turns(world)
        self.last_seen = LastSeen()
        self.standing = Standing()
        """What stands on the whole server."""
        self.people: dict[str, Session] = {}
        """Everyone who has a nick, by identity."""
        self.delivered: Counter[str] = Counter()
        """Events shown to somebody since the start, by door."""
        self._sessions: set[Session] = set()
        """Everyone who is connected or may come back, with a nick or without."""
        self._closing = False
        self._tokens = Tokens(b"", 0.0)
        self.govern(policy)

    def govern(self, policy: Policy) -> None:
        """Go by *policy* from now on."""
        self.policy = policy
        self.limits: Limits = policy.limits
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
        self._load(self.journal.standing())
        # What names look like is read from a table when first asked for, which no one should wait for.
        lookalikes.skeleton("")
        return left

    # What stands.

    def apply(self, change: Change) -> None:
        """Let *change*, which is stored, hold."""
        if change.scope:
            room = self.rooms.get(change.scope)
            if room is not None:
                room.standing.apply(change)
        else:
            self.standing.apply(change)

    async def reload(self) -> None:
        """Another program has changed what stands: read it, and let it hold for who is here."""
        self._load(await self.journal.records(""))
        await self.rooms.reload()
        for session in list(self.people.values()):
            if session.account is None:
                continue
            account = self.accounts.known(session.account.id)
            if account is None or account.stamp != session.account.stamp:
                self.logins.forget(session, "Your account has been changed: you are logged out.")
            else:
                session.account = account
        self.administration.enforce()

    def _load(self, records: list[Record]) -> None:
        self.standing = Standing(records)
        self.accounts.load(records)
        self.preferring.load(record for record in records if record.kind == "preferences")

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

    def is_somebody(self, party: str) -> bool:
        """Whether *party* is an account, or a guest who is here or may come back."""
        return self.accounts.known(party) is not None or party in self.people

    def logged_in(self, account: Account) -> Iterator[Session]:
        """Everyone who is logged in to *account*."""
        return (one for one in list(self.people.values()) if one.account is not None and one.account.id == account.id)

    def key_of(self, nick: str) -> str:
        """The key of a nick; of what can be nobody's, one that nobody has."""
        return names.key(nick[: 4 * self.limits.nick])

    def account_of(self, login: str) -> Account | None:
        """Find the account that the *login* part of a resume token still proves."""
        identity, _, stamp = login.partition("~")
        account = self.accounts.known(identity)
        return account if account is not None and account.stamp == stamp else None

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
        account = session.account
        login = f"{account.id}~{account.stamp}" if account is not None else ""
        return self._tokens.issue(session.identity, login, self.world.now())

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

    def end(self, session: Session, reason: str) -> None:
        """Take *session* out of every room; harmless if that has been done."""
        if session.gone:
            return
        session.fall_behind()
        self.forget(session)
        session.retire()
        if session.nick:
            del self.people[session.identity]
            self.nicks.release(session.nick, session.key)
            self.last_seen.note(session.key, session.nick, self.world.now())
            self.logins.note_seen(session)
            self.seating.vacate(session, reason)

    def forget(self, session: Session) -> None:
        """Wait for *session* no more: it is over, or carried on by another."""
        self._sessions.discard(session)

    def _part(self, session: Session, reason: str) -> None:
        """Their time to come back is over."""
        session.parting = None
        self.end(session, reason)

    async def close(self, reason: str) -> None:
        """Say goodbye to everyone; *reason* completes "The server is shutting down: "."""
        self._closing = True
        self.administration.countdown.cancel()
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

    def announce(self, reply: Reply) -> None:
        """Tell everyone who has a name."""
        for session in list(self.people.values()):
            session.outlet.reply(reply)
