"""The runtime port: time, tasks and randomness, injected so that tests control them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Future(Awaitable[T], Protocol[T]):
    """A future: a result that will arrive later, such as Twisted's ``Deferred``."""

    def callback(self, result: T) -> None:
        """Set the result."""


class Timer(Protocol):
    """A scheduled call, such as ``IDelayedCall``."""

    def cancel(self) -> None:
        """Cancel the call."""


class Runtime(Protocol):
    """Time, tasks and randomness."""

    def now(self) -> float:
        """Return the wall-clock time in seconds since the epoch, for people; it may jump, so timers don't use it."""

    def monotonic(self) -> float:
        """Return the monotonic time in seconds, for all waiting."""

    def later(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Schedule *call* in *seconds*."""

    def future(self) -> Future[None]:
        """Create a future."""

    def spawn(self, task: Coroutine[Any, Any, None]) -> None:
        """Start *task* and run it up to its first wait; a failure is a bug and logged."""

    def bug(self) -> None:
        """Log the current exception as a bug, and carry on."""

    def token(self) -> str:
        """Return 16 random bytes as 22 URL-safe characters."""

    def stop(self, reason: str) -> None:
        """Start an orderly shutdown; everyone sees *reason*."""

    def reload(self) -> str:
        """Read the configuration again; return what has become of it, for admins."""
