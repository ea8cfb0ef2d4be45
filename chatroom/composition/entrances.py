"""What all doors of one process share, and where they listen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatroom.config.settings import Values
from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import Entrance
from chatroom.doors.front.assembly import Assembly
from chatroom.doors.front.front_door import FrontFactory
from chatroom.doors.front.preconnects import Preconnects
from chatroom.doors.house import House
from chatroom.doors.web.factory import HttpFactory
from chatroom.doors.web.settings import WebSettings
from chatroom.server.listeners import Listener, door_listeners, listeners
from chatroom.tls.renewal import Certificate

ALONE = ("web", "irc", "ssh")
"""The doors that may have addresses of their own, with the settings ``listen-web`` and so on."""


class Entrances:
    """The doors of one process: a subclass makes `all`, and `web`."""

    all: Sequence[Entrance]
    web: HttpFactory

    def __init__(self, house: House, reactor: Any) -> None:
        self._reactor = reactor
        self.limits, self.preconnects = ConnectionLimits(0), Preconnects(reactor)
        self.admission = Admission(reactor, house.core.budgets, house.core.fair_queue)

    def apply(self, values: Values) -> None:
        """Use *values* from now on."""
        self.limits.max_per_address, self.limits.proxies = values["max-per-address"], values["proxies"]
        self.web.routes.settings = WebSettings(
            values["web-prefix"], values["origins"], values["proxies"], values["metrics-for"]
        )

    def open(
        self, values: Values, certificate: Certificate | None, reactor: Any = None
    ) -> tuple[list[Listener], FrontFactory]:
        """
        Choose where to listen, and build the front door for all protocols.

        :param reactor: listens; None: the one that serves.
        """
        reactor = reactor or self._reactor
        assembly = Assembly(self._reactor, self.limits, self.admission, certificate, values["tls-only"])
        found = listeners(values, reactor)
        doors = {door.name: door for door in self.all}
        for name in ALONE:
            found += door_listeners(values, f"listen-{name}", reactor, assembly.single_door(doors[name]))
        return found, assembly.front_door(self.all, self.preconnects)
