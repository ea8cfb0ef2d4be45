"""A cluster: what a machine needs that shares its database with others, and is linked to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from socket import gethostname
from typing import Any

from twisted.internet.endpoints import TCP4ServerEndpoint, TCP6ServerEndpoint
from twisted.protocols.tls import TLSMemoryBIOFactory

from chatroom.chat.ports import Journal
from chatroom.config.listen import LOOPBACK, host_and_port
from chatroom.config.settings import Values
from chatroom.link.door import RemoteHouse
from chatroom.link.house import LinkFactory
from chatroom.link.locating import Locating
from chatroom.link.secure import SecureLinks, dialler
from chatroom.server.errors import CannotStart
from chatroom.server.listeners import Listener
from chatroom.system.threads import WorkerThreads
from chatroom.tls.machines import MachineCertificate

from .places import path_of, postgres


@dataclass(frozen=True, slots=True)
class Roles:
    """Which processes a machine has."""

    house: bool
    """Whether it has one that leads when it is its turn."""
    doors: int


def roles_of(values: Values) -> Roles:
    """
    Return which processes this machine has, of a cluster or alone.

    :raises CannotStart: if the settings do not fit together.
    """
    role, doors = values["role"], values["doors"]
    if not values["cluster"]:
        return Roles(True, doors)
    if role != "house" and not doors:
        raise CannotStart("--cluster needs --doors, unless with --role house")
    if role == "door":
        return Roles(False, doors)
    if not values["link-listen"]:
        raise CannotStart("--cluster needs --link-listen, unless with --role door")
    if _place(values)[1] == values["port"] and not values["listen"]:
        raise CannotStart(f"--link-listen must be another port than {values['port']}, which is for people")
    return Roles(True, 0 if role == "house" else doors)


def machine_certificate_of(values: Values, reactor: Any) -> MachineCertificate | None:
    """Make what reads the certificate for links; None: there are none to other machines."""
    if not values["cluster"]:
        return None
    certificate, key, authority = (
        path_of(values[name]).absolute() if values[name] else None for name in ("link-cert", "link-key", "link-ca")
    )
    assert certificate is not None and authority is not None, "--cluster needs them"
    run = WorkerThreads(reactor.callFromThread, "certificate for links").run
    return MachineCertificate(reactor, run, certificate, key, authority)


def link_address(values: Values) -> str:
    """Return how other machines reach the house that runs here: HOST:PORT."""
    given: str = values["link-address"] or f"{gethostname()}:{_place(values)[1]}"
    return given


def link_listener(values: Values, reactor: Any, certificate: MachineCertificate, links: LinkFactory) -> Listener:
    """Make the listener for links of doors, on this machine and on others."""
    host, port = _place(values)
    host = "127.0.0.1" if host == LOOPBACK else host
    endpoint = (TCP6ServerEndpoint if ":" in host else TCP4ServerEndpoint)(reactor, port, interface=host)
    front = TLSMemoryBIOFactory(certificate, False, SecureLinks(reactor, links), reactor)
    return Listener(endpoint, f"{values['link-listen']}, for links", front=front)


def locating_of(
    values: Values, reactor: Any, certificate: MachineCertificate, house: RemoteHouse, lost: Callable[[], object]
) -> Locating:
    """
    Make what keeps the doors of this process linked to the house that leads.

    :param lost: called whenever a link is lost.
    :raises CannotStart: if what the database needs is not installed, or its address is wrong.
    """
    address = postgres(values["database"])
    from chatroom.journal.postgres.leader import Lookout

    look, worker = Lookout(address).look, WorkerThreads(reactor.callFromThread, "leader")
    return Locating(reactor, worker, look, dialler(reactor, certificate), house, lost)


def publish(journal: Journal, link: str) -> None:
    """Tell all doors in the database that the house with this *journal* takes links now, at HOST:PORT."""
    from chatroom.journal.postgres.journal import PostgresJournal

    assert isinstance(journal, PostgresJournal), "--cluster needs --database"
    journal.publish(link)


def _place(values: Values) -> tuple[str, int]:
    place = host_and_port(values["link-listen"])
    assert place is not None, "it was checked before"
    return place
