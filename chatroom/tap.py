"""The twistd plugin's entry point: the command line (`Options`), and a server put together from it (`makeService`)."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger
from twisted.python import usage

from chatroom import __version__
from chatroom.chat.hub import Hub
from chatroom.chat.ports import Journal
from chatroom.config import data_folder
from chatroom.config.file import ConfigError, read_config
from chatroom.config.reload import Reloader
from chatroom.config.settings import PORT, SETTINGS, Setting, Values, clash, combined, lacking, policy
from chatroom.config.values import Number, Wrong, flag, strings
from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import DoorFactory
from chatroom.doors.front.assembly import Assembly
from chatroom.doors.front.front_door import FrontFactory
from chatroom.doors.front.preconnects import Preconnects
from chatroom.doors.line import JsonFactory, TextFactory
from chatroom.doors.outlets.fan_out import fan_out
from chatroom.doors.web.factory import WebFactory
from chatroom.doors.web.metrics import Metrics
from chatroom.doors.web.settings import WebSettings
from chatroom.doors.web.static import pages
from chatroom.journal.memory import MemoryJournal
from chatroom.journal.sqlite import SqliteJournal
from chatroom.passwords import ArgonPasswords
from chatroom.server.garbage_collection import freeze_what_stays
from chatroom.server.listeners import Listener, listeners, web_listeners
from chatroom.server.memory import Trimming, malloc_trim
from chatroom.server.retention import Retention
from chatroom.server.runtime import TwistedRuntime
from chatroom.server.service import ChatService
from chatroom.server.signals import reload_on_hangup, stop, stop_with_success
from chatroom.server.startup_message import client_command, startup_message
from chatroom.system.monotonic import go_by_monotonic_time
from chatroom.system.threads import WorkerThreads
from chatroom.tls.renewal import Certificate
from twisted import __version__ as twisted_version

__all__ = ["Options", "makeService"]

log = Logger(namespace="chatroom")


def _reading(setting: Setting) -> Callable[[str], Any]:
    """Make the function that parses the value of an option."""
    read = setting.read.parse if isinstance(setting.read, Number) else setting.read

    def parse(written: str) -> Any:
        try:
            return read(written)
        except Wrong as wrong:
            raise usage.UsageError(f"--{setting.name} {wrong.reason}.") from None

    return parse


_DEFAULTS = {"data": data_folder.DEFAULT}


def _parameter(setting: Setting) -> list[Any]:
    default = _DEFAULTS.get(setting.name, f"{setting.default:g}" if isinstance(setting.read, Number) else "none")
    return [setting.name, None, None, f"{setting.help}  [default: {default}]", _reading(setting)]


_TYPED = [setting for setting in SETTINGS.values() if setting.help]


class Options(usage.Options):
    """
    The command line of ``twistd chatroom``, completed by the configuration file.

    After parsing, it holds the values of all `SETTINGS`.
    """

    synopsis = "[options]"
    longdesc = (
        f"Starts a chat server.  Without options, it listens on port {PORT} of this machine only, and stores messages "
        f"in your home folder.  Join with: nc localhost {PORT}, telnet localhost {PORT}, or chatroom."
    )

    optFlags = [[setting.name, None, setting.help] for setting in _TYPED if setting.read is flag]
    optParameters = [
        ["config", None, None, "TOML file with these options and more; the command line overrides it."],
        *(_parameter(setting) for setting in _TYPED if setting.read is not flag),
    ]
    compData = usage.Completions(
        optActions={
            "data": usage.CompleteDirs(),
            "config": usage.CompleteFiles("*.toml"),
            "tls-cert": usage.CompleteFiles("*.pem"),
            "tls-key": usage.CompleteFiles("*.pem"),
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self["listen"] = []
        self["listen-web"] = []
        self.given: dict[str, Any] = {}
        """What was given on the command line."""
        self.file: Path | None = None
        """The configuration file, with its absolute path, because a daemon changes its working directory."""

    def opt_listen(self, endpoint: str) -> None:
        """Twisted endpoint to listen on, e.g. tcp:4000:interface=::1; repeatable.  [default: loopback, port 2428]"""
        self["listen"].append(endpoint)

    def opt_listen_web(self, endpoint: str) -> None:
        """Twisted endpoint for the web page only, e.g. for a proxy in front; repeatable.  [default: none]"""
        self["listen-web"].append(endpoint)

    def opt_version(self) -> None:
        """Print the version and exit."""
        print(f"chatroom {__version__} (Twisted {twisted_version}, Python {sys.version.split()[0]})")
        sys.exit(0)

    def postOptions(self) -> None:
        """
        Fill in what was not given, from the configuration file, then from the defaults.

        :raises usage.UsageError: if anything is wrong, in one clear line.
        """
        self.given = {name: self[name] for name in SETTINGS if self._was_given(name)}
        self.given |= {name: True for name in self.given if SETTINGS[name].read is flag}
        if pair := clash(self.given):
            raise usage.UsageError(f"--{pair[0]} and --{pair[1]} exclude each other.")
        filed: dict[str, Any] = {}
        if self["config"] is not None:
            self.file = Path(self["config"]).absolute()
            try:
                filed = read_config(self.file)
            except ConfigError as error:
                raise usage.UsageError(str(error)) from None
        values = combined(self.given, filed)
        if pair := lacking(values):
            raise usage.UsageError(f"{pair[0]} needs {pair[1]}, the file with the certificate.")
        self.update(values)

    def _was_given(self, name: str) -> bool:
        # A flag or a list that was not given is false, anything else None; a number may well be 0.
        if SETTINGS[name].read in (flag, strings):
            return bool(self.get(name))
        return self.get(name) is not None


class _Doors:
    """All doors of one server, and what they share."""

    def __init__(self, hub: Hub, reactor: Any) -> None:
        self._reactor = reactor
        self._limits, self._preconnects = ConnectionLimits(0), Preconnects(reactor)
        self._admission = Admission(reactor, hub.core.budgets, hub.core.fair_queue)
        self._web = WebFactory(hub, reactor, pages(), self._limits, self._admission, self._preconnects.note)
        self.all: list[DoorFactory] = [
            TextFactory(hub, reactor),
            JsonFactory(hub, reactor),
            self._web,
        ]
        self._web.routes.figures = Metrics(hub, self._web, self.all).figures

    @property
    def protocols(self) -> list[bytes]:
        """The ALPN protocols that clients may negotiate (RFC 7301)."""
        return [name for door in self.all for name in door.alpn]

    def apply(self, values: Values) -> None:
        """Use *values* from now on."""
        self._limits.max_per_address, self._limits.proxies = values["max-per-address"], values["proxies"]
        self._web.routes.settings = WebSettings(
            values["web-prefix"], values["origins"], values["proxies"], values["metrics-for"]
        )

    def open(self, values: Values, certificate: Certificate | None) -> tuple[list[Listener], FrontFactory]:
        """Choose where to listen, and build the front door for all protocols."""
        assembly = Assembly(self._reactor, self._limits, self._admission, certificate, values["tls-only"])
        found = listeners(values, self._reactor)
        if values["listen-web"]:
            found += web_listeners(values["listen-web"], self._reactor, assembly.single_door(self._web))
        return found, assembly.front_door(self.all, self._preconnects)


def makeService(options: Options) -> ChatService:
    """Put a server together from *options*; nothing is opened before it is started."""
    from twisted.internet import reactor as installed

    reactor: Any = installed
    go_by_monotonic_time(reactor)

    def stop_for(reason: str) -> None:
        service.reason = reason
        stop(reactor)

    def apply(values: Values) -> None:
        retention.policy = policy(values)
        hub.set_policy(retention.policy)
        doors.apply(values)

    rules, runtime = policy(options), TwistedRuntime(reactor, stop=stop_for)
    journal, passwords = _journal(options, reactor), ArgonPasswords(reactor.callFromThread)
    hub = Hub(runtime, journal, rules, f"chatroom {__version__}", fan_out, passwords)
    retention = Retention(reactor, journal, rules, hub.rooms.trimmed)
    doors = _Doors(hub, reactor)
    certificate = _certificate(options, reactor, doors.protocols)
    apply(options)
    where, front = doors.open(options, certificate)
    announce, trimming = _announcer(options, reactor, certificate), Trimming(reactor, malloc_trim())
    service = ChatService(reactor, hub, where, front, doors.all, announce, retention, passwords, certificate, trimming)
    _when_started(reactor, Reloader(options.file, options.given, options, apply), certificate)
    return service


def _when_started(reactor: Any, reloader: Reloader, certificate: Certificate | None) -> None:
    """Install our signal handlers once *reactor* has installed its own; never, if it is running already."""

    def reload() -> None:
        reloader.reload()
        if certificate is not None:
            certificate.check(asked=True)

    for call in ((reload_on_hangup, reactor, reload), (stop_with_success, reactor), (freeze_what_stays,)):
        reactor.addSystemEventTrigger("after", "startup", *call)


def _certificate(options: Options, reactor: Any, protocols: Sequence[bytes]) -> Certificate | None:
    certificate, key = (
        Path(options[name]).expanduser().absolute() if options[name] else None for name in ("tls-cert", "tls-key")
    )
    if certificate is None:
        return None
    # A thread of its own: a disk that never answers keeps nobody else waiting.
    run = WorkerThreads(reactor.callFromThread, "certificate").run
    return Certificate(reactor, run, certificate, key, protocols=protocols)


def _announcer(
    options: Options, reactor: Any, certificate: Certificate | None
) -> Callable[[Sequence[IListeningPort], int], None]:
    stored = None if options["ephemeral"] else str(data_folder.data_folder(options["data"]))

    def say(lines: Sequence[str]) -> None:
        for line in lines:
            log.info("{line}", line=line)

    def announce(ports: Sequence[IListeningPort], left: int) -> None:
        client = client_command(sys.argv[0], shutil.which("chatroom"))
        names = None if certificate is None else certificate.names
        lines = startup_message(ports, stored, left, client, names, options["tls-only"])
        # Not before signals are handled: a program that reads this may send one at once.
        reactor.callWhenRunning(say, lines)

    return announce


def _journal(options: Options, reactor: Any) -> Journal:
    if options["ephemeral"]:
        return MemoryJournal(reactor.callLater)
    return SqliteJournal(data_folder.data_folder(options["data"]), reactor.callLater, reactor.callFromThread)
