"""A person: an identity in the house, over all of its connections."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ..replies import PersonLine, Preferences
from ..rules.masks import Marks

if TYPE_CHECKING:
    from ..ports import Outlet, Timer
    from ..replies import Reply
    from ..rules.roles import Role
    from .accounts import Account, Accounts
    from .budgets import Budget

_USUAL = Preferences()

NOBODY: Mapping[str, str] = MappingProxyType({})
"""An empty ignore table, shared: one of their own would cost each person 64 bytes."""

NOTHING_SEEN: Mapping[str, int] = MappingProxyType({})
"""An empty ``seen`` table, shared by everyone who has received nothing yet."""

S = TypeVar("S")


class CatchingUp(Protocol):
    """The part of `CatchUp` that membership code uses."""

    behind: bool

    def read_on(self) -> None:
        """Show what is still to be shown."""

    def arrived(self) -> None:
        """Note that the person has been let in."""

    def fall_behind(self) -> None:
        """Backpressure: stop showing batches live; read from the journal."""

    def position(self, room: str) -> int:
        """Return the last seq shown of *room*, which is being followed."""

    def follow(self, seat: Any, position: int) -> None:
        """Show the room of *seat* after *position*."""

    def go_live(self, room: str) -> None:
        """Show *room* live, unless this session is behind: nothing of it is missing."""

    def unfollow(self, seat: Any) -> None:
        """Show nothing more of the room of *seat*."""

    async def taking(self) -> None:
        """Wait until the client takes more, or the session ends."""


class Connection(Protocol):
    """
    A session as the services of the house see it: one connection of a person.

    ``ref`` is the mark on the command that is being run, ``current`` the room that plain text goes to,
    ``missed_since`` the last seq received before this connection, by room.  The ``door``, the ``address`` and the
    ``budget`` are those of the connection, even while it is broken; ``login`` is the id of the login that the session
    was made in, for resume tokens, and empty for a guest.
    """

    person: Person[Any]
    outlet: Outlet
    door: str
    address: str
    budget: Budget
    login: str
    ref: str | None
    current: str
    missed_since: Mapping[str, int]
    gone: bool
    outstanding: int

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

    def charge(self, lines: float) -> None:
        """Charge for work with the cost of *lines* lines."""

    async def work(self, lines: float) -> None:
        """Charge for work and wait for a turn to do it."""

    async def flushed(self) -> None:
        """
        Wait until all events of this session are stored and shown.

        :raises NotStored: if an event of the running command could not be stored.
        """

    def hang_up(self, text: str, reason: str) -> None:
        """Disconnect: send a last line, then close."""

    def take_budget(self, budget: Budget | None) -> None:
        """Continue with an earlier *budget* of the person, if there is one."""

    def carry_on(self, person: Person[Any]) -> None:
        """Take over *person* from a connection that is broken or about to close."""

    def detach(self) -> None:
        """Detach: show nothing more and wake everything that waits."""


class Person(Generic[S]):
    """
    A person who is here or may come back soon.

    A *guest* is not logged in.  The ``identity`` lasts as long as they are here, or as their resume token.  ``seats``
    are their places in rooms, by room name.
    """

    __slots__ = (
        "account",
        "active",
        "away",
        "becoming",
        "came",
        "correspondent",
        "gone",
        "identity",
        "ignored",
        "key",
        "nick",
        "preferences",
        "seats",
        "session",
        "since",
        "unheard",
        "unproven",
    )

    def __init__(self, session: Connection, now: float, monotonic: float) -> None:
        self.session = session
        """The current session."""
        self.identity = ""
        self.nick = ""
        self.key = ""
        self.becoming: tuple[str, str] | None = None
        """The nick and key of a rename on its way to the journal."""
        self.seats: dict[str, S] = {}
        self.gone = False
        """Whether they have left and cannot resume."""
        self.account: Account | None = None
        """The account, if logged in."""
        self.away: str | None = None
        """The away message; None: not away."""
        self.preferences = _USUAL
        self.ignored = NOBODY
        """The ignored nicks, by key; computed once from the preferences, because keys take time."""
        self.unheard = NOBODY
        """Keys of nicks that ignored people have or had, by identity: renaming does not lift an ignore."""
        self.correspondent = ""
        """The identity of the last person who sent a private message."""
        self.unproven: Timer | None = None
        """The timer that renames someone who uses a registered nick without login."""
        self.since = self.active = now
        """The time of arrival and of the last activity, in seconds since the epoch."""
        self.came = monotonic
        """The time of arrival on the monotonic clock."""

    @property
    def outlet(self) -> Outlet:
        """The outlet of the current session."""
        return self.session.outlet

    @property
    def party(self) -> str:
        """The stable id for records: the account, or the guest's identity."""
        return self.identity if self.account is None else self.account.id

    def may_use_nick(self, accounts: Accounts) -> bool:
        """Return whether the person may use their nick: it is unregistered, or their account's."""
        account = accounts.of(self.key)
        return account is None or self.owns(account)

    @property
    def place(self) -> str:
        """The place that the current session shares limits with."""
        return self.session.place

    @property
    def address(self) -> str:
        """The last known address; shown only to admins."""
        return self.session.address

    def owns(self, account: Account) -> bool:
        """Return whether the person is logged in to *account*."""
        return self.account is not None and self.account.id == account.id

    @property
    def marks(self) -> Marks:
        """The marks that bans and mutes match."""
        return Marks(self.key, self.party, self.session.address)

    def ignores(self, other: Person[Any]) -> bool:
        """Return whether this person ignores *other*."""
        return other.key in self.ignored or other.identity in self.unheard

    def answer(self, session: Connection, reply: Reply) -> None:
        """Reply to a command of *session*, over the current connection."""
        self.outlet.reply(reply, session.ref if self.session is session else None)

    def described(self, role: Role, now: float) -> PersonLine:
        """
        Return what others may know.

        :param role: their role, in the listed room if any.
        """
        idle = max(0, int(now - self.active))
        return PersonLine(self.nick, self.session.door, idle, self.session.connected, role.name.lower(), self.away)

    # Their rooms.

    def room_names(self) -> list[str]:
        """List the names of their rooms, without conversations."""
        seats: dict[str, Any] = self.seats
        return [name for name, seat in seats.items() if not seat.room.conversation]

    @property
    def public(self) -> int:
        """Return the number of their rooms, without conversations."""
        return len(self.room_names())

    @property
    def conversations(self) -> int:
        """Return the number of their open conversations."""
        return len(self.seats) - self.public
