"""The doors of a process without a house: it serves text, JSON and WebSockets, and has all else carried."""

from __future__ import annotations

from typing import Any

from chatroom.doors.factory import DoorFactory
from chatroom.doors.irc.door import WITHOUT_TLS, IrcFactory
from chatroom.doors.line import JsonFactory, TextFactory
from chatroom.doors.ssh.factory import SshFactory
from chatroom.doors.web.counts import DoorCounts
from chatroom.link.carrying import CarryingFactory
from chatroom.link.door import RemoteHouse
from chatroom.link.figures import Reports
from chatroom.link.web import DoorWebFactory

from .entrances import Entrances

PROTOCOLS = [name for door in (TextFactory, JsonFactory, IrcFactory, SshFactory, DoorWebFactory) for name in door.alpn]
"""The ALPN protocols that clients may negotiate (RFC 7301)."""


class RemoteDoors(Entrances):
    """
    All doors of one process.

    :param house: in another process; it has said what doors have to know.
    """

    def __init__(self, house: RemoteHouse, reactor: Any) -> None:
        super().__init__(house, reactor)
        self.clients = house.clients
        """Those whose connections are carried."""
        self.web = DoorWebFactory(house, reactor, self.clients, self.limits, self.admission, self.preconnects.note)
        self.served: list[DoorFactory] = [TextFactory(house, reactor), JsonFactory(house, reactor), self.web]
        """Those whose protocols run here."""
        counts = DoorCounts(self.served, self.web, house.core.budgets)
        self.reports = Reports(reactor, house, counts.figures)
        text, json, web = self.served
        irc = CarryingFactory(self.clients, IrcFactory, WITHOUT_TLS)
        self.all = [text, json, irc, CarryingFactory(self.clients, SshFactory), web]
