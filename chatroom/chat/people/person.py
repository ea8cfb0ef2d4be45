"""A person: who somebody is, for as long as they are here, whatever connections they come by."""

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
"""Whom most people ignore; shared, for an empty table of their own would cost each of them 64 bytes."""

NOTHING_SEEN: Mapping[str, int] = MappingProxyType({})
"""What somebody had received before they came who has received nothing; shared by all of them."""

S = TypeVar("S")


class CatchingUp(Protocol):
    """What a session has yet to be shown, as those know it who put people into rooms and out; see `CatchUp`."""

    behind: bool

    def read_on(self) -> None:
        """Show what there is to show."""

    def arrived(self) -> None:
        """The person has been let in."""

    def fall_behind(self) -> None:
        """Show no batch as it comes any more."""

    def shown_no_more(self, room: str) -> None:
        """The seat in *room* is gone."""

    async def taking(self) -> None:
        """Wait until the other end takes more, or the session is over."""


class Connection(Protocol):
    """
    One of a person's sessions, as the parts of the house know it that serve it.

    ``ref`` is the mark on the command that is being run, ``current`` the name of the room that plain text goes to,
    ``missed_since`` the seq of the last event that they had received when they came, by room.
    """

    person: Person[Any]
    outlet: Outlet
    ref: str | None
    current: str
    missed_since: Mapping[str, int]
    gone: bool
    outstanding: int

    @property
    def catch_up(self) -> CatchingUp:
        """What this session has yet to be shown."""

    @property
    def connected(self) -> bool:
        """Whether there is a connection: it may be broken, and come back."""

    def stored(self, room: str, seq: int) -> None:
        """An event is stored, and has been shown to all who are up to date."""

    def lost(self, event: Any, error: Any) -> None:
        """An event could not be stored: it has not happened."""

    def reply(self, reply: Reply) -> None:
        """Answer the command that is being run."""

    def charge(self, lines: float) -> None:
        """Charge for work that costs as much as so many *lines*."""

    async def work(self, lines: float) -> None:
        """Charge for work, and wait for a turn to do it."""

    async def flushed(self) -> None:
        """
        Wait until all this session's events have been stored and shown.

        :raises NotStored: if one of the running command's could not be stored.
        """

    def hang_up(self, text: str, reason: str) -> None:
        """End the session: a last line, then the connection closes."""

    def carry_on(self, person: Person[Any]) -> None:
        """Be the connection of *person* from now on, whose former one is broken or about to be closed."""

    def detach(self) -> None:
        """Be gone: nothing more is shown, and whatever waits is let go."""


class Person(Generic[S]):
    """
    Somebody who is here, or may come back in a moment.

    A *guest* is who has proven nothing; the ``identity`` is theirs for as long as they are here, and for as long as a
    resume token lasts.  ``seats`` are their places in rooms, by the name of the room.
    """

    __slots__ = (
        "account",
        "active",
        "address",
        "away",
        "becoming",
        "budget",
        "came",
        "correspondent",
        "door",
        "gone",
        "identity",
        "ignored",
        "key",
        "login",
        "nick",
        "preferences",
        "seats",
        "session",
        "since",
        "unheard",
        "unproven",
    )

    def __init__(self, session: Connection, budget: Budget, now: float, monotonic: float) -> None:
        self.session = session
        """The connection that they are shown things by."""
        self.identity = ""
        self.nick = ""
        self.key = ""
        self.becoming: tuple[str, str] | None = None
        """The nick, and its key, that a rename, which is on its way to the journal, is about to give."""
        self.seats: dict[str, S] = {}
        self.gone = False
        """Whether they have left for good."""
        self.door = session.outlet.door
        """The way in, also while the connection is broken."""
        self.address = session.outlet.address
        """Where the person came from last; only admins are shown it."""
        self.account: Account | None = None
        """The account that the person is logged in to."""
        self.login = ""
        """The id of that login, which resume tokens prove; empty for a guest."""
        self.budget = budget
        """What they may ask for, and how fast."""
        self.away: str | None = None
        """What they said when they went away; None: they are not."""
        self.preferences = _USUAL
        self.ignored = NOBODY
        """The nicks of those whom they ignore, by key; made of the preferences once, for keys take time."""
        self.unheard = NOBODY
        """The keys of nicks that those whom they ignore have or had, by identity: who renames stays ignored."""
        self.correspondent = ""
        """The identity of who whispered last."""
        self.unproven: Timer | None = None
        """While they use a nick that is registered, and have not logged in: renames them."""
        self.since = self.active = now
        """When they came, and when they last asked for anything, in seconds since the epoch."""
        self.came = monotonic
        """When they came, in the seconds that never step back."""

    @property
    def outlet(self) -> Outlet:
        """Their way out."""
        return self.session.outlet

    @property
    def party(self) -> str:
        """Who this is to others for good: the account, or else the guest with this identity."""
        return self.identity if self.account is None else self.account.id

    def may_use_nick(self, accounts: Accounts) -> bool:
        """Whether the nick is this person's to use: nobody's registered one, or that of their account."""
        account = accounts.of(self.key)
        return account is None or self.owns(account)

    @property
    def place(self) -> str:
        """Where this person is counted together with others: an address, an IPv6 /64, or this machine."""
        return self.budget.place.name

    def owns(self, account: Account) -> bool:
        """Whether this person is logged in to *account*."""
        return self.account is not None and self.account.id == account.id

    @property
    def marks(self) -> Marks:
        """What bans and mutes know this person by."""
        return Marks(self.key, self.party, self.address)

    def ignores(self, other: Person[Any]) -> bool:
        """Tell whether this person wants to hear nothing of *other*."""
        return other.key in self.ignored or other.identity in self.unheard

    def take_budget(self, budget: Budget | None) -> None:
        """Go on with *budget*, if the person has one from before."""
        if budget is not None:
            # Where each of their connections comes from is its own.
            self.budget = budget.at(self.budget.place)

    def answer(self, session: Connection, reply: Reply) -> None:
        """Answer what was asked by *session*, by whatever connection they have by now."""
        self.outlet.reply(reply, session.ref if self.session is session else None)

    def described(self, role: Role, now: float) -> PersonLine:
        """
        Tell what others may know.

        :param role: what they are, in the room that is listed if there is one.
        """
        idle = max(0, int(now - self.active))
        return PersonLine(self.nick, self.door, idle, self.session.connected, role.name.lower(), self.away)

    # Where they are.

    def room_names(self) -> list[str]:
        """Name the rooms that they are in, conversations aside."""
        seats: dict[str, Any] = self.seats
        return [name for name, seat in seats.items() if not seat.room.conversation]

    @property
    def public(self) -> int:
        """How many rooms they are in, conversations aside."""
        return len(self.room_names())

    @property
    def conversations(self) -> int:
        """How many private conversations they have under way."""
        return len(self.seats) - self.public
