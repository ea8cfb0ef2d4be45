"""Who asks over HTTP: the other end of the connection, or whoever a proxy that we trust speaks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h11
from twisted.internet.interfaces import ISSLTransport

from chatroom.doors.addresses import Host, Networks, among, host_named, host_of, is_secure, within

from .asking import header, listed


@dataclass(frozen=True, slots=True)
class Visitor:
    """
    Who asks.

    :param host: their address; None if they have none.
    :param secure: whether nobody on the way to them can read along.
    :param site: how they call us: a host, with or without a port.
    :param vouched: whether a proxy that we trust says so.
    """

    host: Host | None
    secure: bool
    site: str
    vouched: bool
    near: bool = False
    """Whether they are on this very machine, and have come without TLS."""

    @property
    def address(self) -> str:
        """Their address, as people write it; "" if they have none."""
        return str(self.host or "")


def visitor(request: h11.Request, transport: Any, proxies: Networks) -> Visitor:
    """
    Work out who has sent *request*.

    What ``X-Forwarded-…`` says counts only if it comes from one of *proxies*: anybody else can write it, too.
    Of the addresses it is the last that is no proxy's, for each proxy adds the one it knows at the end.
    """
    peer = transport.getPeer()
    host, site = host_of(peer), header(request, b"host")
    ways = listed(request, b"x-forwarded-for")
    protocols = [one.lower() for one in listed(request, b"x-forwarded-proto")]
    if not (among(peer, proxies) and (ways or protocols)):
        near = host is not None and host.is_loopback and not ISSLTransport.providedBy(transport)
        return Visitor(host, is_secure(transport), site, False, near)
    for way in reversed(ways):
        named = host_named(_without_port(way))
        if named is None:
            break
        host = named
        if not within(host, proxies):
            break
    sites = listed(request, b"x-forwarded-host")
    return Visitor(host, bool(protocols) and set(protocols) == {"https"}, sites[-1] if sites else site, True)


def _without_port(way: str) -> str:
    """Take the port off an address; one of IPv6 has brackets then."""
    if way.startswith("["):
        return way[1:].partition("]")[0]
    return way.partition(":")[0] if way.count(":") == 1 else way
