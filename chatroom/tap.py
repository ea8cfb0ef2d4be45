"""How the parts of the server are put together."""

from __future__ import annotations

import gc
import shutil
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

from twisted.internet.endpoints import TCP4ServerEndpoint, TCP6ServerEndpoint, serverFromString
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.logger import Logger

from chatroom import __version__
from chatroom.announcing import announcement, client_command
from chatroom.chat.hub import Hub
from chatroom.chat.ports import Journal
from chatroom.config.folder import data_folder
from chatroom.config.reloading import Reloading
from chatroom.config.settings import PORT, Values, policy
from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import DoorFactory
from chatroom.doors.front.assembly import Assembly
from chatroom.doors.front.preconnects import Preconnects
from chatroom.doors.line import JsonFactory, TextFactory
from chatroom.doors.outlets.fan_out import fan_out
from chatroom.doors.web.factory import WebFactory
from chatroom.doors.web.metrics import Metrics
from chatroom.doors.web.settings import WebSettings
from chatroom.doors.web.static import pages
from chatroom.journal.memory import MemoryJournal
from chatroom.journal.sqlite import SqliteJournal
from chatroom.memory import Trimming, malloc_trim
from chatroom.monotonic import go_by_monotonic_time
from chatroom.options import Options
from chatroom.passwords import ArgonPasswords
from chatroom.retention import Retention
from chatroom.service import CannotStart, ChatService, Listener, reload_on_hangup, stop, stop_with_success
from chatroom.tls.renewal import Certificate
from chatroom.world import TwistedWorld

__all__ = ["Options", "data_folder", "makeService"]

BACKLOG = 1024
"""Connections that may wait to be accepted: a whole lecture hall pressing Enter at once."""

_FULL_COLLECTION = 50
"""Collections of the young after which everything may be looked at (Python's own: 10): with 5,000 rooms, 100 ms."""

log = Logger(namespace="chatroom")


def makeService(options: Options) -> ChatService:
    """Put a server together from *options*; nothing is opened before it is started."""
    from twisted.internet import reactor

    go_by_monotonic_time(reactor)

    def stop_for(reason: str) -> None:
        service.reason = reason
        stop(reactor)

    journal, passwords = _journal(options, reactor), ArgonPasswords(reactor.callFromThread)
    world, rules = TwistedWorld(reactor, stop=stop_for), policy(options)
    hub = Hub(world, journal, rules, f"chatroom {__version__}", fan_out, passwords)
    limits, preconnects = ConnectionLimits(0), Preconnects(reactor)
    admission = Admission(reactor, hub.budgets, hub.turns)
    web = WebFactory(hub, reactor, pages(), limits, admission, preconnects.note)
    doors: list[DoorFactory] = [
        TextFactory(hub, reactor),
        JsonFactory(hub, reactor),
        web,
    ]
    web.routes.figures = Metrics(hub, web, doors).figures
    certificate = _certificate(options, reactor, [name for door in doors for name in door.alpn])
    assembly = Assembly(reactor, limits, admission, certificate, options["tls-only"])
    retention = Retention(reactor, journal, rules, hub.rooms.trimmed)

    def apply(values: Values) -> None:
        retention.policy = policy(values)
        hub.govern(retention.policy)
        limits.max_per_address, limits.proxies = values["max-per-address"], values["proxies"]
        web.routes.settings = WebSettings(
            values["web-prefix"], values["origins"], values["proxies"], values["metrics-for"]
        )

    apply(options)
    reloading = Reloading(options.file, options.given, options, apply)

    def reload() -> None:
        reloading.reload()
        if certificate is not None:
            certificate.look(asked=True)

    service = ChatService(
        reactor,
        hub,
        [*_listeners(options, reactor), *_web_listeners(options, reactor, assembly.single_door(web))],
        assembly.front_door(doors, preconnects),
        doors,
        _announcer(options, reactor, certificate),
        retention,
        passwords,
        certificate,
        Trimming(reactor, malloc_trim()),
    )
    # When the reactor has installed its handlers for signals; never, if it is running already.
    reactor.addSystemEventTrigger("after", "startup", reload_on_hangup, reactor, reload)
    reactor.addSystemEventTrigger("after", "startup", stop_with_success, reactor)
    reactor.addSystemEventTrigger("after", "startup", set_apart_what_stays)
    return service


def set_apart_what_stays() -> None:
    """
    Let the garbage collector look no more at what there is now, which is there to the end.

    Whatever thread it runs in, nobody is served meanwhile: a full collection of the modules alone takes 40 ms.
    """
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _FULL_COLLECTION)


def _certificate(options: Options, reactor: Any, protocols: Sequence[bytes]) -> Certificate | None:
    if not options["tls-cert"]:
        return None

    def in_thread(work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        # A thread of its own, and a daemon: a disk that never answers keeps neither others waiting nor the process.
        Thread(target=lambda: reactor.callFromThread(done, work()), name="certificate", daemon=True).start()

    certificate, key = (
        options[name] and Path(options[name]).expanduser().absolute() for name in ("tls-cert", "tls-key")
    )
    return Certificate(reactor, in_thread, certificate, key, protocols=protocols)


def _announcer(
    options: Options, reactor: Any, certificate: Certificate | None
) -> Callable[[Sequence[IListeningPort], int], None]:
    stored = "nothing: what is said is forgotten" if options["ephemeral"] else str(data_folder(options["data"]))

    def say(lines: Sequence[str]) -> None:
        for line in lines:
            log.info("{line}", line=line)

    def announce(ports: Sequence[IListeningPort], left: int) -> None:
        client = client_command(sys.argv[0], shutil.which("chatroom"))
        names = None if certificate is None else certificate.names
        lines = announcement(ports, stored, left, client, names, options["tls-only"])
        # Not before signals are obeyed: whoever reads this may send one at once.
        reactor.callWhenRunning(say, lines)

    return announce


def _journal(options: Options, reactor: Any) -> Journal:
    if options["ephemeral"]:
        return MemoryJournal(reactor.callLater)
    return SqliteJournal(data_folder(options["data"]), reactor.callLater, reactor.callFromThread)


def _listeners(options: Options, reactor: Any) -> list[Listener]:
    if options["public"]:
        # Where there is IPv6, its socket takes IPv4 connections too.
        address = "::" if socket.has_ipv6 and _can_listen("::") else "0.0.0.0"
        return [Listener(_tcp(reactor, address), f"port {PORT}")]
    if not options["listen"]:
        return [
            Listener(_tcp(reactor, "127.0.0.1"), f"port {PORT}"),
            Listener(_tcp(reactor, "::1"), f"port {PORT} of ::1", optional=True),
        ]
    return [_listener(reactor, description, "--listen") for description in options["listen"]]


def _web_listeners(options: Options, reactor: Any, front: IProtocolFactory) -> list[Listener]:
    return [_listener(reactor, description, "--listen-web", front) for description in options["listen-web"]]


def _listener(reactor: Any, description: str, option: str, front: IProtocolFactory | None = None) -> Listener:
    try:
        return Listener(serverFromString(reactor, _with_backlog(description)), description, front=front)
    except Exception as error:  # endpoints are plugins, and raise what they like
        raise CannotStart(f"chatroom cannot start: {option} {description}: {error}") from None


def _with_backlog(description: str) -> str:
    """Let an endpoint that says nothing of it have our backlog: Twisted's 50 refuses a rush."""
    plain = description.startswith(("tcp:", "tcp6:", "unix:")) and ":backlog=" not in description
    return f"{description}:backlog={BACKLOG}" if plain else description


def _tcp(reactor: Any, address: str) -> TCP4ServerEndpoint | TCP6ServerEndpoint:
    endpoint = TCP6ServerEndpoint if ":" in address else TCP4ServerEndpoint
    return endpoint(reactor, PORT, backlog=BACKLOG, interface=address)


def _can_listen(address: str) -> bool:
    """Whether this machine lets a socket have the IPv6 *address*; Python may know it and the kernel not."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as trial:
            trial.bind((address, 0))
    except OSError:
        return False
    return True
