"""The password port: hashes and checks passwords without blocking the chat."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol


class Busy(Exception):
    """Too much work is queued already, such as passwords or searches; try again later."""


class Passwords(Protocol):
    """Hashes and checks passwords without blocking the reactor."""

    def hash(self, password: str) -> Awaitable[str]:
        """
        Return the hash of *password* for storage.

        :raises Busy: if too many are waiting already.
        """

    def verify(self, hashed: str | None, password: str) -> Awaitable[bool]:
        """
        Check *password*; with *hashed* None (no account) it takes as long and returns False.

        :raises Busy: if too many are waiting already.
        """
