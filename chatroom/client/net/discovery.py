"""Discovery: servers on the local network that announce themselves by DNS-SD over mDNS (RFC 6762 and 6763)."""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chatroom.dialects.sanitize import clean

from ..addresses import written

SERVICE = "_chatroom._tcp.local."
"""The type of the service.  Its TXT record has ``tls=1`` if the server requires TLS, and ``name`` for people."""

PATIENCE = 0.9
"""Seconds to wait for answers: RFC 6762 has servers answer within 120 ms, or 500 ms if many may."""

MAX_FOUND = 9
"""Servers to offer: anybody on the network may announce any number."""

_MAX_NAME = 63
"""Characters: as many as an instance's name has bytes."""

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that announces itself; everything here is a stranger's claim."""

    name: str
    host: str
    """The host's name, which a certificate must have."""
    address: str
    """Where to connect to: few machines resolve names of mDNS."""
    port: int
    tls: bool

    @property
    def label(self) -> str:
        """The server in one line, for people."""
        return f"{self.name} at {written(self.host, self.port)}{' (TLS)' if self.tls else ''}"


def browse(patience: float = PATIENCE, interfaces: Iterable[str] | None = None) -> list[FoundServer]:
    """
    Return the servers that answer within *patience* seconds; none without the extra ``lan`` or a network.

    :param interfaces: addresses of the interfaces to ask on; None: all.
    """
    found: queue.SimpleQueue[FoundServer] = queue.SimpleQueue()
    # On a thread of its own, which is left behind: closing takes a while, and a broken network perhaps longer.
    thread = threading.Thread(target=_look, args=(found.put, patience, interfaces), daemon=True)
    thread.start()
    thread.join(patience)
    servers: dict[tuple[str, int], FoundServer] = {}
    while not found.empty():
        server = found.get()
        servers.setdefault((server.host, server.port), server)
    return sorted(servers.values(), key=lambda server: (server.name.casefold(), server.host, server.port))[:MAX_FOUND]


def _look(found: Callable[[FoundServer], object], patience: float, interfaces: Iterable[str] | None) -> None:
    try:
        import zeroconf
    except ImportError:
        return
    logging.getLogger("zeroconf").addHandler(logging.NullHandler())
    end = time.monotonic() + patience
    names: queue.SimpleQueue[str] = queue.SimpleQueue()

    def changed(name: str, state_change: Any, **where: Any) -> None:
        if state_change is zeroconf.ServiceStateChange.Added:
            names.put(name)

    try:
        network = zeroconf.Zeroconf(zeroconf.InterfaceChoice.All if interfaces is None else list(interfaces))
    except (OSError, RuntimeError, zeroconf.Error):
        # There is no network, or multicast is not allowed.
        return
    try:
        # Answers to one asker alone may reach another program on this machine that listens on the same port.
        asked = zeroconf.DNSQuestionType.QM
        zeroconf.ServiceBrowser(network, SERVICE, handlers=[changed], delay=int(patience * 300), question_type=asked)
        while (left := end - time.monotonic()) > 0:
            try:
                name = names.get(timeout=left)
            except queue.Empty:
                break
            server = _resolved(network, name, zeroconf.ServiceInfo(SERVICE, name), end)
            if server is not None:
                found(server)
    finally:
        network.close()


def _resolved(network: Any, name: str, info: Any, end: float) -> FoundServer | None:
    if not info.request(network, max(1, int((end - time.monotonic()) * 1000))):
        return None
    addresses = sorted(info.parsed_scoped_addresses(), key=lambda address: ":" in address)
    if not addresses or not info.port:
        return None
    texts = {key.casefold(): value or "" for key, value in info.decoded_properties.items()}
    return described(texts, name.removesuffix(f".{SERVICE}"), info.server or "", addresses[0], info.port)


def described(texts: dict[str, str], instance: str, server: str, address: str, port: int) -> FoundServer:
    """
    Describe a server by what it announces, made harmless.

    :param texts: the TXT record.
    :param instance: the name of the service.
    :param server: the name of the host, with a dot at its end.
    """
    name = " ".join(clean(texts.get("name") or instance).split())[:_MAX_NAME]
    host = server.rstrip(".")
    return FoundServer(
        name if name.isprintable() and name else "chatroom",
        host if _HOST.fullmatch(host) else address,
        address,
        port,
        texts.get("tls") == "1",
    )


def choose(servers: list[FoundServer], ask: Callable[[str], str], tell: Callable[[str], object]) -> FoundServer | None:
    """
    Let the person choose one of *servers*; None: the one on this machine.

    :raises EOFError: if they choose nothing.
    """
    if not servers:
        return None
    tell("-- Servers on this network:")
    for number, server in enumerate(servers, 1):
        tell(f"-- {number}: {server.label}")
    chosen = {"": None, **{str(number): server for number, server in enumerate(servers, 1)}}
    while True:
        answer = ask("Which number? Enter alone: localhost. ").strip()
        if answer in chosen:
            return chosen[answer]
        tell(f"!! There is no {clean(answer)[:_MAX_NAME]!r}: type a number from 1 to {len(servers)}, or only Enter.")
