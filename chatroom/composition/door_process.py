"""A door as a process of its own: holds connections, and a link to the house."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from chatroom.config.reload import reread
from chatroom.config.settings import Values
from chatroom.doors.front.moved_socket import Sockets
from chatroom.link import meeting
from chatroom.link.door import RemoteHouse
from chatroom.link.handing import Handing
from chatroom.link.locating import Locating
from chatroom.link.redial import Redial
from chatroom.server.child import READY
from chatroom.server.command_line import Options
from chatroom.server.door_service import DoorService
from chatroom.server.errors import CannotStart
from chatroom.server.parent import Parent
from chatroom.server.runtime import TwistedRuntime
from chatroom.server.shared_ports import Adopter, Passed
from chatroom.server.signals import stop
from chatroom.tls.pair import BadPair

from .certificates import certificate_of
from .cluster import locating_of, machine_certificate_of
from .remote_doors import PROTOCOLS, RemoteDoors

log = Logger(namespace="chatroom")


class DoorProcess:
    """
    Puts a door together, which listens once the house has said what its connections have to know.

    :param begun: what the supervisor has said of it.
    """

    def __init__(self, options: Options, reactor: Any, parent: Parent, begun: Any) -> None:
        self._options = options
        self._values: Values = options
        self._reactor = reactor
        self._parent = parent
        self._passed = [Passed(*each) for each in begun["sockets"]]
        self._house = RemoteHouse(reactor, TwistedRuntime(reactor), begun["name"], self._open)
        self._machine = machine_certificate_of(options, reactor)
        self._linking: Redial | Locating
        if self._machine is None:
            self._linking = Redial(reactor, begun["link"], self._house, self._lost)
        else:
            self._linking = locating_of(options, reactor, self._machine, self._house, self._lost)
        self._doors: RemoteDoors | None = None
        self._service: DoorService | None = None
        self._handing: Handing | None = None
        self._link_folder = Path(begun["link"]).parent
        self._certificate = certificate_of(options, reactor, PROTOCOLS)
        self._certificates = [each for each in (self._certificate, self._machine) if each is not None]

    def start(self) -> None:
        """
        Read the certificate, and connect to the house.

        :raises CannotStart: if a certificate cannot be used.
        """
        for certificate in self._certificates:
            try:
                certificate.open()
            except BadPair as error:
                raise CannotStart(error) from None
            certificate.start()
        self._linking.start()

    def heard(self, message: Sequence[Any]) -> None:
        """Do what the supervisor says."""
        match message:
            case ["reload"]:
                self._reload()
            case ["stop" | "retire", *_] if self._service is None:
                # Nobody has come in here; whoever takes its place listens already.
                self._over()
            case ["stop", str(reason)]:
                assert self._service is not None
                self._service.stop(reason)
            case ["retire", *where] if self._service is not None and self._handing is not None:
                self._service.retire()
                for path in where:
                    meeting.give(self._reactor, path, self._handing)

    def _open(self) -> None:
        """Listen: the house is there."""
        try:
            self._service, self._handing = self._build()
            self._service.start()
        except CannotStart as error:
            self._parent.say("failed", error.reason)
            self._over()
        else:
            self._parent.say(READY, self._meet(self._handing))

    def _meet(self, handing: Handing) -> str | None:
        """Listen for the door before this one; return where, or None if that cannot be: then each keeps its own."""
        try:
            return meeting.take(self._reactor, self._link_folder, handing)
        except CannotListenError as error:
            log.error("No connections can be handed over to this door: {why}.", why=error.socketError)
            return None

    def _build(self) -> tuple[DoorService, Handing]:
        house, reactor = self._house, self._reactor
        doors = self._doors = RemoteDoors(house, reactor)
        doors.apply(self._values)
        doors.reports.start()
        where, front = doors.open(self._options, self._certificate, Adopter(reactor, self._passed))
        handing = Handing(reactor, house, front, doors.served, Sockets(reactor))

        def others() -> int:
            return doors.limits.open + len(doors.clients) + len(handing.on_way)

        # The house of a cluster goes on when this machine stops: it does not say goodbye.
        says_goodbye = (lambda: house.linked) if self._machine is None else (lambda: False)
        service = DoorService(reactor, where, front, doors.served, others, says_goodbye, self._end, self._over)
        return service, handing

    def _reload(self) -> None:
        self._values = reread(self._options.file, self._options.given, self._values)
        if self._doors is not None:
            self._doors.apply(self._values)
        for certificate in self._certificates:
            certificate.check(asked=True)

    def _end(self, text: str) -> None:
        for session in list(self._house.sessions.values()):
            session.end(text)

    def _lost(self) -> None:
        if self._service is not None:
            self._service.house_lost()

    def _over(self) -> None:
        self._linking.stop()
        self._reactor.callWhenRunning(partial(stop, self._reactor))
