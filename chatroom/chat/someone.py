"""Who one person is, and what others may know of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from .reader import Reader
from .replies import Person, Preferences
from .roles import role_in, role_of

if TYPE_CHECKING:
    from .accounts import Account
    from .ban_list import Marks
    from .hub import Hub
    from .ports import Outlet, Timer
    from .room import Room

_USUAL = Preferences()

NOBODY: Mapping[str, str] = MappingProxyType({})
"""Whom most people ignore; shared, for an empty table of their own would cost each of them 64 bytes."""

NOTHING_SEEN: Mapping[str, int] = MappingProxyType({})
"""What somebody had received before they came who has received nothing; shared, too."""


class Someone(Reader):
    """
    A reader with a name, who may have proven whose it is.

    A *guest* is who has not; the ``identity`` is that of this session only.
    """

    __slots__ = (
        "account",
        "active",
        "address",
        "away",
        "becoming",
        "budget",
        "came",
        "door",
        "ignored",
        "key",
        "login",
        "nick",
        "preferences",
        "since",
        "unheard",
        "unproven",
    )

    def __init__(self, hub: Hub, outlet: Outlet) -> None:
        super().__init__(hub, outlet)
        self.nick = ""
        self.key = ""
        self.becoming: tuple[str, str] | None = None
        """The nick, and its key, that a rename, which is on its way to the journal, is about to give."""
        self.door = outlet.door
        """The way in, also while the connection is broken."""
        self.address = outlet.address
        """Where the person came from last; only admins are shown it."""
        self.account: Account | None = None
        """The account that the person is logged in to."""
        self.login = ""
        """The id of that login, which resume tokens prove; empty for a guest."""
        self.budget = hub.budgets.newcomer(outlet.address)
        """What they may ask for, and how fast."""
        self.away: str | None = None
        """What they said when they went away; None: they are not."""
        self.preferences = _USUAL
        self.ignored = NOBODY
        """The nicks of those whom they ignore, by key; made of the preferences once, for keys take time."""
        self.unheard = NOBODY
        """The keys of nicks that those whom they ignore have or had, by identity: who renames stays ignored."""
        self.unproven: Timer | None = None
        """While they use a nick that is registered, and have not logged in: renames them."""
        self.since = self.active = hub.world.now()
        """When they came, and when they last asked for anything, in seconds since the epoch."""
        self.came = hub.world.monotonic()
        """When they came, in the seconds that never step back."""

    @property
    def party(self) -> str:
        """Who this is to others for good: the account, or else the guest of this session."""
        return self.identity if self.account is None else self.account.id

    @property
    def proven(self) -> bool:
        """Whether the nick is this person's to use: nobody's registered one, or that of their account."""
        account = self.hub.accounts.of(self.key)
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
        return self.key, self.party, self.address

    @property
    def public(self) -> int:
        """How many rooms this person is in, conversations aside."""
        return sum(not seat.room.conversation for seat in self.seats.values())

    @property
    def conversations(self) -> int:
        """How many private conversations this person has under way."""
        return len(self.seats) - self.public

    def room_names(self) -> Iterator[str]:
        """The names of the rooms this person is in."""
        return (name for name, seat in self.seats.items() if not seat.room.conversation)

    def described(self, room: Room | None = None) -> Person:
        """What others may know; with *room*, also what this person is there."""
        idle = max(0, int(self.hub.world.now() - self.active))
        role = (role_of(self) if room is None else role_in(self, room)).name.lower()
        connected = self.outlet is not self.hub.nowhere
        return Person(self.nick, self.door, idle, connected, role, self.away)
