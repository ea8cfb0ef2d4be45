"""Core: the state that all services of the house share: ports, policy, people and rooms."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from .fair_queue import FairQueue
from .people.accounts import Accounts
from .people.api_tokens import ApiTokens
from .people.budgets import Budgets
from .people.directory import Directory
from .people.keys import Keys
from .people.last_seen import LastSeen
from .people.nicks import Nicks
from .ports.null_outlet import NullOutlet
from .refusals import NotNow
from .rules.room_state import RoomState

if TYPE_CHECKING:
    from typing import Any

    from .people.person import Person
    from .policy import Policy
    from .ports import FanOut, Journal, Outlet, Passwords, Runtime


class Core:
    """
    The shared state of one house's services; it has no behaviour and names none of them.

    :param runtime: time, tasks and randomness.
    :param journal: where events are kept.
    :param server: name and version, as shown to people.
    :param fan_out: delivers one batch to many outlets efficiently.
    """

    def __init__(
        self, runtime: Runtime, journal: Journal, policy: Policy, server: str, fan_out: FanOut, passwords: Passwords
    ) -> None:
        self.runtime = runtime
        self.journal = journal
        self.server = server
        self.fan_out = fan_out
        self.passwords = passwords
        self.policy = policy
        self.limits = policy.limits
        self.null_outlet: Outlet = NullOutlet()
        self.budgets = Budgets(policy.limits, runtime.monotonic)
        self.fair_queue = FairQueue(runtime)
        self.accounts = Accounts()
        self.api_tokens = ApiTokens(self.accounts)
        self.keys = Keys(self.accounts)
        self.nicks = Nicks(policy, self.accounts, self.api_tokens, runtime.token)
        self.people = Directory(self.accounts, self.nicks, self.fair_queue)
        self.last_seen = LastSeen()
        self.server_state = RoomState()
        """The server-wide standing records."""
        self.delivered: Counter[str] = Counter()
        """Deliveries since the start, by door."""
        self.room_list_version = 0
        """Incremented by every change of the list of rooms."""
        self.closing = False
        """Whether the server is shutting down: nobody comes in any more."""
        self.silent = False
        """Whether nobody may do anything any more, so that everyone can be shown everything."""

    def set_policy(self, policy: Policy) -> None:
        """Use *policy* from now on."""
        self.policy = self.nicks.policy = policy
        self.limits = policy.limits
        self.budgets.set_limits(policy.limits)

    def leave(self, person: Person[Any]) -> None:
        """Remove *person*, who has left, and free their nicks."""
        self.people.leave(person)
        self.nicks.release(person, person.nick, person.key)
        if person.becoming is not None:
            self.nicks.release(person, *person.becoming)
        self.last_seen.note(person.key, person.nick, self.runtime.now())

    def check_open(self) -> None:
        """
        Refuse new work during shutdown.

        :raises NotNow: if the server is shutting down.
        """
        if self.closing:
            raise NotNow("The server is shutting down.")
