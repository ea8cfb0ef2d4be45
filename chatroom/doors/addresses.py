"""Who is at the other end of a connection, and whether anyone on the way can read along."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from twisted.internet.address import IPv4Address as TCP4Address
from twisted.internet.address import IPv6Address as TCP6Address
from twisted.internet.address import UNIXAddress
from twisted.internet.interfaces import IAddress, ISSLTransport


def host_of(addr: IAddress | None) -> IPv4Address | IPv6Address | None:
    """Read the IP address of *addr*, an IPv4 one also where it comes as IPv6; None: it has none."""
    if not isinstance(addr, (TCP4Address, TCP6Address)):
        return None
    try:
        host = ip_address(addr.host.partition("%")[0])
    except ValueError:
        # What a proxy says of a connection need not be an address.
        return None
    return (isinstance(host, IPv6Address) and host.ipv4_mapped) or host


def address_of(transport: Any) -> str:
    """Write the address of the other end, without port and zone; "" if it has none."""
    return str(host_of(transport.getPeer()) or "")


def is_secure(transport: Any) -> bool:
    """Tell whether what *transport* carries stays on this machine, or is encrypted."""
    if ISSLTransport.providedBy(transport):
        return True
    peer = transport.getPeer()
    host = host_of(peer)
    return isinstance(peer, UNIXAddress) if host is None else host.is_loopback
