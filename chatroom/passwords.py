"""Passwords are hashed with Argon2id, on threads that have a smaller share of the processor than the chat."""

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

WAITING = 64
"""Passwords that may wait for a thread; whoever comes next is told at once, and not after many seconds."""

NICENESS = 3
"""How much nicer than the chat the threads are: it gives them half of the chat's share of a processor."""

log = Logger(namespace="chatroom")


class Cost(NamedTuple):
    """
    What one hash costs: RFC 9106, section 4, the second recommended option, but in one lane.

    Lanes share out the same work and the same memory, so that one password is checked sooner, by a
    burst of short threads.  Those burst into the chat, too: measured on two cores, the 99th percentile
    of a message's way was 2 ms beside one hash in four lanes, and 0.1 ms (as when idle) in one.  One
    hash takes about 130 ms.
    """

    passes: int = 3
    kibibytes: int = 65_536
    lanes: int = 1


USUAL = Cost()
_MOST = Cost(passes=10, lanes=8)
"""No more is spent on a stored hash: one flipped bit must not have gigabytes filled for minutes."""


class Damaged(Exception):
    """What is stored is no hash that we made; the text is the kind of error."""


class Argon:
    """
    Argon2id on the thread that calls, for as long as it takes.

    :param cost: what the hashes that it makes cost.
    """

    def __init__(self, cost: Cost = USUAL) -> None:
        self._cost = cost

    def prepare(self) -> None:
        """Import the library; Python's lock is held meanwhile, so it is done before a thread gives way."""
        assert self._hasher

    def hash(self, password: str) -> str:
        """Make what is stored in place of *password*; it holds the salt and the cost."""
        return self._hasher.hash(_octets(password))

    def verify(self, hashed: str | None, password: str) -> bool:
        """
        Check *password*; *hashed* None, for a nick that nobody has, takes as long and is never right.

        :raises Damaged: if *hashed* is no hash of ours.
        """
        hasher = self._hasher
        from argon2 import extract_parameters
        from argon2.exceptions import VerifyMismatchError

        try:
            found = extract_parameters(hashed or self._nobodys)
            asked = (found.time_cost, found.memory_cost, found.parallelism)
            if any(one > most for one, most in zip(asked, _MOST, strict=True)):
                raise ValueError("it asks for more than any hash of ours")
            return hasher.verify(hashed or self._nobodys, _octets(password)) and hashed is not None
        except VerifyMismatchError:
            return False
        except Exception as error:
            raise Damaged(type(error).__name__) from None

    @cached_property
    def _hasher(self) -> PasswordHasher:
        # Here, because it takes 16 ms that the start of the server need not.
        from argon2 import PasswordHasher

        passes, kibibytes, lanes = self._cost
        return PasswordHasher(time_cost=passes, memory_cost=kibibytes, parallelism=lanes)

    @cached_property
    def _nobodys(self) -> str:
        # In form a hash like any other: to check it takes its time, and no password is known to match.
        salt, tag = (b64encode(bytes(size)).rstrip(b"=").decode() for size in (16, 32))
        return "$argon2id$v=19$m={1},t={0},p={2}${3}${4}".format(*self._cost, salt, tag)


class ArgonPasswords:
    """
    The `Passwords` of a running server: a few threads, and a queue that is bounded.

    Memory is bounded too: each thread fills the 64 MiB of one hash while it is at work.  Threads start
    with the first password.  They are daemons, so that the last hash does not keep the process alive.

    :param call_from_thread: such as ``reactor.callFromThread``.
    :param threads: how many; None: one or two, and a processor is left to the chat if there are several.
    :param waiting: passwords that may wait for a thread.
    """

    def __init__(
        self,
        call_from_thread: CallFromThread,
        *,
        threads: int | None = None,
        waiting: int = WAITING,
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
        Make what is stored in place of *password*.

        :raises Busy: if too many wait already.
        """
        return await self._run(partial(self._argon.hash, password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """
        Check *password*; *hashed* None, for a nick that nobody has, takes as long and is never right.

        :raises Busy: if too many wait already.
        """
        try:
            return await self._run(partial(self._argon.verify, hashed, password))
        except Damaged as damage:
            # Neither the hash nor the error's own text, which may hold it.
            log.error("A stored password hash is damaged ({kind}); nobody can log in with it.", kind=str(damage))
            return False

    def stop(self) -> None:
        """Give up on all that wait: they fail with `Busy`.  The threads end by themselves."""
        self._stopped = True
        self._workers.abandon()
        for waited in list(self._awaited):
            self._answer(waited, Failure(Busy("The server is shutting down.")))  # type: ignore[no-untyped-call]

    def _run(self, work: Callable[[], T]) -> Deferred[T]:
        if self._stopped or len(self._awaited) >= self._most:
            raise Busy("Too many passwords are being checked just now. Please try again in a few seconds.")
        waited: Deferred[T] = Deferred()
        self._awaited.add(waited)
        self._workers.run(work, partial(self._answer, waited))
        return waited

    def _answer(self, waited: Deferred[Any], result: object) -> None:
        # It is not awaited any more when the service has stopped meanwhile.
        if waited in self._awaited:
            self._awaited.remove(waited)
            waited.callback(result)

    def _prepare(self) -> None:
        self._argon.prepare()
        give_way()


def give_way() -> None:
    """
    Let the calling thread interrupt nobody, and have half of everyone else's share where the processor is short.

    That is what the policy ``SCHED_BATCH`` and a niceness of 3 mean to Linux (sched(7)), where threads have their own.
    With less, such as ``SCHED_IDLE``, a password may take many seconds, and the chat with it: a thread that is put
    aside while it holds Python's lock puts all others aside (measured in docs/performance.md).
    """
    if sys.platform == "linux":
        thread = get_native_id()
        with suppress(OSError):
            os.sched_setscheduler(thread, os.SCHED_BATCH, os.sched_param(0))
            os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS))


def _octets(password: str) -> bytes:
    # Keyboards differ in how they write "é"; RFC 8265, section 4.2.2, has it composed.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
