"""The password port: hashes and checks passwords without keeping the chat waiting."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol


class Busy(Exception):
    """Too much waits to be done already, such as passwords to hash, or searches; try again later."""


class Passwords(Protocol):
    """Hashes passwords and checks them, somewhere that does not keep the chat waiting."""

    def hash(self, password: str) -> Awaitable[str]:
        """
        Make what is stored in place of *password*.

        :raises Busy: if too many wait already.
        """

    def verify(self, hashed: str | None, password: str) -> Awaitable[bool]:
        """
        Check *password*; *hashed* None, for a nick that nobody has, takes as long and is never right.

        :raises Busy: if too many wait already.
        """
