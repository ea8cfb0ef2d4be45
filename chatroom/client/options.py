"""The command line of the client."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from chatroom import __version__
from chatroom.chat.limits import Limits
from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax import names
from chatroom.config.file import ConfigError

from .addresses import address, port_number, written
from .config import DEFAULTS, NOTIFICATIONS, config_path, read_defaults
from .secrets import PASSWORD_VARIABLE

_OF_THE_HOST = ("port", "rooms", "login", "ca")
"""
What the configuration file says about its host only.

With another server on the command line, its port and its rooms mean nothing, and no password goes there.
``tls`` holds everywhere: nobody should lose encryption by naming another server.
"""


@dataclass(frozen=True, slots=True)
class Options:
    """The values of the command line, and of the configuration file where it says nothing."""

    host: str
    port: int
    chosen: bool
    """Whether somebody has named the host."""
    nick: str
    """The nick to start with; "": nobody has chosen one."""
    rooms: tuple[str, ...]
    login: bool
    """Whether to log in with a password, which is asked for."""
    tls: bool
    """Whether to encrypt the connection and verify the server."""
    ca: Path | None
    """A file with the trusted certificates (CAs or the server's own); None: those that this machine trusts."""
    plain: bool
    """Whether to show plain lines for a screen reader."""
    color: bool
    timestamps: bool
    """Whether to show the time in front of each line."""
    bell: bool
    title: bool
    """Whether to show the room in the title of the terminal's window."""
    notifications: str
    """How to ask the terminal for notifications: one of `NOTIFICATIONS`."""
    log: Path | None
    """A file to append everything to that is shown."""
    reach: str | None = None
    """The address to connect to, where it is known already; None: that of the host."""

    @property
    def where(self) -> str:
        """The address of the server, as people write it."""
        return written(self.host, self.port)


class _Parser(argparse.ArgumentParser):
    """A parser that reports a mistake in one line, without the usage of everything."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message.rstrip('.')}. All options: {self.prog} --help\n")


def parse(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Parse the command line and the configuration file; on a mistake, say what is wrong and exit with status 2."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    try:
        defaults = read_defaults(config_path(environment))
        options = _combined(_named(given), defaults)
    except ConfigError as mistake:
        parser.exit(2, f"{parser.prog}: error: {mistake}\n")
    except (ValueError, Refusal) as mistake:
        parser.error(str(mistake))
    if options.ca and not options.tls:
        parser.error("--ca needs --tls.")
    return options


def _named(given: dict[str, Any]) -> dict[str, Any]:
    """Return what the command line gives, by the names of the configuration file."""
    where, port = given.pop("address", None), given.pop("port", None)
    if where is not None:
        host, with_host = address(where, 0)
        if port is not None and with_host:
            raise ValueError(f"There are two ports: {with_host} and {port}.")
        given |= {"host": host, "port": with_host or (port and port_number(port))}
    if "rooms" in given:
        given["rooms"] = tuple(dict.fromkeys(names.room(name, Limits().room) for name in given["rooms"]))
    return {name: value for name, value in given.items() if value is not None}


def _combined(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> Options:
    host = defaults.get("host")
    if host and given.get("host", host).casefold() != host.casefold():
        defaults = {name: value for name, value in defaults.items() if name not in _OF_THE_HOST}
    no_log = {"log": None} if given.get("log") == Path() else {}
    return Options(**{**DEFAULTS, **defaults, **given, **no_log, "chosen": "host" in {**defaults, **given}})


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="chatroom",
        description="Chat on a chatroom server, from a terminal or in a pipeline.",
        usage="chatroom [OPTION ...] [HOST[:PORT] | HOST PORT]",
        epilog="Without a terminal it reads and writes plain lines: echo hello | chatroom --nick bot. "
        f"Environment: {PASSWORD_VARIABLE} is the password for --login; it is not an option, because every user of a "
        "machine can read the options of every program. A NO_COLOR that is not empty does the same as --no-color. "
        "Defaults for all options: ~/.config/chatroom/client.toml, or chatroom/client.toml in XDG_CONFIG_HOME.",
        argument_default=argparse.SUPPRESS,
    )
    _add_server(parser)
    _add_display(parser)
    parser.add_argument("--version", action="version", version=f"chatroom {__version__}")
    return parser


def _add_server(parser: argparse.ArgumentParser) -> None:
    """Add what concerns the server, and who one is there."""
    parser.add_argument("address", metavar="HOST[:PORT]", nargs="?", help="default: localhost")
    parser.add_argument("port", metavar="PORT", nargs="?", help=f"default: {DEFAULTS['port']}")
    parser.add_argument("--nick", help="your name in the chat; default: your login name")
    parser.add_argument(
        "--room",
        dest="rooms",
        action="append",
        metavar="ROOM",
        help="a room to enter; repeat it for several; default: the lobby",
    )
    _add_switch(parser, "login", f"log in as NICK; asks for the password unless {PASSWORD_VARIABLE} has it")
    _add_switch(parser, "tls", "encrypt the connection and verify the server")
    parser.add_argument(
        "--ca",
        metavar="FILE",
        type=Path,
        help="with --tls, trust only the certificates in FILE (PEM); default: those that this machine trusts",
    )


def _add_display(parser: argparse.ArgumentParser) -> None:
    """Add what concerns the screen, the bell and the log."""
    _add_switch(parser, "plain", "for screen readers: words instead of symbols, and nothing is redrawn")
    _add_switch(parser, "color", "colour nicks, mentions and notices; default: on")
    _add_switch(parser, "timestamps", "show the time in front of each line; default: on")
    _add_switch(parser, "bell", "ring the bell for what is meant for you; default: on")
    _add_switch(parser, "title", "show the room and unread lines in the title of the window")
    parser.add_argument(
        "--notifications",
        choices=NOTIFICATIONS,
        help="show a notification on the desktop for what is meant for you, by the escape sequence OSC 9 or OSC 777",
    )
    parser.add_argument("--log", metavar="FILE", type=Path, help="append everything that is shown to FILE")
    parser.add_argument(
        "--no-log", dest="log", action="store_const", const=Path(), help="no log, whatever the configuration file says"
    )


def _add_switch(parser: argparse.ArgumentParser, name: str, help: str) -> None:
    parser.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=help)
