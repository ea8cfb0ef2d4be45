"""Connection limits: counts the connections of each address, and knows how many are allowed."""

from __future__ import annotations

from collections import Counter

from twisted.internet.interfaces import IAddress

from chatroom.chat.syntax.networks import place_of

from .addresses import Host, Networks, among, host_of

HTTP_PER_PERSON = 4
"""Connections that only ask for the page's files, for each one that may chat: a browser opens six for a moment."""


class ConnectionLimits:
    """
    Counts the connections of one server by where they come from: an IPv4 address, or an IPv6 /64.

    This machine itself may have as many as it likes.

    :param max_per_address: connections at a time from one place; 0: any number.
    :param proxies: networks of proxies; those who come through them are counted by where they come from.
    """

    def __init__(self, max_per_address: int, proxies: Networks = ()) -> None:
        self.max_per_address = max_per_address
        self.proxies = proxies
        self._all: Counter[str] = Counter()
        self._http: Counter[str] = Counter()

    def place_of_peer(self, addr: IAddress | None) -> str | None:
        """Return the place that a connection from *addr* is counted at; None if it isn't counted."""
        return None if among(addr, self.proxies) else place_of_host(host_of(addr))

    def is_full(self, place: str | None) -> bool:
        """Tell whether *place* has as many people as it may have."""
        return 0 < self.max_per_address <= self._people(place)

    def refuses(self, place: str | None) -> bool:
        """Tell whether another connection from *place* is too many, whether of people or for files only."""
        return self.is_full(place) or 0 < HTTP_PER_PERSON * self.max_per_address <= self._http.get(place or "", 0)

    def _people(self, place: str | None) -> int:
        return self._all.get(place or "", 0) - self._http.get(place or "", 0)

    def add(self, place: str | None) -> None:
        """Count a connection from *place*, even without a limit: a reload may set one."""
        _add(self._all, place, 1)

    def remove(self, place: str | None) -> None:
        """Count a connection from *place* no more."""
        _add(self._all, place, -1)

    def add_http(self, place: str | None) -> None:
        """Note that a connection from *place*, which is counted already, only asks for files so far."""
        _add(self._http, place, 1)

    def remove_http(self, place: str | None) -> None:
        """Note that such a connection is gone, or has become somebody's."""
        _add(self._http, place, -1)


def place_of_host(host: Host | None) -> str | None:
    """Return the place that *host* is counted at; None if it isn't counted."""
    return None if host is None or host.is_loopback else place_of(str(host))


def _add(counts: Counter[str], place: str | None, number: int) -> None:
    if place is not None:
        counts[place] += number
        if not counts[place]:
            del counts[place]
