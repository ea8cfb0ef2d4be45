"""All doors of a house in the same process, and what they share."""

from __future__ import annotations

from typing import Any

from chatroom.chat.hub import Hub
from chatroom.config.settings import Values
from chatroom.doors.factory import DoorFactory
from chatroom.doors.irc.door import IrcFactory
from chatroom.doors.irc.server import Sts
from chatroom.doors.irc.websocket import over_websocket
from chatroom.doors.line import JsonFactory, TextFactory
from chatroom.doors.ssh.authorized_keys import AuthorizedKeys
from chatroom.doors.ssh.factory import SshFactory
from chatroom.doors.web.factory import WebFactory
from chatroom.doors.web.metrics import Metrics
from chatroom.doors.web.static import pages
from chatroom.host_keys import HostKeys

from .entrances import Entrances


class AllDoors(Entrances):
    """All doors of one server."""

    def __init__(self, hub: Hub, reactor: Any, host_keys: HostKeys, authorized: AuthorizedKeys) -> None:
        super().__init__(hub, reactor)
        web = self.web = WebFactory(hub, reactor, pages(), self.limits, self.admission, self.preconnects.note)
        self._irc = IrcFactory(hub, reactor)
        web.speak(over_websocket(self._irc, web.sockets))
        self._ssh = SshFactory(hub, reactor, host_keys, authorized, self.admission, self.limits)
        self.all: list[DoorFactory] = [
            TextFactory(hub, reactor),
            JsonFactory(hub, reactor),
            self._irc,
            self._ssh,
            web,
            web.streams,
        ]
        self.metrics = Metrics(hub, web, self.all)
        web.routes.figures = self.metrics.figures

    @property
    def protocols(self) -> list[bytes]:
        """The ALPN protocols that clients may negotiate (RFC 7301)."""
        return [name for door in self.all for name in door.alpn]

    def refresh(self) -> None:
        """Read the files again that doors have, besides that of the configuration."""
        self._ssh.refresh()

    def apply(self, values: Values) -> None:
        """Use *values* from now on."""
        super().apply(values)
        self._irc.server.rename(values["server-name"])
        self._irc.server.sts = Sts(values["irc-sts"], values["irc-sts-port"] or values["port"])
