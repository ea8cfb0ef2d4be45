"""Retention: what no longer need be kept is removed in the background, room by room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from chatroom.chat.policy import Policy
from chatroom.chat.ports import Journal, JournalError, Keep

SOON = 30.0
"""Seconds from the start of the server to the first round: those who come back at once go first."""

EVERY = 300.0
"""Seconds from the end of one round to the next."""

log = Logger(namespace="chatroom")


class Retention:
    """
    Goes round the rooms every few minutes, and has the journal remove what need not be kept.

    One room after the other, and the journal trims in small steps: nobody waits for it.

    :param trimmed: told of each room that was trimmed, so that nothing of it is shown from memory.
    """

    def __init__(
        self, clock: IReactorTime, journal: Journal, policy: Policy, trimmed: Callable[[str], Awaitable[None]]
    ) -> None:
        self.policy = policy
        """What is kept; may be replaced at any time."""
        self._clock = clock
        self._journal = journal
        self._tell = trimmed
        self._timer: IDelayedCall | None = None
        self._running = False

    def start(self) -> None:
        """Begin, soon."""
        self._running = True
        self._timer = self._clock.callLater(SOON, self._begin)

    def stop(self) -> None:
        """Begin nothing more; the journal breaks off what it is doing when it is closed."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        self._timer = None
        going = Deferred.fromCoroutine(self._go_round())
        going.addErrback(lambda failure: log.failure("Retention broke off.", failure))
        going.addCallback(self._rest)

    def _rest(self, _: object) -> None:
        if self._running:
            self._timer = self._clock.callLater(EVERY, self._begin)

    async def _go_round(self) -> None:
        if not any(map(_bounded, (self.policy.keep, *self.policy.keep_of.values()))):
            return
        removed = rooms = 0
        try:
            last = ""
            while names := await self._journal.names(last):
                for room in names:
                    count = await self._trimmed(room)
                    removed += count
                    rooms += bool(count)
                last = names[-1]
        except JournalError as error:
            log.warn("Retention has to wait: {error}", error=error)
        if removed:
            log.info("Retention: {count} events removed from {rooms} rooms.", count=removed, rooms=rooms)

    async def _trimmed(self, room: str) -> int:
        """Trim one room; that it cannot be done now is no reason not to try the next."""
        keep = self.policy.keep_of.get(room, self.policy.keep)
        if not (self._running and _bounded(keep)):
            return 0
        try:
            removed = await self._journal.trim(room, keep)
            if removed:
                await self._tell(room)
            return removed
        except JournalError as error:
            if self._running:
                log.warn("Retention could not trim a room: {error}", error=error)
        except Exception:
            log.failure("Retention could not trim a room.")
        return 0


def _bounded(keep: Keep) -> bool:
    return keep != Keep()
