"""The house as a process of its own: everything but the connections, which the doors have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger

from chatroom.chat.syntax import confusables
from chatroom.config.reload import Reloader
from chatroom.config.settings import Values
from chatroom.link.carried import CarriedConnections
from chatroom.link.codec import pack
from chatroom.link.house import LinkFactory
from chatroom.link.wire import Link
from chatroom.server.child import CLOSED, READY
from chatroom.server.command_line import Options
from chatroom.server.link_folder import LinkEndpoint
from chatroom.server.listeners import Listener
from chatroom.server.parent import Parent
from chatroom.server.service import ChatService
from chatroom.server.signals import stop

from .cluster import link_address, link_listener, machine_certificate_of, publish
from .house_parts import DEPOSED, HouseParts
from .places import Candidacy

log = Logger(namespace="chatroom")


class HouseProcess:
    """
    Puts a house together; nothing is opened yet.

    :param begun: what the supervisor has said of it.
    """

    def __init__(self, options: Options, reactor: Any, parent: Parent, begun: Any) -> None:
        # Nobody has to wait for this table when the house before this one has ended: it takes 80 ms.
        confusables.skeleton("")
        self._reactor = reactor
        self._parent = parent
        self._cluster = options["cluster"]
        self._options = options
        candidacy = Candidacy(self._deposed, self._cluster or options["standby"], parent.gives_up)
        self._parts = HouseParts(options, reactor, self._ask_to_stop, self._reload_all, candidacy)
        self._parts.apply(options)
        self._reloader = Reloader(options.file, options.given, options, self._apply)
        self._links = LinkFactory(self._parts.hub, reactor, self._carried, self._parts.doors.limits, parent.alive)
        self._parts.doors.metrics.others = self._links.reported
        self._certificate = machine_certificate_of(options, reactor)
        if self._certificate is None:
            listener = Listener(LinkEndpoint(reactor, Path(begun["link"])), "the link to the doors")
        else:
            listener = link_listener(options, reactor, self._certificate, self._links)
        self.service = ChatService(
            reactor,
            self._parts.hub,
            [listener],
            self._links,
            self._parts.doors.all,
            self._announce,
            self._parts.retention,
            self._parts.passwords,
            self._certificate,
            self._parts.trimming,
            goes_on=begun.get("goes_on", False) or self._cluster,
        )

    def start(self) -> None:
        """
        Open the journal, and listen for the doors.

        :raises CannotStart: if anything fails.
        """
        self.service.startService()
        self._reactor.addSystemEventTrigger("before", "shutdown", self._stop)

    def heard(self, message: Sequence[Any]) -> None:
        """Do what the supervisor says."""
        match message:
            case ["stop", str(reason)] if not self._cluster:
                self.service.reason = reason
                self._links.tell(["closing"])
                stop(self._reactor)
            case ["stop", _] | ["hand over"]:
                # Doors on other machines go on.
                self._hand_over("another house goes on")
            case ["reload"]:
                self._reload()

    def _stop(self) -> Deferred[None]:
        return self.service.stopService().addCallback(lambda _: self._parent.say(CLOSED))

    def _hand_over(self, reason: str) -> None:
        """End, and leave everyone to the next house, which shows them what is stored from now on."""
        self.service.hands_over = True
        self._parts.hub.hands_over = True
        self._links.drop(reason)
        stop(self._reactor)

    def _deposed(self) -> None:
        if self._cluster:
            self._hand_over("another house leads")
        else:
            self._ask_to_stop(DEPOSED)

    def _ask_to_stop(self, reason: str) -> None:
        self._parent.say("stop", reason)

    def _carried(self, link: Link) -> CarriedConnections:
        """Make what speaks with the clients whose connections are carried over *link*."""
        doors = self._parts.doors
        return CarriedConnections(self._reactor, link, doors.all, doors.limits)

    def _announce(self, ports: Sequence[IListeningPort], left: int) -> None:
        if self._certificate is not None:
            journal = self._parts.hub.core.journal
            publish(journal, link_address(self._options))
            log.info("This machine has the house now, epoch {epoch}.", epoch=journal.epoch)
            # It was read before the house became the one that leads, perhaps days ago.
            self._certificate.check()
        self._parent.say(READY, {"left": left, "fingerprints": self._parts.host_keys.fingerprints})

    def _apply(self, values: Values) -> None:
        """Use *values* from now on, here and, as far as they are limits, at all doors."""
        self._parts.apply(values)
        self._links.tell(["policy", pack(self._parts.hub.core.limits)])

    def _reload_all(self) -> str:
        """Read the configuration again, here and in the doors; return what has become of it."""
        outcome = self._reload()
        self._parent.say("reload")
        return outcome

    def _reload(self) -> str:
        outcome = self._reloader.reload()
        self._parts.doors.refresh()
        if self._certificate is not None:
            self._certificate.check(asked=True)
        return outcome
