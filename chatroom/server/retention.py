"""Retention: removes old history in the background, room by room, as the configuration says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from chatroom.chat.policy import Policy
from chatroom.chat.ports import Journal, JournalError, RetentionLimit

START_DELAY = 30.0
"""Seconds from the start of the server to the first round: first, people reconnect."""

INTERVAL = 300.0
"""Seconds from the end of one round to the next."""

log = Logger(namespace="chatroom")


class Retention:
    """
    Every few minutes, has the journal trim each room.

    It does one room after the other, and the journal trims in small steps, so nobody waits for it.

    :param trimmed: called with each room that was trimmed, so that cached history is dropped, too.
    """

    def __init__(
        self, clock: IReactorTime, journal: Journal, policy: Policy, trimmed: Callable[[str], Awaitable[None]]
    ) -> None:
        self.policy = policy
        """The policy on how much is kept; replaced by a reload."""
        self._clock = clock
        self._journal = journal
        self._tell = trimmed
        self._timer: IDelayedCall | None = None
        self._running = False

    def start(self) -> None:
        """Begin the first round in `START_DELAY`."""
        self._running = True
        self._timer = self._clock.callLater(START_DELAY, self._begin)

    def stop(self) -> None:
        """Begin no further round; the journal breaks off trimming when it is closed."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        self._timer = None
        going = Deferred.fromCoroutine(self._go_round())
        going.addErrback(lambda failure: log.failure("Retention failed, and will try again later.", failure))
        going.addCallback(self._rest)

    def _rest(self, _: object) -> None:
        if self._running:
            self._timer = self._clock.callLater(INTERVAL, self._begin)

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
            log.warn("Retention will try again later: {error}", error=error)
        if removed:
            log.info("Retention removed {count} events from {rooms} rooms.", count=removed, rooms=rooms)

    async def _trimmed(self, room: str) -> int:
        """Trim one room; an error is logged, and must not keep others from being trimmed."""
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


def _bounded(keep: RetentionLimit) -> bool:
    return keep != RetentionLimit()
