"""The stall detector on real sockets."""

from __future__ import annotations

import socket
from contextlib import contextmanager

import pytest
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Connection
from twisted.internet.testing import MemoryReactor

from chatroom.doors.outlets.direct_transport import DirectTransport
from chatroom.doors.stall_detector import held


@contextmanager
def pair(kind: int):
    """Two ends of one connection."""
    if kind == socket.AF_UNIX:
        ends = socket.socketpair()
    else:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            ends = socket.create_connection(listening.getsockname()), listening.accept()[0]
    with ends[0] as ours, ends[1] as theirs:
        ours.setblocking(False)
        theirs.settimeout(5)
        yield ours, theirs


def writes_out(transport: Connection) -> None:
    """Let the kernel take what it takes."""
    before = -1
    while before != (before := held(transport)):
        transport.doWrite()


@pytest.mark.parametrize("kind", [socket.AF_INET, socket.AF_UNIX])
def test_what_is_held_by_us_and_by_the_kernel_becomes_less_as_it_is_read(kind):
    with pair(kind) as (ours, theirs):
        transport = Connection(ours, Protocol(), MemoryReactor())
        transport.connected = True
        for _ in range(100):
            transport.write(b"x" * 100_000)
        writes_out(transport)
        before = held(transport)
        # A kernel counts what it takes to hold it all, too.
        assert 0 < before <= 11_000_000

        read = 0
        while read < 2_000_000:
            read += len(theirs.recv(100_000))
            writes_out(transport)
        # What the other kernel has taken and nobody has read yet is not held here any more.
        assert held(DirectTransport(transport, ours)) == held(transport) <= before - 1_000_000


def test_of_a_connection_that_is_gone_the_kernel_holds_nothing():
    with pair(socket.AF_UNIX) as (ours, _):
        transport = Connection(ours, Protocol(), MemoryReactor())
        ours.send(b"x" * 1000)
        assert held(transport) > 0
        ours.close()
        assert held(transport) == 0
