"""
Networks: parses addresses and networks, and maps an address to its place for limits.

Some IPv6 addresses only carry an IPv4 address across an IPv6 network.  Bans and limits hold for the IPv4 address then,
however it arrives; trust does not, because anybody can write such an address down.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ..refusals import BadInput

Network = tuple[int, int, int]
"""A network: the IP version, the prefix length, and the prefix bits as a number."""

BITS = {4: 32, 6: 128}
_WIDEST = {4: 8, 6: 19}
"""The shortest prefixes allowed as masks: nobody is assigned a larger network."""

_LONGEST = 64
"""Longest text of an address or network, in characters, with room to spare."""

_MAPPED = IPv6Network("::ffff:0:0/96")
_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))

_CARRIERS = (
    (IPv6Network("2002::/16"), 16, 0),  # 6to4, RFC 3056
    (IPv6Network("64:ff9b::/96"), 96, 0),  # NAT64 and SIIT, RFC 6052
    (IPv6Network("64:ff9b:1::/48"), 96, 0),  # a prefix of one's own, RFC 8215; translators use a /96 of it
    (IPv6Network("2001::/32"), 96, 0xFFFF_FFFF),  # Teredo, RFC 4380, section 4: every bit of the address is inverted
    (_MAPPED, 96, 0),  # IPv4-mapped, RFC 4291, section 2.5.5.2
    (IPv6Network("::/96"), 96, 0),  # IPv4-compatible, RFC 4291, section 2.5.5.1; long deprecated
)
"""Networks whose addresses carry an IPv4 address: the bits before it, and what to invert in it."""


def network(text: str) -> str:
    """
    Parse an address or a network: ``192.0.2.7``, ``192.0.2.0/24``, ``2001:db8::/32``.

    :returns: the network with its prefix length; IPv6 that carries IPv4 becomes IPv4.
    :raises BadInput: if it is invalid, or so wide that it could be everyone.
    """
    text = text.strip()
    try:
        if len(text) > _LONGEST or "%" in text:
            raise ValueError("too long to be one, or one interface's own")
        found = ip_network(text, strict=False)
    except ValueError:
        raise BadInput(
            "That is not a network address. Please write it like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32."
        ) from None
    if isinstance(found, IPv6Network):
        found = _carried_network(found) or found
    if found.prefixlen < _WIDEST[found.version] or (isinstance(found, IPv6Network) and found.supernet_of(_MAPPED)):
        raise BadInput(
            f"{found} is too wide: it would be nearly everyone. "
            f"The widest are /{_WIDEST[4]} for IPv4 and /{_WIDEST[6]} for IPv6."
        )
    if any(found.overlaps(own) for own in _LOOPBACK if own.version == found.version):
        raise BadInput(f"{found} is this machine itself: that would hit everyone behind a relay or tunnel.")
    return str(found)


def place_of(address: str) -> str:
    """
    Return the place under which *address* shares limits: the IPv4 address itself, or the IPv6 /64.

    :returns: text that `network` can parse; anything that is not an address is returned unchanged.
    """
    version, number = forms(address)[-1]
    if version == 4:
        return str(IPv4Address(number))
    if version == 6:
        if IPv6Address(number).is_loopback:
            return "::1"
        # A single customer or machine has a whole /64.
        return f"{IPv6Address(number >> 64 << 64)}/64"
    return address


def is_local(address: str) -> bool:
    """Return whether *address* is this machine: a loopback address, or none, as with a UNIX socket."""
    version, number = numbered(address)
    if version == 6:
        return IPv6Address(number).is_loopback
    return (version == 0 and not address) or (version == 4 and number >> 24 == 127)


@lru_cache(maxsize=4096)
def numbered(address: str) -> tuple[int, int]:
    """Parse an address, with or without an interface: its version (0 if invalid) and its number."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return 0, 0
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.version, int(found)


@lru_cache(maxsize=4096)
def forms(address: str) -> tuple[tuple[int, int], ...]:
    """Parse an address as `numbered` does; if it carries an IPv4 address, that follows."""
    found = version, number = numbered(address)
    if version == 6:
        for network, before, inverted in _CARRIERS:
            if number >> (128 - network.prefixlen) == int(network.network_address) >> (128 - network.prefixlen):
                carried = (number >> (96 - before) & 0xFFFF_FFFF) ^ inverted
                return (found, (4, carried)) if _can_be_carried(carried) else (found,)
    return (found,)


def _carried_network(found: IPv6Network) -> IPv4Network | None:
    """Return the IPv4 network that *found* carries; None if it carries none, or nearly all."""
    for network, before, inverted in _CARRIERS:
        if found.subnet_of(network):
            length = min(32, found.prefixlen - before)
            if length < _WIDEST[4] and network is not _MAPPED:
                return None
            carried = (int(found.network_address) >> (96 - before) & 0xFFFF_FFFF) ^ inverted
            if network is _MAPPED or _can_be_carried(carried):
                return IPv4Network((carried, length), strict=False)
    return None


def _can_be_carried(number: int) -> bool:
    # Neither "this network" nor loopback ever crosses a network: whoever writes them has made them up.
    return number >> 24 not in (0, 127)


@lru_cache(maxsize=4096)
def read_network(text: str) -> Network:
    found = ip_network(text)
    return found.version, found.prefixlen, int(found.network_address) >> (found.max_prefixlen - found.prefixlen)
