"""A network with machines, made of network namespaces: each can be cut off, as when somebody pulls a cable."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from .processes import Started, program

CLONE_NEWNET = 0x40000000
"""See unshare(2)."""


def ip(*words: str) -> None:
    """Run ``ip`` in the network where this thread is."""
    subprocess.run([program("ip", "/usr/sbin"), *words], check=True, capture_output=True)


def _system(name: str, *arguments: int) -> None:
    """
    Call a function of the C library; Python has these from 3.12 on.

    :raises OSError: if it fails.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Network:
    """
    A network of its own, in which this thread is, and whatever it starts; use it in a ``with`` statement.

    :raises OSError: if that may not be had here.
    """

    here = "10.78.0.1"
    """The address of this thread, for the machines."""
    everything = "10.78.0.0/24"

    def __enter__(self) -> Self:
        self._before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self._stack = ExitStack()
        try:
            _system("unshare", CLONE_NEWNET)
        except OSError:
            os.close(self._before)
            raise
        ip("link", "set", "lo", "up")
        ip("link", "add", "hub", "type", "bridge", "forward_delay", "0")
        ip("address", "add", f"{self.here}/24", "dev", "hub")
        ip("link", "set", "hub", "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        _system("setns", self._before, CLONE_NEWNET)
        os.close(self._before)

    def machine(self, number: int) -> Sequence[str]:
        """Connect a machine, whose address `address` tells; return the words that run a command there."""
        holder = self._stack.enter_context(
            Started([program("unshare"), "--net", "sh", "-c", "ip link set lo up && echo ready && exec cat"])
        )
        holder.until("ready")
        within = (program("nsenter"), f"--net=/proc/{holder.pid}/ns/net")
        ip("link", "add", f"cable{number}", "type", "veth", "peer", "name", "eth0", "netns", str(holder.pid))
        ip("link", "set", f"cable{number}", "master", "hub", "up")
        for words in (("address", "add", f"{self.address(number)}/24", "dev", "eth0"), ("link", "set", "eth0", "up")):
            subprocess.run([*within, program("ip", "/usr/sbin"), *words], check=True, capture_output=True)
        return within

    def address(self, number: int) -> str:
        """Return the address of a machine."""
        return f"10.78.0.{10 + number}"

    def cut(self, number: int) -> None:
        """Let nothing come to a machine, or from it."""
        ip("link", "set", f"cable{number}", "down")

    def mend(self, number: int) -> None:
        """End that."""
        ip("link", "set", f"cable{number}", "up")
