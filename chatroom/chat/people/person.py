"""A person: an identity in the house, over all of its connections."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ..replies import PersonLine, Preferences
from ..rules.masks import Marks
from ..syntax.names import speaker_key

if TYPE_CHECKING:
    from ..events import Event
    from ..ports import Outlet, Timer
    from ..replies import Reply
    from ..rules.roles import Role
    from ..syntax.public_keys import PublicKey
    from .accounts import Account, Accounts
    from .budgets import Budget

USUAL = Preferences()
"""What everyone has who has chosen nothing."""

NOBODY: Mapping[str, str] = MappingProxyType({})
"""An empty ignore table, shared: one of their own would cost each person 64 bytes."""

NOTHING_SEEN: Mapping[str, int] = MappingProxyType({})
"""An empty ``seen`` table, shared by everyone who has received nothing yet."""

S = TypeVar("S")


class CatchingUp(Protocol):
    """The part of `CatchUp` that membership code uses."""

    behind: bool

    @property
    def cursors(self) -> Mapping[str, Any]:
        """How far the session has been shown each of its rooms."""

    def read_on(self) -> None:
        """Show what is still to be shown."""

    def arrived(self, *, again: bool = False) -> None:
        """Note that the person has been let in."""

    @property
    def stalled(self) -> bool:
        """Whether the client takes nothing now (backpressure)."""

    def fall_behind(self) -> None:
        """Backpressure: stop showing batches live; read from the journal."""

    def wait(self) -> None:
        """Show no further page until `drained`; what is live stays live."""

    def drained(self) -> None:
        """Continue reading: the transport takes more."""

    def position(self, room: str) -> int:
        """Return the last seq shown of *room*, which is being followed."""

    def follow(self, seat: Any, position: int) -> None:
        """Show the room of *seat* after *position*."""

    def look(self, room: str) -> None:
        """Show *room*, which is being followed, as the session wants to see it now."""

    def go_live(self, room: str) -> None:
        """Show *room* live, unless this session is behind: nothing of it is missing."""

    def unfollow(self, seat: Any) -> None:
        """Show nothing more of the room of *seat*."""

    @property
    def known(self) -> Collection[str]:
        """The rooms that were shown as another person, and have not been followed since."""

    def know(self, shown: dict[str, int]) -> None:
        """Note how far rooms were *shown*, as the session becomes another person's."""

    def knows(self, room: str) -> bool:
        """Return whether *room* was shown as another person, and what follows has yet to be."""

    def see_off(self, seat: Any) -> None:
        """Show the room of *seat*, which the person has left, up to their departure."""

    def has_yet_to_see(self, room: str, seq: int) -> None:
        """Note that an own event with this *seq* of *room* is stored but not yet shown."""

    async def taking(self) -> None:
        """Wait until the client takes more, or the session ends."""


class Connection(Protocol):
    """
    A session as the services of the house see it: one connection of a person, who may have several.

    ``mark`` tells its events from those of the person's other sessions; empty for the first. ``number`` is what the
    person calls it. ``ref`` is the mark on the command that is being run, ``ask`` what `Event.ask` is of what it
    does, ``current`` the room that plain text goes to, ``conversation`` the private one in which it wrote to a nick,
    if it said nothing elsewhere since, ``missed_since`` the last seq received before this connection, by room, without
    those that it has left since. The ``door``, the ``address`` and the ``budget`` are those of the connection, even
    while it is broken; ``login`` is the id of the login that the session was made in, for resume tokens, and empty for
    a guest; ``key`` the one that the client has proven to have, or ``NO_KEY``, and ``by_key`` whether a login rests on
    it. ``since`` and ``active`` are the times of its beginning and of its last command, in seconds since the epoch.
    """

    person: Person[Any]
    mark: str
    number: int
    since: float
    active: float
    outlet: Outlet
    door: str
    address: str
    budget: Budget
    login: str
    key: PublicKey
    by_key: bool
    ref: str | None
    ask: str
    current: str
    conversation: str
    missed_since: Mapping[str, int]
    gone: bool
    outstanding: int

    @property
    def id(self) -> str:
        """The id that its events have: the mark, or else the identity of the person."""

    @property
    def catch_up(self) -> CatchingUp:
        """What this session still has to be shown."""

    @property
    def connected(self) -> bool:
        """Whether the connection is up; a broken one may be resumed."""

    @property
    def place(self) -> str:
        """The place that the connection shares limits with: an address, an IPv6 /64, or this machine."""

    def stored(self, room: str, seq: int) -> None:
        """Note that an event is stored and has been shown to everyone up to date."""

    def lost(self, event: Any, error: Any) -> None:
        """Note that an event could not be stored: it did not happen."""

    def reply(self, reply: Reply) -> None:
        """Reply to the running command."""

    def tell(self, reply: Reply, asker: Connection | None = None) -> None:
        """Show *reply*; it answers the command of *asker*, if that is this session."""

    def shows(self, room: str) -> bool:
        """Return whether the session shows everything of *room*, and not only what concerns the person."""

    def now(self) -> float:
        """Return the time in seconds; it never steps back."""

    def charge(self, lines: float) -> None:
        """Charge for work with the cost of *lines* lines."""

    def owed(self) -> float:
        """Return the seconds owed so far, and clear them."""

    async def work(self, lines: float) -> None:
        """Charge for work and wait for a turn to do it."""

    async def flushed(self) -> None:
        """
        Wait until all events of this session are stored and shown.

        :raises NotStored: if an event of the running command could not be stored.
        """

    def hang_up(self, text: str, reason: str, *, ended: bool = False) -> None:
        """Disconnect: send a last line, then close; *ended*: another session did that, so nothing resumes it."""

    def take_budget(self, budget: Budget | None) -> None:
        """Continue with an earlier *budget* of the person, if there is one."""

    def carry_on(self, former: Connection) -> None:
        """Continue *former*, whose connection is broken or about to close."""

    def belong_to(self, person: Person[Any], mark: str) -> None:
        """Become a session of *person*, with this *mark*."""

    def detach(self) -> None:
        """Detach: show nothing more and wake everything that waits."""


class Person(Generic[S]):
    """
    A person who is here or may come back soon.

    A *guest* is not logged in.  The ``identity`` lasts as long as they are here, or as their resume token.  ``seats``
    are their places in rooms, by room name.  All sessions of an account that are here are one person.
    """

    __slots__ = (
        "__weakref__",
        "account",
        "away",
        "becoming",
        "bot",
        "came",
        "correspondent",
        "gone",
        "identity",
        "ignored",
        "key",
        "nick",
        "preferences",
        "public",
        "read",
        "realname",
        "seats",
        "session",
        "sessions",
        "since",
        "unheard",
        "unproven",
        "username",
    )

    def __init__(self, session: Connection, now: float, monotonic: float) -> None:
        self.session = session
        """The session that was active last; it is over once the person has left."""
        self.sessions: tuple[Connection, ...] = (session,)
        """All sessions, connected or about to be resumed."""
        self.identity = ""
        self.nick = ""
        self.key = ""
        self.becoming: tuple[str, str] | None = None
        """The nick and key of a rename on its way to the journal."""
        self.seats: dict[str, S] = {}
        self.public = 0
        """The number of their rooms, without conversations: counted as they take and leave seats."""
        self.gone = False
        """Whether they have left and cannot resume."""
        self.account: Account | None = None
        """The account, if logged in."""
        self.bot = False
        """Whether they say that they are a program."""
        self.username = self.realname = ""
        """What they call themselves besides the nick, where a door asks for it."""
        self.away: str | None = None
        """The away message; None: not away."""
        self.preferences = USUAL
        self.read: Mapping[str, int] = NOTHING_SEEN
        """The seq up to which they have read each room and conversation where that is not when they came."""
        self.ignored = NOBODY
        """The ignored nicks, by key; computed once from the preferences, because keys take time."""
        self.unheard = NOBODY
        """Keys of nicks that ignored people have or had, by identity: renaming does not lift an ignore."""
        self.correspondent = ""
        """The identity of the last person who sent a private message."""
        self.unproven: Timer | None = None
        """The timer that renames someone who uses a registered nick without login."""
        self.since = now
        """The time of arrival, in seconds since the epoch."""
        self.came = monotonic
        """The time of arrival on the monotonic clock."""

    @property
    def active(self) -> float:
        """The time of the last activity, in seconds since the epoch."""
        return self.session.active

    @property
    def party(self) -> str:
        """The stable id for records: the account, or the guest's identity."""
        return self.identity if self.account is None else self.account.id

    def may_use_nick(self, accounts: Accounts) -> bool:
        """Return whether the person may use their nick: it is unregistered, or their account's."""
        account = accounts.of(self.key)
        return account is None or self.owns(account)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of the sessions, each once, the last active first; shown only to admins."""
        sessions = self.sessions
        if len(sessions) < 2:
            return (self.session.address,)
        return tuple(dict.fromkeys([self.session.address, *(one.address for one in sessions)]))

    @property
    def place(self) -> str:
        """The place that the session that was active last shares limits with."""
        return self.session.place

    @property
    def doors(self) -> tuple[str, ...]:
        """The doors of the connected sessions, each once, the last active first."""
        connected = [one.door for one in (self.session, *self.sessions) if one.connected]
        return tuple(dict.fromkeys(connected))

    def owns(self, account: Account) -> bool:
        """Return whether the person is logged in to *account*."""
        return self.account is not None and self.account.id == account.id

    @property
    def marks(self) -> Marks:
        """The marks that bans and mutes match."""
        return Marks(self.key, self.party, self.addresses)

    def hides(self, event: Event) -> bool:
        """Return whether *event* is by somebody whom this person ignores."""
        return bool(self.ignored) and (event.by in self.unheard or speaker_key(event.nick) in self.ignored)

    def ignores(self, other: Person[Any]) -> bool:
        """Return whether this person ignores *other*."""
        return other.key in self.ignored or other.identity in self.unheard

    # Their sessions.

    def continued(self, session: Connection) -> Connection | None:
        """Return *session* itself, or what it was resumed as meanwhile; None: it is over, or somebody else's."""
        if session in self.sessions:
            return session
        return next((one for one in self.sessions if one.mark == session.mark), None)

    def successor(self, session: Connection) -> Connection:
        """Return what *session* is continued as, or else the one that was active last."""
        return self.continued(session) or self.session

    def answer(self, session: Connection, reply: Reply) -> None:
        """Reply to a command of *session*, also if it was resumed on another connection meanwhile."""
        self.successor(session).tell(reply, session)

    def tell(self, reply: Reply, asker: Connection | None = None) -> None:
        """Show *reply* in every session; it answers a command of *asker*, if given."""
        for one in self.sessions:
            one.tell(reply, asker)

    def others(self, session: Connection) -> list[Connection]:
        """List the sessions besides *session*."""
        return [one for one in self.sessions if one is not session]

    def drop(self, session: Connection) -> None:
        """Remove *session*, which is over or somebody else's from now on; the last one stays as `session`."""
        self.sessions = tuple(self.others(session))
        if session is self.session and self.sessions:
            self.session = max(self.sessions, key=lambda one: (one.connected, one.active))

    def described(self, role: Role, now: float) -> PersonLine:
        """
        Return what others may know.

        :param role: their role, in the listed room if any.
        """
        idle, doors = max(0, int(now - self.active)), self.doors
        door = doors[0] if doors else self.session.door
        return PersonLine(self.nick, door, idle, bool(doors), role.name.lower(), self.away, doors)

    # Their rooms.

    def room_names(self) -> list[str]:
        """List the names of their rooms, without conversations."""
        seats: dict[str, Any] = self.seats
        return [name for name, seat in seats.items() if not seat.room.conversation]

    @property
    def conversations(self) -> int:
        """Return the number of their open conversations."""
        return len(self.seats) - self.public
