"""Announcing: tells where the server listens, in the log, on the terminal and in the local network."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from socket import gethostname
from typing import Any

from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger

from chatroom.config.settings import Values
from chatroom.server.mdns import Announcement, check_installed, lan_service
from chatroom.server.own_addresses import own_addresses
from chatroom.server.qr_code import show_qr_code
from chatroom.server.startup_message import client_command, page_for_others, startup_message
from chatroom.system.threads import WorkerThreads
from chatroom.tls.renewal import Certificate

from .places import place_of

log = Logger(namespace="chatroom")


class Announcer:
    """
    Tells where the server listens, once everything is open.

    :param certificate: None: no TLS.
    :raises CannotStart: if it is to announce the server in the local network, and cannot.
    """

    def __init__(self, values: Values, reactor: Any, certificate: Certificate | None) -> None:
        self._values = values
        self._reactor = reactor
        self._certificate = certificate
        self._stored = place_of(values)
        self._lan = _lan(values, reactor)

    def announce(self, ports: Sequence[IListeningPort], left: int, fingerprints: Sequence[str]) -> None:
        """
        Tell of *ports*, those for all protocols.

        :param left: the number of people still in rooms after a crash.
        :param fingerprints: those of the SSH host keys.
        """
        values = self._values
        client = client_command(sys.argv[0], shutil.which("chatroom"))
        names = None if self._certificate is None else self._certificate.names
        # By default only this machine reaches it.
        own = own_addresses() if values["public"] or values["listen"] else []
        processes = values["doors"], values["role"] != "door"
        lines = startup_message(
            ports, self._stored, left, client, names, values["tls-only"], own, fingerprints, *processes
        )
        # Not before signals are handled: a program that reads this may send one at once.
        self._reactor.callWhenRunning(_say, lines, page_for_others(ports, names, own))
        if self._lan is not None:
            self._lan.start(lan_service(ports, own, gethostname(), names))


def _say(lines: Sequence[str], page: str | None) -> None:
    for line in lines:
        log.info("{line}", line=line)
    if page is not None:
        # Not sys.stdout, which twistd has written to the log.
        show_qr_code(page, sys.__stdout__, os.environ.get("TERM"))


def _lan(values: Values, reactor: Any) -> Announcement | None:
    if not values["mdns"]:
        return None
    check_installed()
    lan = Announcement(reactor, WorkerThreads(reactor.callFromThread, "mdns"))
    reactor.addSystemEventTrigger("before", "shutdown", lan.stop)
    return lan
