"""All doors of a house in the same process, and what they share."""

from __future__ import annotations

from typing import Any

from chatroom.chat.hub import Hub
from chatroom.config.settings import Values
from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import DoorFactory
from chatroom.doors.front.assembly import Assembly
from chatroom.doors.front.front_door import FrontFactory
from chatroom.doors.front.preconnects import Preconnects
from chatroom.doors.irc.door import IrcFactory
from chatroom.doors.irc.server import Sts
from chatroom.doors.irc.websocket import over_websocket
from chatroom.doors.line import JsonFactory, TextFactory
from chatroom.doors.ssh.authorized_keys import AuthorizedKeys
from chatroom.doors.ssh.factory import SshFactory
from chatroom.doors.web.factory import WebFactory
from chatroom.doors.web.metrics import Metrics
from chatroom.doors.web.settings import WebSettings
from chatroom.doors.web.static import pages
from chatroom.host_keys import HostKeys
from chatroom.server.listeners import Listener, door_listeners, listeners
from chatroom.tls.renewal import Certificate


class AllDoors:
    """All doors of one server, and what they share."""

    def __init__(self, hub: Hub, reactor: Any, host_keys: HostKeys, authorized: AuthorizedKeys) -> None:
        self._reactor = reactor
        self._limits, self._preconnects = ConnectionLimits(0), Preconnects(reactor)
        self._admission = Admission(reactor, hub.core.budgets, hub.core.fair_queue)
        self._web = WebFactory(hub, reactor, pages(), self._limits, self._admission, self._preconnects.note)
        self._irc = IrcFactory(hub, reactor)
        self._web.speak(over_websocket(self._irc, self._web.sockets))
        self._ssh = SshFactory(hub, reactor, host_keys, authorized, self._admission, self._limits)
        self.all: list[DoorFactory] = [
            TextFactory(hub, reactor),
            JsonFactory(hub, reactor),
            self._irc,
            self._ssh,
            self._web,
            self._web.streams,
        ]
        self._web.routes.figures = Metrics(hub, self._web, self.all).figures

    @property
    def protocols(self) -> list[bytes]:
        """The ALPN protocols that clients may negotiate (RFC 7301)."""
        return [name for door in self.all for name in door.alpn]

    def refresh(self) -> None:
        """Read the files again that doors have, besides that of the configuration."""
        self._ssh.refresh()

    def apply(self, values: Values) -> None:
        """Use *values* from now on."""
        self._limits.max_per_address, self._limits.proxies = values["max-per-address"], values["proxies"]
        self._irc.server.rename(values["server-name"])
        self._irc.server.sts = Sts(values["irc-sts"], values["irc-sts-port"] or values["port"])
        self._web.routes.settings = WebSettings(
            values["web-prefix"], values["origins"], values["proxies"], values["metrics-for"]
        )

    def open(self, values: Values, certificate: Certificate | None) -> tuple[list[Listener], FrontFactory]:
        """Choose where to listen, and build the front door for all protocols."""
        assembly = Assembly(self._reactor, self._limits, self._admission, certificate, values["tls-only"])
        found = listeners(values, self._reactor)
        for name, door in (("listen-web", self._web), ("listen-irc", self._irc), ("listen-ssh", self._ssh)):
            found += door_listeners(values, name, self._reactor, assembly.single_door(door))
        return found, assembly.front_door(self.all, self._preconnects)
