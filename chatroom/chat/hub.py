"""The hub: builds the services of the house and is its only entrance for doors."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

from .access.absent import Absent
from .access.account_keys import AccountKeys
from .access.attaching import Attaching
from .access.cards import Cards
from .access.devices import Devices
from .access.entry import Entry
from .access.key_guests import KEY_GUEST, KeyGuests
from .access.login import Logins
from .access.password_checks import PasswordChecks
from .access.preferences import PreferenceStore
from .access.registration import Registration
from .access.renaming import Renaming
from .access.resume_tokens import ResumeTokens
from .access.server_bans import ServerBans
from .bots import Bots
from .core import Core
from .people.accounts import ACCOUNT, SEEN
from .people.api_tokens import KINDS as TOKEN_KINDS
from .people.api_tokens import TOKEN
from .people.budgets import times_of
from .people.keys import KEY
from .people.proofs import PROOF
from .people.reading_positions import ReadingPositions
from .policy import Policy
from .ports import MENTION, READING, FanOut, Journal, Outlet, Passwords, Present, RecordChange, Runtime, Value
from .rooms.changing import Changing
from .rooms.deletion_requests import DeletionRequests
from .rooms.direct_messages import DirectMessages
from .rooms.followers import RIGHTS
from .rooms.joining import Joining
from .rooms.ledger import Ledger
from .rooms.membership import Membership
from .rooms.reading import Reading
from .rooms.registry import RoomRegistry
from .rooms.room import Room
from .rooms.room_list import RoomList
from .rooms.search import HistorySearch
from .rules.room_state import RoomState
from .session import Session
from .shutdown import ShutdownTimer
from .syntax import confusables

LAST_LINES = 1.0
"""Seconds that clients who are behind have at the end to read the rest; they find it in the history, too."""


class Hub:
    """
    Everyone and every room of one server.

    A subclass may replace the classes named here.

    :param runtime: time, tasks and randomness.
    :param journal: where events are kept; `open` it before anyone connects.
    :param server: name and version, as shown to people.
    :param fan_out: delivers one batch to many outlets efficiently.
    """

    session_class: type[Session] = Session
    membership_class: type[Membership] = Membership
    direct_messages_class: type[DirectMessages] = DirectMessages
    tokens_class: type[ResumeTokens] = ResumeTokens
    devices_class: type[Devices] = Devices

    def __init__(
        self, runtime: Runtime, journal: Journal, policy: Policy, server: str, fan_out: FanOut, passwords: Passwords
    ) -> None:
        core = self.core = Core(runtime, journal, policy, server, fan_out, passwords)
        self.ledger = Ledger(core, self._apply_change, self._value, self._follow, self._storing_again)
        self.rooms = RoomRegistry(core, self.ledger)
        self.room_list = RoomList(core, self.rooms)
        self.search = HistorySearch(core, self.ledger, self.rooms)
        self.positions = ReadingPositions(journal, runtime)
        self.reading = Reading(core, self.ledger, self.rooms, self.positions)
        self.membership = self.membership_class(core, self.ledger, self.reading, self._unseated)
        self.joining = Joining(core, self.ledger, self.rooms, self.reading, self.membership)
        self.direct_messages = self.direct_messages_class(core, self.ledger, self.rooms, self.membership, self.reading)
        self.changing = Changing(core, self.ledger, self.rooms, self.direct_messages)
        self.deletion_requests = DeletionRequests(core, self.ledger, self.rooms)
        self.preferences = PreferenceStore(core)
        self.tokens = self.tokens_class(core)
        self.server_bans = ServerBans(core, self.membership)
        self.renaming = Renaming(core, self.preferences, self.server_bans)
        self.devices = self.devices_class(core, self.membership, self.joining, self.reading)
        self.password_checks = PasswordChecks(core)
        self.logins = Logins(
            core,
            self.ledger,
            self.membership,
            self.direct_messages,
            self.preferences,
            self.renaming,
            self.server_bans,
            self.password_checks,
            self.devices,
            self.tokens,
            self.reading,
        )
        self.registration = Registration(core, self.ledger, self.reading, self.password_checks, self.logins)
        self.cards = Cards(core, self.tokens)
        self.absent = Absent(
            core,
            self.ledger,
            self.rooms,
            self.membership,
            self.renaming,
            lambda: self.connect(core.null_outlet),
            self.end,
        )
        self.entry = Entry(
            core,
            self.membership,
            self.direct_messages,
            self.preferences,
            self.renaming,
            self.logins,
            self.server_bans,
            self.devices,
            self.tokens,
            self.reading,
            self.absent,
            self._forget,
        )
        self.attaching = Attaching(
            core,
            self.ledger,
            self.rooms,
            self.membership,
            self.direct_messages,
            self.preferences,
            self.renaming,
            self.server_bans,
            self.devices,
            self.tokens,
            self.reading,
            self.absent,
            self.entry,
        )
        self.bots = Bots(core, self.ledger, self.rooms)
        self.account_keys = AccountKeys(core, self.ledger)
        self.key_guests = KeyGuests(core)
        self.shutdown = ShutdownTimer(core)
        self._present: Sequence[Present] = []
        """Who is in which room at the start, until `restore`."""
        self._sessions: set[Session] = set()
        self._unlinked: set[Session] = set()
        """Sessions whose doors have lost their links: any number, because their connections need not be broken."""
        self._away: dict[str, OrderedDict[Session, None]] = {}
        """Sessions with a broken connection, by place; the longest broken first."""
        self.hands_over = False
        """Whether another house goes on in this one's place, so that nobody leaves."""
        self.evictions = 0
        """Broken connections dropped early because their place had too many."""

    def set_policy(self, policy: Policy) -> None:
        """Use *policy* from now on."""
        self.core.set_policy(policy)

    def open(self, *, keep: bool = False) -> int:
        """
        Open the journal; may block.

        :param keep: whether to go on with the people of the last house: `restore` them before anyone connects.
        :returns: how many people were still in rooms after a crash; unless they are kept, they have left now.
        :raises JournalError: if it cannot be opened.
        """
        core = self.core
        present = core.journal.open(self.ledger, keep=keep)
        self._present = present if keep else []
        self.tokens.open()
        records = core.journal.standing()
        core.server_state = RoomState(records)
        core.accounts.load(records)
        core.api_tokens.load(records)
        core.keys.load(records)
        self.key_guests.load(records)
        self.preferences.load(record for record in records if record.kind == "preferences")
        self.deletion_requests.follow(records)
        # Load the table of look-alikes now, so that nobody waits for it later.
        confusables.skeleton("")
        return len(present)

    async def restore(self) -> None:
        """
        Go on with the people of the last house, whose connections are broken until their doors attach them.

        :raises JournalError: if the journal cannot be read.
        """
        present, self._present = self._present, []
        await self.absent.restore(present)

    # Standing records.

    def _apply_change(self, change: RecordChange) -> None:
        """Apply *change* to the state in memory."""
        if change.kind in (READING, MENTION):
            # Kept by `ReadingPositions`.
            return
        if change.scope:
            self.rooms.apply(change)
        elif change.kind in (ACCOUNT, SEEN, PROOF):
            self.core.accounts.apply(change)
        elif change.kind in TOKEN_KINDS:
            self.core.api_tokens.apply(change)
        elif change.kind == KEY:
            self.core.keys.apply(change)
        elif change.kind == KEY_GUEST:
            self.key_guests.apply(change)
        elif change.kind == "preferences":
            self.preferences.apply_change(change)
        else:
            self.core.server_state.apply(change)
        # What it no longer allows ends now.
        followers = self.bots.followers
        if followers.all and change.kind in RIGHTS:
            followers.look_again()

    def _unseated(self, room: Room) -> None:
        """End what bots follow of *room* only because their owner was inside."""
        if room.closed:
            self.bots.followers.look_again()

    def _value(self, change: RecordChange) -> Value | None:
        """Return the current value of a record."""
        if change.kind in (READING, MENTION):
            return None
        if change.scope:
            room = self.rooms.get(change.scope)
            return room.state.value(change.kind, change.key) if room is not None else None
        if change.kind in (ACCOUNT, SEEN, PROOF):
            return self.core.accounts.value(change.kind, change.key)
        if change.kind in TOKEN_KINDS:
            return self.core.api_tokens.value(change.kind, change.key)
        if change.kind == KEY:
            return self.core.keys.value(change.key)
        if change.kind == KEY_GUEST:
            return self.key_guests.value(change.key)
        if change.kind == "preferences":
            return self.preferences.value(change.key)
        return self.core.server_state.value(change.kind, change.key)

    def _follow(self, changes: Sequence[RecordChange]) -> None:
        """Enforce *changes* made by another program on the people here."""
        accounts = {change.key for change in changes if change.kind == ACCOUNT}
        if accounts:
            self.logins.check_accounts(accounts)
        for change in changes:
            if change.kind == KEY:
                self.account_keys.check(change.key)
            holder = self.core.nicks.get(change.value["key"]) if change.kind == TOKEN and change.value else None
            if holder is not None:
                # Another program has given the nick to a bot.
                self.core.runtime.spawn(self.renaming.force_rename(holder))
        if any(change.kind == "ban" for change in changes):
            self.core.runtime.spawn(self.server_bans.enforce())
        self.deletion_requests.follow(changes)

    def _storing_again(self) -> None:
        # Removals that could not be stored before are done now.
        self.core.runtime.spawn(self.core.people.everyone(self.server_bans.look_again))

    # Coming and going.

    def connect(self, outlet: Outlet, session_class: type[Session] | None = None) -> Session:
        """
        Create a session for a new connection, without a name yet.

        :param session_class: of sessions that are special; None: the usual one.
        """
        session = (session_class or self.session_class)(self, outlet)
        self._sessions.add(session)
        return session

    def disconnect(self, session: Session, reason: str, *, comes_back: bool = False) -> None:
        """
        Note that the connection of *session* is gone; a resumable session is kept for a short while.

        :param comes_back: whether it can be resumed, whatever its door: another process may still have the connection.
        """
        if session.gone or self.hands_over:
            return
        core = self.core
        if not session.person.nick or core.closing or not (session.outlet.resumes or comes_back):
            self.end(session, reason)
            return
        session.catch_up.fall_behind()
        session.outlet = core.null_outlet
        session.parting = core.runtime.later(core.limits.grace, lambda: self._part(session, reason))
        if comes_back:
            self._unlinked.add(session)
        else:
            self._hold_place(session, reason)

    def _part(self, session: Session, reason: str) -> None:
        """End a session whose time to resume is over."""
        session.parting = None
        self.end(session, reason)

    def _hold_place(self, session: Session, reason: str) -> None:
        """Keep *session* for a while; each place may have only as many as connections."""
        place = session.place
        away = self._away.setdefault(place, OrderedDict())
        away[session] = None
        if len(away) > self.core.limits.persons_per_address * times_of(place):
            self.evictions += 1
            self.end(next(iter(away)), reason)

    @property
    def broken(self) -> int:
        """The number of people with a broken connection, who may come back."""
        return sum(map(len, self._away.values())) + len(self._unlinked)

    def _forget(self, session: Session) -> None:
        """Stop waiting for *session*: it has ended or been resumed."""
        self._sessions.discard(session)
        self._unlinked.discard(session)
        self.absent.forget(session)
        place = session.place
        away = self._away.get(place)
        if away is not None:
            away.pop(session, None)
            if not away:
                del self._away[place]

    def end(self, session: Session, reason: str) -> None:
        """End *session*; with the last one, its person leaves every room.  May be called twice."""
        if session.gone:
            return
        session.catch_up.fall_behind()
        self._forget(session)
        session.detach()
        core, person = self.core, session.person
        if person.sessions:
            return
        self.renaming.cancel_enforcement(person)
        if person.nick:
            core.leave(person)
            self.logins.left(person)
            self.key_guests.left(session.key.fingerprint, person)
            self.membership.leave_all(person, reason)
            core.budgets.keep(person.party, session.budget)

    @property
    def sessions(self) -> list[Session]:
        """All sessions that are connected or may be resumed, with or without a nick."""
        return list(self._sessions)

    @property
    def closing(self) -> bool:
        """Whether everyone is being sent home."""
        return self.core.closing

    async def hand_over(self) -> None:
        """Store everything for another house, which goes on in this one's place: nobody leaves, and nobody is told."""
        self.shutdown.cancel()
        self.bots.followers.close()
        await self.core.journal.flush()
        await self.positions.close()

    async def close(self, reason: str) -> None:
        """
        Disconnect everyone; *reason* completes "The server is shutting down: ".

        What has been said is shown to everyone first, to whoever is behind, too, if they read.
        """
        self.core.closing = True
        self.shutdown.cancel()
        self.bots.followers.close()
        end = self.core.runtime.monotonic() + LAST_LINES
        try:
            # Meanwhile people may talk.
            await self._caught_up(end)
            self.core.silent = True
            await self._stored()
            await self.positions.close()
            await self._caught_up(end)
            # By commands that had begun.
            await self._stored()
        finally:
            # Even if that fails, or takes longer than our caller waits.
            for session in self.sessions:
                goodbye = f"The server is shutting down: {reason}. You have been disconnected."
                session.hang_up(goodbye, "the server is shutting down")

    async def _caught_up(self, end: float) -> None:
        """Wait until nobody is behind, or the time *end* has come."""
        runtime = self.core.runtime
        while runtime.monotonic() < end and any(session.behind for session in self.sessions):
            pause = runtime.future()
            runtime.later(LAST_LINES / 20, partial(pause.callback, None))
            await pause

    async def _stored(self) -> None:
        """Wait until nothing waits to be stored, in this very turn."""
        journal = self.core.journal
        while journal.queue:
            await journal.flush()
