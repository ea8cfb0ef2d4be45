"""How many connections there are at a time from one address, and how many there may be."""

from __future__ import annotations

from collections import Counter

from twisted.internet.interfaces import IAddress

from chatroom.chat.masks import place_of

from .addresses import Host, Networks, among, host_of

ASKING = 4
"""Connections that only ask for the page's files, for each one that may chat: a browser opens six for a moment."""


class Crowd:
    """
    The connections of one server, counted by where they come from: an IPv4 address, or an IPv6 /64.

    This machine itself may have as many as it likes.

    :param most: connections at a time from one place; 0: any number.
    :param proxies: networks of proxies; those who come through them are counted by where they come from.
    """

    def __init__(self, most: int, proxies: Networks = ()) -> None:
        self.most = most
        self.proxies = proxies
        self._there: Counter[str] = Counter()
        self._asking: Counter[str] = Counter()

    def place_of(self, addr: IAddress | None) -> str | None:
        """Work out where a connection from *addr* is counted; None: nowhere."""
        return None if among(addr, self.proxies) else counted_at(host_of(addr))

    def full(self, place: str | None) -> bool:
        """Tell whether there are as many people from *place* as there may be."""
        return 0 < self.most <= self._people(place)

    def overrun(self, place: str | None) -> bool:
        """Tell whether no connection from *place* is taken, be it of people or of who only asks for files."""
        return self.full(place) or 0 < ASKING * self.most <= self._asking.get(place or "", 0)

    def _people(self, place: str | None) -> int:
        return self._there.get(place or "", 0) - self._asking.get(place or "", 0)

    def enter(self, place: str | None) -> None:
        """Count a connection from *place*; also where there is no bound, as there may be one tomorrow."""
        _add(self._there, place, 1)

    def leave(self, place: str | None) -> None:
        """A connection from *place* is gone."""
        _add(self._there, place, -1)

    def ask(self, place: str | None) -> None:
        """A connection from *place*, which is counted already, only asks for files: it is nobody's yet."""
        _add(self._asking, place, 1)

    def asked(self, place: str | None) -> None:
        """It does so no more."""
        _add(self._asking, place, -1)


def counted_at(host: Host | None) -> str | None:
    """Name the place that *host* is counted at; None: it is not counted."""
    return None if host is None or host.is_loopback else place_of(str(host))


def _add(counts: Counter[str], place: str | None, number: int) -> None:
    if place is not None:
        counts[place] += number
        if not counts[place]:
            del counts[place]
