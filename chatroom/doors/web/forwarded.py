"""Forwarded requests: identifies a request's sender by its connection or a trusted proxy's headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h11
from twisted.internet.interfaces import ISSLTransport

from chatroom.doors.addresses import Host, Networks, among, host_named, host_of, is_secure, within

from .headers import header, header_list


@dataclass(frozen=True, slots=True)
class Peer:
    """
    The sender of a request.

    :param host: their address; None if they have none.
    :param secure: whether the connection to them is private.
    :param authority: the host that they address, with or without a port.
    :param vouched: whether a trusted proxy says so.
    """

    host: Host | None
    secure: bool
    authority: str
    vouched: bool
    near: bool = False
    """Whether they are on this machine and came without TLS."""

    @property
    def address(self) -> str:
        """Their address as text; "" if they have none."""
        return str(self.host or "")


def peer_of(request: h11.Request, transport: Any, proxies: Networks) -> Peer:
    """
    Identify the sender of *request*.

    What ``X-Forwarded-…`` says counts only from one of *proxies*: anybody could send it.  The sender is the last
    address that is not a proxy's, because each proxy appends the one that it sees.
    """
    address = transport.getPeer()
    host, authority = host_of(address), header(request, b"host")
    ways = header_list(request, b"x-forwarded-for")
    protocols = [one.lower() for one in header_list(request, b"x-forwarded-proto")]
    if not (among(address, proxies) and (ways or protocols)):
        near = host is not None and host.is_loopback and not ISSLTransport.providedBy(transport)
        return Peer(host, is_secure(transport), authority, False, near)
    for way in reversed(ways):
        named = host_named(_without_port(way))
        if named is None:
            break
        host = named
        if not within(host, proxies):
            break
    names = header_list(request, b"x-forwarded-host")
    return Peer(host, bool(protocols) and set(protocols) == {"https"}, names[-1] if names else authority, True)


def _without_port(way: str) -> str:
    """Remove the port from an address; IPv6 has brackets then."""
    if way.startswith("["):
        return way[1:].partition("]")[0]
    return way.partition(":")[0] if way.count(":") == 1 else way
