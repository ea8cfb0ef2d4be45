"""The house as doors see it that only hand commands over: in this process, or in another one."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from chatroom.chat.command_table import Command
from chatroom.chat.fair_queue import FairQueue
from chatroom.chat.limits import Limits
from chatroom.chat.people.budgets import Budgets
from chatroom.chat.ports import Runtime
from chatroom.chat.refusals import Refusal


class Shared(Protocol):
    """What all doors of a house share; see `Core`."""

    runtime: Runtime
    server: str
    limits: Limits
    budgets: Budgets
    fair_queue: FairQueue
    delivered: Counter[str]


class Someone(Protocol):
    """Who is at the other end; see `Person`."""

    nick: str
    """Their nick; "": none yet."""


class Place(Protocol):
    """The place of a budget; see `PlaceBudget`."""

    name: str
    told_at: float

    @property
    def in_debt(self) -> bool:
        """Whether it has spent more than it had."""


class Spending(Protocol):
    """What pays for a connection; see `Budget`."""

    @property
    def place(self) -> Place:
        """The place that the connection shares limits with."""

    def spend(self, lines: float = 0.0, size: int = 0) -> float:
        """Charge *lines* lines' worth of work and *size* bytes; return the seconds to wait."""


class Reading(Protocol):
    """What a session still has to be shown; see `CatchUp`."""

    def fall_behind(self) -> None:
        """Backpressure: the transport is full."""

    def drained(self) -> None:
        """Continue: the transport takes more."""


class DoorSession(Protocol):
    """A session as its door uses it; see `Session`."""

    active: float

    @property
    def gone(self) -> bool:
        """Whether it is over."""

    @property
    def busy(self) -> bool:
        """Whether the last command is still running."""

    @property
    def person(self) -> Someone:
        """Who is at the other end."""

    @property
    def budget(self) -> Spending:
        """What pays for the connection."""

    @property
    def catch_up(self) -> Reading:
        """What it still has to be shown."""

    def receive(self, command: Command, ref: str | None = None) -> None:
        """Run *command*; must not be called while `busy`."""

    def refuse(self, refusal: Refusal, ref: str | None = None) -> None:
        """Send a refusal after the replies to all earlier commands."""

    def owed(self) -> float:
        """Return the seconds to pause after the last command, and clear them."""

    def finish(self) -> None:
        """Answer outstanding commands, then close: the client sends nothing more."""

    def hang_up(self, text: str, reason: str) -> None:
        """Disconnect: send a last line, then close."""


class House(Protocol):
    """The part of the house that such doors use; see `Hub`."""

    @property
    def core(self) -> Shared:
        """What all doors share."""

    @property
    def closing(self) -> bool:
        """Whether everyone is being sent home."""

    def connect(self, outlet: Any) -> DoorSession:
        """Create a session for a new connection, without a name yet."""

    def disconnect(self, session: Any, reason: str) -> None:
        """Note that the connection of *session* is gone."""
