"""The twistd plugin's entry point: a server put together (`makeService`) from the command line (`Options`)."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import Any

from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger

from chatroom import __version__
from chatroom.chat.hub import Hub
from chatroom.chat.ports import Journal
from chatroom.config import data_folder
from chatroom.config.reload import Reloader
from chatroom.config.settings import Values, policy
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
from chatroom.doors.outlets.fan_out import fan_out
from chatroom.doors.ssh.authorized_keys import AuthorizedKeys
from chatroom.doors.ssh.factory import SshFactory
from chatroom.doors.web.factory import WebFactory
from chatroom.doors.web.metrics import Metrics
from chatroom.doors.web.settings import WebSettings
from chatroom.doors.web.static import pages
from chatroom.host_keys import HostKeys
from chatroom.journal.memory import MemoryJournal
from chatroom.journal.sqlite import SqliteJournal
from chatroom.passwords import ArgonPasswords
from chatroom.server.command_line import Options
from chatroom.server.errors import CannotStart
from chatroom.server.garbage_collection import freeze_what_stays
from chatroom.server.listeners import Listener, door_listeners, listeners
from chatroom.server.mdns import Announcement, check_installed, lan_service
from chatroom.server.memory import Trimming, malloc_trim
from chatroom.server.own_addresses import own_addresses
from chatroom.server.qr_code import show_qr_code
from chatroom.server.retention import Retention
from chatroom.server.runtime import TwistedRuntime
from chatroom.server.service import ChatService
from chatroom.server.signals import reload_on_hangup, stop, stop_with_success
from chatroom.server.startup_message import client_command, page_for_others, startup_message
from chatroom.server.twistd_files import terminal_errors
from chatroom.system.monotonic import go_by_monotonic_time
from chatroom.system.threads import WorkerThreads
from chatroom.tls.renewal import Certificate

__all__ = ["Options", "makeService"]

log = Logger(namespace="chatroom")


class _Doors:
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


def makeService(options: Options) -> ChatService:
    """Put a server together from *options*; nothing is opened before it is started."""
    from twisted.internet import reactor as installed

    reactor: Any = installed
    go_by_monotonic_time(reactor)

    def stop_for(reason: str) -> None:
        service.reason = reason
        stop(reactor)

    def reload() -> str:
        outcome = reloader.reload()
        doors.refresh()
        if certificate is not None:
            certificate.check(asked=True)
        return outcome

    def apply(values: Values) -> None:
        retention.policy = policy(values)
        hub.set_policy(retention.policy)
        doors.apply(values)

    rules, runtime = policy(options), TwistedRuntime(reactor, stop=stop_for, reload=reload)
    journal, passwords = _journal(options, reactor, stop_for), ArgonPasswords(reactor.callFromThread)
    hub = Hub(runtime, journal, rules, f"chatroom {__version__}", fan_out, passwords)
    retention = Retention(reactor, journal, rules, hub.rooms.trimmed)
    host_keys = _host_keys(options)
    authorized = AuthorizedKeys(_path(options["ssh-keys"]).absolute() if options["ssh-keys"] else None)
    doors = _Doors(hub, reactor, host_keys, authorized)
    certificate = _certificate(options, reactor, doors.protocols)
    apply(options)
    where, front = doors.open(options, certificate)
    announce, trimming = _announcer(options, reactor, certificate, host_keys), Trimming(reactor, malloc_trim())
    rest = (passwords, certificate, trimming, terminal_errors(options.parent))
    service = ChatService(reactor, hub, where, front, doors.all, announce, retention, *rest)
    reloader = Reloader(options.file, options.given, options, apply)
    _when_started(reactor, reload)
    return service


def _when_started(reactor: Any, reload: Callable[[], object]) -> None:
    """Install our signal handlers once *reactor* has installed its own; never, if it is running already."""
    for call in ((reload_on_hangup, reactor, reload), (stop_with_success, reactor), (freeze_what_stays,)):
        reactor.addSystemEventTrigger("after", "startup", *call)


def _certificate(options: Options, reactor: Any, protocols: Sequence[bytes]) -> Certificate | None:
    certificate, key = (_path(options[name]).absolute() if options[name] else None for name in ("tls-cert", "tls-key"))
    if certificate is None:
        return None
    # A thread of its own: a disk that never answers keeps nobody else waiting.
    run = WorkerThreads(reactor.callFromThread, "certificate").run
    return Certificate(reactor, run, certificate, key, protocols=protocols)


def _announcer(
    options: Options, reactor: Any, certificate: Certificate | None, host_keys: HostKeys
) -> Callable[[Sequence[IListeningPort], int], None]:
    """Make what tells where the server listens: in the log, on the terminal, and in the local network."""
    stored = _stored(options)
    lan = _lan(options, reactor)

    def say(lines: Sequence[str], page: str | None) -> None:
        for line in lines:
            log.info("{line}", line=line)
        if page is not None:
            # Not sys.stdout, which twistd has written to the log.
            show_qr_code(page, sys.__stdout__, os.environ.get("TERM"))

    def announce(ports: Sequence[IListeningPort], left: int) -> None:
        client = client_command(sys.argv[0], shutil.which("chatroom"))
        names = None if certificate is None else certificate.names
        # By default only this machine reaches it.
        own = own_addresses() if options["public"] or options["listen"] else []
        lines = startup_message(ports, stored, left, client, names, options["tls-only"], own, host_keys.fingerprints)
        # Not before signals are handled: a program that reads this may send one at once.
        reactor.callWhenRunning(say, lines, page_for_others(ports, names, own))
        if lan is not None:
            lan.start(lan_service(ports, own, gethostname(), names))

    return announce


def _host_keys(options: Options) -> HostKeys:
    files = [_path(name).absolute() for name in options["ssh-host-keys"]]
    stored = not (options["ephemeral"] or options["database"])
    return HostKeys(files, _data_folder(options) if stored and not files else None)


def _lan(options: Options, reactor: Any) -> Announcement | None:
    if not options["mdns"]:
        return None
    check_installed()
    lan = Announcement(reactor, WorkerThreads(reactor.callFromThread, "mdns"))
    reactor.addSystemEventTrigger("before", "shutdown", lan.stop)
    return lan


def _journal(options: Options, reactor: Any, stop_for: Callable[[str], object]) -> Journal:
    if options["ephemeral"]:
        return MemoryJournal(reactor.callLater)
    if options["database"]:
        return _postgres(options["database"], options["standby"], reactor, stop_for)
    return SqliteJournal(_data_folder(options), reactor.callLater, reactor.callFromThread)


def _postgres(address: str, standby: bool, reactor: Any, stop_for: Callable[[str], object]) -> Journal:
    try:
        from chatroom.journal.postgres.connection import check_address
        from chatroom.journal.postgres.journal import PostgresJournal
    except ImportError:  # an extra, which need not be installed
        raise CannotStart("--database needs psycopg: pip install 'chatroom[postgres]'") from None
    try:
        check_address(address)
    except ValueError as error:
        raise CannotStart(f"--database {error}") from None
    deposed = partial(stop_for, "another server has taken over its database")
    return PostgresJournal(address, reactor.callLater, reactor.callFromThread, standby=standby, deposed=deposed)


def _stored(options: Options) -> str | None:
    """Name the place where everything is stored, for people; None: nowhere."""
    if options["ephemeral"]:
        return None
    if options["database"]:
        from chatroom.journal.postgres.connection import described

        return f"the database {described(options['database'])}"
    return str(_data_folder(options))


def _data_folder(options: Options) -> Path:
    try:
        return data_folder.data_folder(options["data"])
    except RuntimeError:
        raise CannotStart("there is no home folder to keep the data in; give a folder with --data") from None


def _path(written: str) -> Path:
    try:
        return Path(written).expanduser()
    except RuntimeError as error:
        raise CannotStart(f"{written}: {error}") from None
