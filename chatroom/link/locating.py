"""Locating: finds the house that leads among several machines, and keeps the doors of this process linked to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IAddress, IDelayedCall, IProtocol, IReactorTime
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.ports import JournalError

from .door import RemoteHouse
from .secure import SecureLink

LINKED_INTERVAL = 1.0
"""Seconds between two looks while the house is heard of."""
SEEKING_INTERVAL = 0.25
"""Seconds between two looks while it is not."""
SOON = 1.0
"""Seconds after its beginning within which a link has ended at once."""
MAX_PAUSE = 5.0
"""Seconds between two attempts, at most, at a house with which links end at once."""

log = Logger(namespace="chatroom")

T = TypeVar("T")


class Leader(Protocol):
    """Who leads, as the database says."""

    @property
    def epoch(self) -> int:
        """Rises each time that another house takes over."""

    @property
    def link(self) -> str:
        """Where it takes links, HOST:PORT; "": nowhere."""


class Worker(Protocol):
    """A thread for calls that block."""

    def run(self, work: Callable[[], T], done: Callable[[T | Failure], object]) -> None:
        """Run *work*, then *done* with its result on the reactor's thread."""


Dial = Callable[[str, Factory], "Deferred[IProtocol]"]
"""Connects to HOST:PORT over TLS."""


class Locating(Factory):
    """
    Looks again and again who leads, and links *house* to that one, never to one of a lower epoch.

    While nobody answers the question, a link stays.

    :param look: returns who leads, or None; it blocks, and raises a `JournalError` if that is not known.
    :param lost: called whenever a connection is lost.
    """

    noisy = False

    def __init__(
        self,
        clock: IReactorTime,
        worker: Worker,
        look: Callable[[], Leader | None],
        dial: Dial,
        house: RemoteHouse,
        lost: Callable[[], object] = lambda: None,
    ) -> None:
        self._clock = clock
        self._worker = worker
        self._look = look
        self._dial = dial
        self._house = house
        self._lost = lost
        self._timer: IDelayedCall | None = None
        self._looking = self._stopped = False
        self._trouble = ""
        """Why the database did not say who leads, the last time."""
        self._dialling: Deferred[IProtocol] | None = None
        self._current: SecureLink | None = None
        """The connection, from its start to its end."""
        self._noted: SecureLink | None = None
        """The last one that was told of in the log."""
        self._address = ""
        """Where that goes."""
        self._complaint = ""
        """Why the last attempt to connect has failed."""
        self._since = 0.0
        """When it began."""
        self._pause = 0.0
        self._not_before = float("-inf")

    def start(self) -> None:
        """Look for the first time."""
        self._again(0.0)

    def stop(self) -> None:
        """Look no more; a link stays."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def buildProtocol(self, addr: IAddress | None) -> SecureLink:
        """Build the door's end of a link."""
        self._since = self._clock.seconds()
        self._current = made = SecureLink(self._clock, self._house.build, lambda reason: self._ended(made, reason))
        return made

    def _again(self, pause: float) -> None:
        if self._stopped or self._looking:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.callLater(pause, self._ask)

    def _ask(self) -> None:
        self._timer = None
        self._looking = True
        self._worker.run(self._look, self._answered)

    def _answered(self, result: Leader | Failure | None) -> None:
        self._looking = False
        if self._stopped:
            return
        if isinstance(result, Failure):
            self._failed(result)
        else:
            if self._trouble:
                self._trouble = ""
                log.info("The database says again which house leads.")
            if result is not None:
                self._follow(result)
        if self._house.linked and self._current is not self._noted:
            self._noted = self._current
            log.info(
                "Linked to the house at {address}, epoch {epoch}.", address=self._address, epoch=self._house.epoch
            )
        self._again(SEEKING_INTERVAL if self._house.quiet else LINKED_INTERVAL)

    def _failed(self, failure: Failure) -> None:
        trouble = str(failure.value)
        if trouble != self._trouble:
            self._trouble = trouble
            if failure.check(JournalError):
                log.warn("Which house leads is not known: {trouble}", trouble=trouble)
            else:
                log.failure("An error while looking which house leads.", failure)

    def _follow(self, leader: Leader) -> None:
        """Go to *leader*, unless it is the one that this process is linked to, or one before that."""
        if leader.epoch < self._house.epoch:
            return
        if leader.epoch > self._house.epoch:
            self._leave()
            self._house.epoch = leader.epoch
        idle = self._current is None and self._dialling is None and self._clock.seconds() >= self._not_before
        if idle and leader.link:
            self._connect(leader.link)

    def _leave(self) -> None:
        """Forget the connection to the house before, which may not even notice."""
        self._house.leave("another house leads")
        self._pause, self._not_before = 0.0, float("-inf")
        if self._dialling is not None:
            self._dialling.cancel()
        current, self._current = self._current, None
        if current is not None:
            current.abort()

    def _connect(self, address: str) -> None:
        self._address = address
        self._dialling = dialling = self._dial(address, self)
        dialling.addCallbacks(self._connected, self._not_connected)

    def _connected(self, link: IProtocol) -> None:
        self._dialling = None

    def _not_connected(self, failure: Failure) -> None:
        self._dialling = self._current = None
        if not failure.check(CancelledError):
            self._complain(f"cannot be reached: {failure.getErrorMessage().rstrip('.')}")

    def _ended(self, link: SecureLink, reason: str) -> None:
        self._lost()
        if link is not self._current:
            return
        self._current = None
        if reason or self._clock.seconds() - self._since < SOON:
            self._pause = min(max(2 * self._pause, SEEKING_INTERVAL), MAX_PAUSE)
            self._not_before = self._clock.seconds() + self._pause
            if reason:
                self._complain(f"refuses the link: {reason}")
        else:
            self._pause, self._complaint = 0.0, ""
        self._again(SEEKING_INTERVAL)

    def _complain(self, what: str) -> None:
        complaint = f"The house at {self._address} {what}."
        if complaint != self._complaint:
            self._complaint = complaint
            log.warn("{complaint}", complaint=complaint)
