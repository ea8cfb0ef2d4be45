"""The house as a process of its own: everything but the connections, which the doors have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IListeningPort

from chatroom.config.reload import Reloader
from chatroom.link.house import LinkFactory
from chatroom.server.child import READY
from chatroom.server.command_line import Options
from chatroom.server.link_folder import LinkEndpoint
from chatroom.server.listeners import Listener
from chatroom.server.parent import Parent
from chatroom.server.service import ChatService
from chatroom.server.signals import stop

from .house_parts import HouseParts


class HouseProcess:
    """
    Puts a house together; nothing is opened yet.

    :param begun: what the supervisor has said of it.
    """

    def __init__(self, options: Options, reactor: Any, parent: Parent, begun: Any) -> None:
        self._reactor = reactor
        self._parent = parent
        self._parts = HouseParts(options, reactor, lambda reason: parent.say("stop", reason), self._reload_all)
        self._parts.apply(options)
        self._reloader = Reloader(options.file, options.given, options, self._parts.apply)
        self._links = LinkFactory(self._parts.hub, reactor, self._parts.doors.carried)
        self.service = ChatService(
            reactor,
            self._parts.hub,
            [Listener(LinkEndpoint(reactor, Path(begun["link"])), "the link to the doors")],
            self._links,
            self._parts.doors.all,
            self._announce,
            self._parts.retention,
            self._parts.passwords,
            trimming=self._parts.trimming,
            goes_on=begun["goes_on"],
        )

    def start(self) -> None:
        """
        Open the journal, and listen for the doors.

        :raises CannotStart: if anything fails.
        """
        self.service.startService()
        self._reactor.addSystemEventTrigger("before", "shutdown", self.service.stopService)

    def heard(self, message: Sequence[Any]) -> None:
        """Do what the supervisor says."""
        match message:
            case ["stop", str(reason)]:
                self.service.reason = reason
                self._links.tell(["closing"])
                stop(self._reactor)
            case ["hand over"]:
                self.service.hands_over = True
                self._parts.hub.hands_over = True
                # What is stored from now on, doors are shown by the next house.
                self._links.drop("another house goes on")
                stop(self._reactor)
            case ["reload"]:
                self._reload()

    def _announce(self, ports: Sequence[IListeningPort], left: int) -> None:
        self._parent.say(READY, {"left": left, "fingerprints": self._parts.host_keys.fingerprints})

    def _reload_all(self) -> str:
        """Read the configuration again, here and in the doors; return what has become of it."""
        outcome = self._reload()
        self._parent.say("reload")
        return outcome

    def _reload(self) -> str:
        outcome = self._reloader.reload()
        self._parts.doors.refresh()
        return outcome
