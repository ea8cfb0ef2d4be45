"""The command line of the server: options, and how the parts are put together."""

from __future__ import annotations

import math
import os
import shutil
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.endpoints import TCP4ServerEndpoint, TCP6ServerEndpoint, serverFromString
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger
from twisted.python import usage

from chatroom import __version__
from chatroom.chat.hub import Hub
from chatroom.chat.limits import Limits
from chatroom.chat.ports import Journal
from chatroom.config import ConfigError, read_config
from chatroom.doors.factories import JsonFactory, TextFactory
from chatroom.doors.front import FrontFactory
from chatroom.doors.openings import table
from chatroom.doors.outlet import fan_out
from chatroom.journal.memory import MemoryJournal
from chatroom.journal.sqlite import SqliteJournal
from chatroom.service import CannotStart, ChatService, Listener, stop_with_success
from chatroom.world import TwistedWorld
from twisted import version as twisted_version

PORT = 2428
"""CHAT on a telephone's keys."""

BACKLOG = 1024
"""Connections that may wait to be accepted: a whole lecture hall pressing Enter at once."""

MAX_PER_ADDRESS = 16
"""Connections at a time from one address: a household, or a small class behind one router."""

log = Logger(namespace="chatroom")


def _number(text: str) -> float:
    """Read a number that an option takes."""
    return float(text)


def _count(text: str) -> int:
    """Read a whole number that an option takes."""
    return int(text)


class Options(usage.Options):
    """What the server can be told when it starts."""

    synopsis = "[options]"
    longdesc = (
        f"Starts a chat server.  Without options it listens on port {PORT} of this machine only, and keeps what is "
        "said in your home folder.  Join it with: nc localhost 2428, telnet localhost 2428, or chatroom."
    )

    optFlags = (
        ["public", None, "Let other machines in: listen on all addresses, not only on this machine's own."],
        ["ephemeral", None, "Keep nothing on disk: what was said is forgotten when the server stops."],
    )
    optParameters = (
        [
            "data",
            None,
            None,
            "Folder to keep everything in.  [default: $STATE_DIRECTORY or else ~/.local/state/chatroom]",
        ],
        ["config", None, None, "TOML file with any of these options; the command line overrides it."],
        [
            "rate",
            None,
            None,
            f"Lines a second that a person may go on sending; 0: no limit.  [default: {Limits().rate:g}]",
            _number,
        ],
        [
            "burst",
            None,
            None,
            f"Lines that a person may send at once after a rest.  [default: {Limits().burst}]",
            _count,
        ],
        [
            "max-per-address",
            None,
            None,
            f"Connections at a time from one address but this machine's; 0: no limit.  [default: {MAX_PER_ADDRESS}]",
            _count,
        ],
        [
            "lag",
            None,
            None,
            f"Lines of a room that someone who fell behind is shown; older ones are not.  [default: {Limits().lag}]",
            _count,
        ],
        [
            "stall",
            None,
            None,
            f"Seconds after which who reads nothing is hung up on; 0: never.  [default: {Limits().stall:g}]",
            _number,
        ],
    )
    compData = usage.Completions(optActions={"data": usage.CompleteDirs(), "config": usage.CompleteFiles("*.toml")})

    def __init__(self) -> None:
        super().__init__()
        self["listen"] = []

    def opt_listen(self, endpoint: str) -> None:
        """Twisted endpoint to listen at, as tcp:4000:interface=::1; repeatable.  [default: loopback, port 2428]"""
        self["listen"].append(endpoint)

    def opt_version(self) -> None:
        """Print the version and exit."""
        print(f"chatroom {__version__} (Twisted {twisted_version.short()}, Python {sys.version.split()[0]})")
        sys.exit(0)

    def postOptions(self) -> None:
        """
        Complete what was given with the configuration file, then with the defaults.

        :raises usage.UsageError: if anything is wrong, in one clear line.
        """
        if self["config"] is not None:
            self._read_config(Path(self["config"]))
        for name, default in _DEFAULTS.items():
            if self[name] is None:
                self[name] = default
        if self["burst"] < 1:
            raise usage.UsageError("--burst must be at least 1.")
        for name in ("rate", "lag", "stall", "max-per-address"):
            if not 0 <= self[name] < math.inf:
                raise usage.UsageError(f"--{name} must be a number from 0 up.")
        if self["public"] and self["listen"]:
            raise usage.UsageError("--public and --listen exclude each other.")
        if self["ephemeral"] and self["data"] is not None:
            raise usage.UsageError("--ephemeral keeps nothing, so it has no use for --data.")

    def _read_config(self, path: Path) -> None:
        allowed: dict[str, type] = {"listen": list, "public": bool, "ephemeral": bool, "data": str}
        allowed |= {name: type(default) for name, default in _DEFAULTS.items()}
        try:
            values = read_config(path, allowed)
        except ConfigError as error:
            raise usage.UsageError(str(error)) from None
        # A flag or a list that was not given is false; anything else is None.
        given = {
            name for name, kind in allowed.items() if self[name] or (kind not in (bool, list) and self[name] == 0)
        }
        for pair in ({"public", "listen"}, {"ephemeral", "data"}):
            if given & pair:
                # What the command line says of this goes for the other name of it, too.
                given |= pair
        for name in values.keys() - given:
            self[name] = values[name]


_LIMITS = ("rate", "burst", "lag", "stall")
"""The options that are limits of the same name."""

_DEFAULTS = {name: getattr(Limits(), name) for name in _LIMITS} | {"max-per-address": MAX_PER_ADDRESS}


def makeService(options: Options) -> ChatService:
    """Put a server together from *options*; nothing is opened before it is started."""
    from twisted.internet import reactor

    limits = replace(Limits(), **{name: options[name] for name in _LIMITS})
    hub = Hub(TwistedWorld(reactor), _journal(options, reactor), limits, f"chatroom {__version__}", fan_out)
    text, json = TextFactory(hub, reactor), JsonFactory(hub, reactor)
    front = FrontFactory(reactor, table(text, json), text, options["max-per-address"])
    stored = "nothing: what is said is forgotten" if options["ephemeral"] else str(data_folder(options["data"]))

    def announce(ports: Sequence[IListeningPort], left: int) -> None:
        client = client_command(sys.argv[0], shutil.which("chatroom"))
        for line in announcement(ports, stored, left, client):
            log.info("{line}", line=line)

    # When the reactor has installed its handlers for signals; never, if it is running already.
    reactor.addSystemEventTrigger("after", "startup", stop_with_success, reactor)
    return ChatService(reactor, hub, _listeners(options, reactor), front, (text, json), announce)


def data_folder(given: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Choose where to keep everything: as *given*, as systemd says, or as the XDG base directories say."""
    if given is not None:
        return Path(given).expanduser()
    if environment.get("STATE_DIRECTORY"):
        # systemd.exec(5): several folders are separated by colons.
        return Path(environment["STATE_DIRECTORY"].split(":")[0])
    state = environment.get("XDG_STATE_HOME", "")
    # XDG Base Directory Specification: relative paths are to be ignored.
    return (Path(state) if state.startswith("/") else Path.home() / ".local" / "state") / "chatroom"


def announcement(ports: Sequence[IListeningPort], stored: str, left: int, client: str) -> list[str]:
    """
    Word what a person wants to know when the server has started: where, what is kept, how to join.

    :param left: how many a crash had left inside.
    :param client: our client's command.
    """
    addresses = [port.getHost() for port in ports]
    lines = [f"Listening on {', '.join(map(_written, addresses))}.", f"Keeping in {stored}."]
    if left:
        lines.append(f"The last run ended badly: {left} who were here are recorded as having left.")
    tcp = [address for address in addresses if isinstance(address, (IPv4Address, IPv6Address))]
    if tcp:
        host, port = _reached_at(tcp[0]), tcp[0].port
        at = host if port == PORT else f"{host}:{port}"
        ours = client if at == "localhost" else f"{client} {at}"
        lines.append(f"Join with:  nc {host} {port}   telnet {host} {port}   {ours}")
    return lines


def client_command(server: str, found: str | None) -> str:
    """
    Write our client's command as it can be typed where the server was started.

    :param server: how the server's program was called.
    :param found: where the shell would find the client; None: nowhere.
    """
    beside = Path(server).with_name("chatroom")
    return str(beside) if found is None and beside.is_file() else "chatroom"


def _written(address: object) -> str:
    if isinstance(address, IPv6Address):
        return f"[{address.host}]:{address.port}"
    if isinstance(address, IPv4Address):
        return f"{address.host}:{address.port}"
    name = getattr(address, "name", None)
    return os.fsdecode(name) if name else str(address)


def _reached_at(address: IPv4Address | IPv6Address) -> str:
    host = ip_address(address.host)
    if host.is_loopback:
        return "localhost"
    return socket.gethostname() if host.is_unspecified else address.host


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
    listeners = []
    for description in options["listen"]:
        try:
            listeners.append(Listener(serverFromString(reactor, _with_backlog(description)), description))
        except Exception as error:  # endpoints are plugins, and raise what they like
            raise CannotStart(f"chatroom cannot start: --listen {description}: {error}") from None
    return listeners


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
