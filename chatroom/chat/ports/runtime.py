"""The runtime port: time, tasks and randomness, handed in so that tests own them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Future(Awaitable[T], Protocol[T]):
    """A result that is not there yet; Twisted's ``Deferred`` is one."""

    def callback(self, result: T) -> None:
        """Here is the result."""


class Timer(Protocol):
    """A call that has been put off; ``IDelayedCall`` is one."""

    def cancel(self) -> None:
        """Do not call after all."""


class Runtime(Protocol):
    """Time, tasks and randomness, handed in so that tests own them."""

    def now(self) -> float:
        """Seconds since the epoch, for people to read; the clock may be set, so nothing waits by it."""

    def monotonic(self) -> float:
        """Seconds since some moment; they never step back, so everything that waits goes by them."""

    def later(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call *call* in *seconds*."""

    def future(self) -> Future[None]:
        """Make a promise."""

    def spawn(self, task: Coroutine[Any, Any, None]) -> None:
        """Run *task* up to its first wait now, the rest as it can; a failure is a bug and logged."""

    def bug(self) -> None:
        """Log the exception that is being handled: it is a bug, and the show goes on."""

    def token(self) -> str:
        """Return 16 random bytes as 22 URL-safe characters."""

    def stop(self, reason: str) -> None:
        """Begin to shut the server down, in good order; everyone is told *reason*."""
