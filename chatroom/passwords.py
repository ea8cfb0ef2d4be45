"""Password hashing: Argon2id, on worker threads of lower priority than the chat."""

from __future__ import annotations

import os
import sys
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, partial
from threading import get_native_id
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.ports import Busy
from chatroom.system.threads import CallFromThread, WorkerThreads

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")

MAX_WAITING = 64
"""Passwords that may wait for a thread; any more are refused at once, rather than after many seconds."""

NICENESS = 3
"""How much higher than the chat's the niceness of the threads is: so they get half its share of a processor."""

log = Logger(namespace="chatroom")


class Cost(NamedTuple):
    """
    Cost of one hash: the second recommended option of RFC 9106, section 4, but with one lane.

    Lanes divide the same work and memory among short threads, so that one password is checked sooner.
    But those threads disturb the chat: measured on two cores, the 99th percentile of message latency was
    2 ms during a hash with four lanes, and 0.1 ms (as when idle) with one.  One hash takes about 130 ms.
    """

    passes: int = 3
    kibibytes: int = 65_536
    lanes: int = 1


DEFAULT_COST = Cost()
_MAX_COST = Cost(passes=10, lanes=8)
"""The limit for a stored hash: one flipped bit must not fill gigabytes for minutes."""


class Damaged(Exception):
    """A stored hash is not one that we made; the text is the kind of error."""


class Argon:
    """
    Argon2id, on the calling thread; blocks.

    :param cost: for new hashes.
    """

    def __init__(self, cost: Cost = DEFAULT_COST) -> None:
        self._cost = cost

    def prepare(self) -> None:
        """Import the library before a thread lowers its priority: importing takes Python's global lock."""
        assert self._hasher

    def hash(self, password: str) -> str:
        """Hash *password* for storage; the result includes the salt and the cost."""
        return self._hasher.hash(_octets(password))

    def verify(self, hashed: str | None, password: str) -> bool:
        """
        Check *password*; None for *hashed*, when there is no such account, takes as long and never matches.

        :raises Damaged: if *hashed* is not one of our hashes.
        """
        hasher = self._hasher
        from argon2 import extract_parameters
        from argon2.exceptions import VerifyMismatchError

        try:
            found = extract_parameters(hashed or self._nobodys)
            asked = (found.time_cost, found.memory_cost, found.parallelism)
            if any(one > most for one, most in zip(asked, _MAX_COST, strict=True)):
                raise ValueError("it costs more than any hash of ours")
            return hasher.verify(hashed or self._nobodys, _octets(password)) and hashed is not None
        except VerifyMismatchError:
            return False
        except Exception as error:
            raise Damaged(type(error).__name__) from None

    @cached_property
    def _hasher(self) -> PasswordHasher:
        # Imported here, because it takes 16 ms that would delay the start of the server.
        from argon2 import PasswordHasher

        passes, kibibytes, lanes = self._cost
        return PasswordHasher(time_cost=passes, memory_cost=kibibytes, parallelism=lanes)

    @cached_property
    def _nobodys(self) -> str:
        # A well-formed hash: checking it takes as long as any, and no known password matches.
        salt, tag = (b64encode(bytes(size)).rstrip(b"=").decode() for size in (16, 32))
        return "$argon2id$v=19$m={1},t={0},p={2}${3}${4}".format(*self._cost, salt, tag)


class ArgonPasswords:
    """
    The `Passwords` of a running server: a few threads with a bounded queue.

    Memory is bounded, too: each thread uses the 64 MiB of one hash while it works.  The first password
    starts the threads.

    :param call_from_thread: such as ``reactor.callFromThread``.
    :param threads: how many; None: one or two, so that one processor of several is left to the chat.
    :param waiting: passwords that may wait for a thread.
    """

    def __init__(
        self,
        call_from_thread: CallFromThread,
        *,
        threads: int | None = None,
        waiting: int = MAX_WAITING,
        argon: Argon | None = None,
    ) -> None:
        count = threads or max(1, min(2, _processors() - 1))
        self._most = count + waiting
        self._argon = argon or Argon()
        self._workers = WorkerThreads(call_from_thread, "passwords", count=count, prepare=self._prepare)
        self._awaited: set[Deferred[Any]] = set()
        self._stopped = False

    async def hash(self, password: str) -> str:
        """
        Hash *password* for storage.

        :raises Busy: if too many are waiting already.
        """
        return await self._run(partial(self._argon.hash, password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """
        Check *password*; None for *hashed*, when there is no such account, takes as long and never matches.

        :raises Busy: if too many are waiting already.
        """
        try:
            return await self._run(partial(self._argon.verify, hashed, password))
        except Damaged as damage:
            # Never log the hash, or the error's own text, which may contain it.
            log.error(
                "A stored password hash is damaged ({kind}), so nobody can log in to that account.", kind=str(damage)
            )
            return False

    def stop(self) -> None:
        """Fail all waiting passwords with `Busy`; the threads end by themselves."""
        self._stopped = True
        self._workers.abandon()
        for waited in list(self._awaited):
            self._answer(waited, Failure(Busy("The server is shutting down.")))  # type: ignore[no-untyped-call]

    def _run(self, work: Callable[[], T]) -> Deferred[T]:
        if self._stopped or len(self._awaited) >= self._most:
            raise Busy("Too many passwords are being checked. Please try again in a few seconds.")
        waited: Deferred[T] = Deferred()
        self._awaited.add(waited)
        self._workers.run(work, partial(self._answer, waited))
        return waited

    def _answer(self, waited: Deferred[Any], result: object) -> None:
        # Nobody waits any more if the service has stopped meanwhile.
        if waited in self._awaited:
            self._awaited.remove(waited)
            waited.callback(result)

    def _prepare(self) -> None:
        self._argon.prepare()
        give_way()


def give_way() -> None:
    """
    Lower the priority of the calling thread: it preempts nobody, and gets half a share of a busy processor.

    That is what the policy ``SCHED_BATCH`` and a niceness of 3 mean to Linux (sched(7)), where each thread has its
    own.  With even less, such as ``SCHED_IDLE``, a password may take many seconds, and hold up the chat: a thread
    that is suspended while it holds Python's global lock suspends all others (measured in docs/performance.md).
    """
    if sys.platform == "linux":
        thread = get_native_id()
        with suppress(OSError):
            os.sched_setscheduler(thread, os.SCHED_BATCH, os.sched_param(0))
            os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS))


def _octets(password: str) -> bytes:
    # Keyboards differ in how they encode "é"; RFC 8265, section 4.2.2, asks for the composed form.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
