"""
The announcement in the local network, by multicast DNS (RFC 6762, RFC 6763): clients find the server by themselves.

The service has the type ``_chatroom._tcp``; its TXT record has ``name``, the name of the machine for people, and, if
TLS is spoken, ``tls=1`` and ``host``, a name in the certificate.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, NamedTuple

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.system.threads import WorkerThreads

from .errors import CannotStart

TYPE = "_chatroom._tcp.local."

_WITHDRAWING = 3.0
"""Seconds that withdrawing may take; clients that are not told forget the server by themselves."""

_LONGEST = 40
"""Characters of the machine's name: with the words around it, a label of DNS has 63 bytes at most."""

log = Logger(namespace="chatroom")


class LanService(NamedTuple):
    """What is announced."""

    name: str
    addresses: Sequence[str]
    port: int
    properties: dict[str, str]


def check_installed() -> None:
    """
    Check that multicast DNS is installed: it is an extra, because few servers need it.

    :raises CannotStart: if it is not.
    """
    if importlib.util.find_spec("zeroconf") is None:
        raise CannotStart("mdns needs a package that is not installed: pip install 'chatroom[lan]'")


def lan_service(
    ports: Sequence[IListeningPort], own: Sequence[str], machine: str, names: Sequence[str] | None
) -> LanService | None:
    """
    Describe the first of *ports* that others can reach; None if there is none.

    :param own: the addresses of this machine.
    :param machine: the name of this machine.
    :param names: the names in the TLS certificate; None: there is none.
    """
    for port in ports:
        address = port.getHost()
        if not isinstance(address, (IPv4Address, IPv6Address)):
            continue
        host = ip_address(address.host.partition("%")[0])
        reached = [one for one in own if host.version == 6 or ":" not in one] if host.is_unspecified else [str(host)]
        if host.is_loopback or not reached:
            continue
        label = machine.partition(".")[0].encode("ascii", "ignore").decode()[:_LONGEST] or "server"
        properties = {"name": label}
        if names is not None:
            properties["tls"] = "1"
            certified = [name for name in names if "*" not in name]
            if certified:
                properties["host"] = certified[0]
        return LanService(label, reached, address.port, properties)
    return None


class Announcement:
    """
    Announces one service, on a thread of its own, because that takes seconds; and withdraws it.

    :param threads: one thread.
    :param interfaces: addresses of the interfaces to announce on; None: all.
    """

    def __init__(self, clock: IReactorTime, threads: WorkerThreads, interfaces: Sequence[str] | None = None) -> None:
        self._clock = clock
        self._threads = threads
        self._interfaces = interfaces
        self._zeroconf: Any = None

    def start(self, service: LanService | None) -> None:
        """Announce *service*; None: there is nothing that others could reach.  What fails is logged."""
        if service is None:
            log.warn("Not announced in the local network: it cannot be reached from there; public lets others in.")
        else:
            self._threads.run(lambda: self._register(service), self._registered)

    def stop(self) -> Deferred[None]:
        """Withdraw what was announced; fires when that is done, or has taken too long."""
        done: Deferred[None] = Deferred()
        self._threads.run(self._withdraw, lambda result: done.callback(None))
        done.addTimeout(_WITHDRAWING, self._clock, lambda result, timeout: None)
        return done

    def _register(self, service: LanService) -> str:
        from zeroconf import InterfaceChoice, ServiceInfo, Zeroconf

        # Kept before anything is sent, for `_withdraw`, which runs on this thread, too.
        self._zeroconf = Zeroconf(interfaces=self._interfaces or InterfaceChoice.All)
        info = ServiceInfo(
            TYPE,
            f"chatroom on {service.name}.{TYPE}",
            port=service.port,
            addresses=[ip_address(one).packed for one in service.addresses],
            properties=service.properties,
            # Not the machine's own name, which another program of this machine may answer for.
            server=f"{service.name}-chatroom.local.",
        )
        self._zeroconf.register_service(info, allow_name_change=True)
        name: str = info.name
        return name

    def _registered(self, result: str | Failure) -> None:
        if isinstance(result, Failure):
            log.warn("Not announced in the local network: {reason}", reason=result.getErrorMessage())
        else:
            log.info("Announced in the local network as {name}", name=result.removesuffix(f".{TYPE}"))

    def _withdraw(self) -> None:
        if self._zeroconf is not None:
            self._zeroconf.close()
