"""Latest conversations: read in one go for all people who attach at about the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..ports import JournalError

if TYPE_CHECKING:
    from ..core import Core
    from ..ports import Future

LATEST = 5
"""Private conversations of somebody that may have begun when the last house ended: those which began last."""


class _Question:
    """What has been asked for together: the parties, who waits, and what was found or went wrong."""

    def __init__(self) -> None:
        self.parties: dict[str, None] = {}
        self.waiting: list[Future[None]] = []
        self.found: Mapping[str, Sequence[str]] = {}
        self.error: JournalError | None = None


class LatestConversations:
    """
    Reads the conversations of people that began last.

    When a house is replaced, everyone is asked for; a question for each would cost more than all the rest.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._next: _Question | None = None
        self._asking = False

    async def of(self, party: str) -> Sequence[str]:
        """
        Return the `LATEST` conversations of *party*, newest first.

        :raises JournalError: if they cannot be read.
        """
        question, future = self._next, self._core.runtime.future()
        if question is None:
            question = self._next = _Question()
        question.parties[party] = None
        question.waiting.append(future)
        if not self._asking:
            self._core.runtime.spawn(self._ask_on())
        await future
        if question.error is not None:
            raise question.error
        return question.found.get(party, ())

    async def _ask_on(self) -> None:
        """Ask; what is asked for meanwhile is the next question."""
        self._asking = True
        try:
            while self._next is not None:
                question, self._next = self._next, None
                await self._ask(question)
        finally:
            self._asking = False

    async def _ask(self, question: _Question) -> None:
        try:
            question.found = await self._core.journal.latest_conversations(list(question.parties), LATEST)
        except JournalError as error:
            question.error = error
        for future in question.waiting:
            future.callback(None)
