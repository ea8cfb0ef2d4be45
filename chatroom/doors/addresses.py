"""
Addresses: reads the client's address, its certificate, and whether its connection is private.

What is trusted goes by the address as it is.  Bans and limits look through more: see ``chat/syntax/networks.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from twisted.internet.address import IPv4Address as TCP4Address
from twisted.internet.address import IPv6Address as TCP6Address
from twisted.internet.address import UNIXAddress
from twisted.internet.interfaces import IAddress, ISSLTransport

Host = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network | None]
"""A list of networks; None stands for UNIX sockets."""


def host_of(addr: IAddress | None) -> Host | None:
    """Read the IP address of *addr*, with IPv4 addresses unwrapped from IPv6; None if it has none."""
    # What a proxy says of a connection need not be an address.
    return host_named(addr.host) if isinstance(addr, (TCP4Address, TCP6Address)) else None


@lru_cache(maxsize=256)
def host_named(text: str) -> Host | None:
    """Read an IP address; None if *text* isn't one."""
    try:
        host = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(host, IPv6Address) and host.ipv4_mapped) or host


def among(addr: IAddress | None, networks: Networks) -> bool:
    """Return whether *addr* is in one of *networks*."""
    if not networks:
        return False
    return None in networks if isinstance(addr, UNIXAddress) else within(host_of(addr), networks)


def within(host: Host | None, networks: Networks) -> bool:
    """Return whether *host* is in one of *networks*."""
    return host is not None and any(network is not None and host in network for network in networks)


def address_of(transport: Any) -> str:
    """Return the client's address, without port and zone; "" if it has none."""
    return str(host_of(transport.getPeer()) or "")


def is_encrypted(transport: Any) -> bool:
    """Return whether *transport* speaks TLS."""
    encrypted: bool = ISSLTransport.providedBy(transport)
    return encrypted


def certificate_of(transport: Any) -> str:
    """
    Return the fingerprint of the certificate that the client has shown on this TLS connection; "" if it has none.

    That is SHA-256 in lower-case hexadecimal digits, and TLS has proven that the client has its key.
    """
    fingerprint: str = getattr(transport, "fingerprint", "") if is_encrypted(transport) else ""
    return fingerprint


def is_secure(transport: Any) -> bool:
    """Return whether what *transport* carries stays on this machine, or is encrypted."""
    if is_encrypted(transport):
        return True
    peer = transport.getPeer()
    host = host_of(peer)
    return isinstance(peer, UNIXAddress) if host is None else host.is_loopback
