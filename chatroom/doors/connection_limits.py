"""Connection limits: counts the connections of each address and limits them."""

from __future__ import annotations

from collections import Counter

from twisted.internet.interfaces import IAddress

from chatroom.chat.syntax.networks import place_of

from .addresses import Host, Networks, among, host_named, host_of, within

HTTP_PER_PERSON = 4
"""HTTP connections allowed per chat connection: a browser briefly opens six for the page's files."""


class ConnectionLimits:
    """
    Counts the connections of one server by place: an IPv4 address or an IPv6 /64.

    This machine itself has no limit.

    :param max_per_address: connections at a time from one place; 0: no limit.
    :param proxies: networks of proxies, whose clients are counted by their own addresses.
    """

    def __init__(self, max_per_address: int, proxies: Networks = ()) -> None:
        self.max_per_address = max_per_address
        self.proxies = proxies
        self._all: Counter[str] = Counter()
        self._http: Counter[str] = Counter()
        self.open = 0
        """How many are counted, also those that no limit is for."""

    def place_of_peer(self, addr: IAddress | None) -> str | None:
        """Return the place that a connection from *addr* is counted at; None if it isn't counted."""
        return None if among(addr, self.proxies) else place_of_host(host_of(addr))

    def place_of_client(self, address: str) -> str | None:
        """Return the place that the client with this *address*, "" if it has none, is counted at."""
        host = host_named(address)
        return None if within(host, self.proxies) else place_of_host(host)

    def is_full(self, place: str | None) -> bool:
        """Return whether *place* has reached its limit of people."""
        return 0 < self.max_per_address <= self._people(place)

    def refuses(self, place: str | None) -> bool:
        """Return whether another connection from *place* would exceed a limit, of people or of HTTP."""
        return self.is_full(place) or 0 < HTTP_PER_PERSON * self.max_per_address <= self._http.get(place or "", 0)

    def _people(self, place: str | None) -> int:
        return self._all.get(place or "", 0) - self._http.get(place or "", 0)

    def add(self, place: str | None) -> None:
        """Count a connection from *place*, even without a limit: a reload may set one."""
        self.open += 1
        _add(self._all, place, 1)

    def remove(self, place: str | None) -> None:
        """Stop counting a connection from *place*."""
        self.open -= 1
        _add(self._all, place, -1)

    def add_http(self, place: str | None) -> None:
        """Note that a counted connection from *place* is HTTP only so far."""
        _add(self._http, place, 1)

    def remove_http(self, place: str | None) -> None:
        """Note that such a connection is gone or has become a chat connection."""
        _add(self._http, place, -1)


def place_of_host(host: Host | None) -> str | None:
    """Return the place that *host* is counted at; None if it isn't counted."""
    return None if host is None or host.is_loopback else place_of(str(host))


def _add(counts: Counter[str], place: str | None, number: int) -> None:
    if place is not None:
        counts[place] += number
        if not counts[place]:
            del counts[place]
