"""Page reader: reads history a few pages at a time, so that joining need not wait behind a crowd of readers."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..events import Batch
    from ..ports import Future, Journal, Runtime

AT_ONCE = 4
"""Pages requested at a time; the journal has one reader thread, and each page takes some 2 ms."""


class Pages:
    """
    Queues calls of `Journal.after` and `Journal.before`, in order.

    :param most: pages at a time.
    """

    def __init__(self, world: Runtime, journal: Journal, most: int = AT_ONCE) -> None:
        self._most = most
        self._world = world
        self._journal = journal
        self._reading = 0
        self._waiting: deque[Future[None]] = deque()

    async def after(self, room: str, seq: int, limit: int) -> Batch:
        """
        Read forward.

        :raises JournalError: if the journal cannot be read now.
        """
        return await self._read(lambda: self._journal.after(room, seq, limit))

    async def before(self, room: str, seq: int | None, limit: int) -> Batch:
        """
        Read backward.

        :raises JournalError: if the journal cannot be read now.
        """
        return await self._read(lambda: self._journal.before(room, seq, limit))

    async def _read(self, page: Callable[[], Awaitable[Batch]]) -> Batch:
        if self._reading >= self._most:
            future = self._world.future()
            self._waiting.append(future)
            # Pass the slot on to the next reader.
            await future
        else:
            self._reading += 1
        try:
            return await page()
        finally:
            if self._waiting:
                self._waiting.popleft().callback(None)
            else:
                self._reading -= 1
