"""Renewal: keeps the lease of a server that runs, and notices when another one has taken over."""

from __future__ import annotations

from collections.abc import Callable

from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.ports import JournalError, Timer

from .._calls import Later, OutOfReach, Worker, call
from .connection import Deposed
from .lease import LENGTH, RENEWAL, Lease

_log = Logger(namespace="chatroom.journal")


class Renewal:
    """
    Renews a lease every second, for as long as the reactor runs.

    :param worker: a thread for this alone.
    :param deposed: called once when another server has taken over.
    :param timer: measures times, in seconds.
    """

    def __init__(
        self, later: Later, worker: Worker, deposed: Callable[[], object], timer: Callable[[], float]
    ) -> None:
        self._later = later
        self._worker = worker
        self._tell = deposed
        self._now = timer
        self._until = float("-inf")
        """When the lease ends at the earliest: its length after the last renewal that has succeeded was sent."""
        self._sent = 0.0
        """When the newest one was."""
        self._lease: Lease | None = None
        self._timer: Timer | None = None
        self._busy = self._once_more = False
        self._deposed = False
        self._failing = False
        """Whether the last attempt failed: only a change of that is logged."""

    @property
    def lasts(self) -> bool:
        """Whether the lease cannot have ended yet."""
        return not self._deposed and self._now() < self._until

    def start(self, lease: Lease, until: float) -> None:
        """Begin with *lease*, which was just taken, and lasts *until* then at least."""
        self._lease, self._deposed, self._until = lease, False, until
        self._timer = self._later(0.0, self._renew)

    def publish(self, link: str) -> None:
        """Have the lease say where doors on other machines reach this server."""
        if self._lease is not None:
            self._lease.link = link
            self._once_more = self._busy
            self._write()

    def check(self) -> None:
        """
        Check that no other server has taken over, as far as that is known.

        :raises OutOfReach: if one has.
        """
        if self._deposed:
            raise OutOfReach("another server has taken over the database")

    def failed(self, error: JournalError) -> None:
        """Note why a commit has failed, before anybody is told: the server that has taken over may store it yet."""
        if isinstance(error, Deposed):
            self._end()

    async def stop(self) -> None:
        """Give the lease back, so that the next server need not wait."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lease, self._lease = self._lease, None
        if lease is not None:
            await call(self._worker, lease.release)

    def _renew(self) -> None:
        self._timer = self._later(RENEWAL, self._renew)
        self._write()

    def _write(self) -> None:
        if self._lease is not None and not self._busy:
            self._busy = True
            self._sent = self._now()
            self._worker.run(self._lease.renew, self._renewed)

    def _renewed(self, result: str | Failure | None) -> None:
        self._busy = False
        if result is None:
            self._until = max(self._until, self._sent + LENGTH)
        if self._once_more:
            self._once_more = False
            self._write()
        if isinstance(result, Failure):
            if isinstance(result.value, Deposed):
                self._end()
        elif result and not self._failing:
            _log.warn("The database does not answer: {reason}", reason=result)
        elif self._failing and not result:
            _log.info("The database answers again.")
        self._failing = isinstance(result, str)

    def _end(self) -> None:
        if not self._deposed:
            self._deposed = True
            _log.critical("Another server has taken over the database; this one ends.")
            self._tell()
