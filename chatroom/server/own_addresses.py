"""The addresses at which others may reach this machine, without asking any name server."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address

MOST = 5
"""Addresses listed at most: a machine with many containers has an address for each of their networks."""

_ELSEWHERE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Addresses for documentation (RFC 5737, RFC 3849), which are nobody's; one of each version of IP."""

_VIRTUAL = ("br-", "cni", "docker", "lxc", "podman", "vboxnet", "veth", "virbr", "vmnet")
"""How the names of interfaces begin that often lead to containers of this machine only."""


def own_addresses() -> list[str]:
    """Return the addresses of this machine's interfaces, the one that others most likely reach first."""
    import ifaddr

    interfaces = sorted(ifaddr.get_adapters(), key=lambda one: one.nice_name.startswith(_VIRTUAL))
    # An IPv6 address comes with its flow and scope.
    found = [each.ip if isinstance(each.ip, str) else each.ip[0] for one in interfaces for each in one.ips]
    return in_order(found, [_on_the_way_to(*elsewhere) for elsewhere in _ELSEWHERE])


def in_order(addresses: Iterable[str], first: Iterable[str | None] = ()) -> list[str]:
    """
    Choose those of *addresses* that others can use, IPv4 before IPv6.

    :param first: addresses that come before all others of their version.
    """
    first, usable = list(first), []
    for text in dict.fromkeys(addresses):
        address = ip_address(text.partition("%")[0])
        # A link-local address needs the name of an interface at the other end.
        if not (address.is_loopback or address.is_link_local or address.is_unspecified):
            usable.append((address.version, text not in first, text))
    return [text for _, _, text in sorted(usable, key=lambda one: one[:2])][:MOST]


def _on_the_way_to(elsewhere: str, family: socket.AddressFamily) -> str | None:
    """Return the address from which this machine would reach *elsewhere*; a UDP socket sends nothing to tell."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as trial:
        trial.connect((elsewhere, 9))
        own: str = trial.getsockname()[0]
        return own
    return None
