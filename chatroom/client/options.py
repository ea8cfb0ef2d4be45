"""The command line of the client."""

from __future__ import annotations

import argparse
import getpass
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatroom import __version__
from chatroom.chat.limits import Limits
from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax import names

from .secrets import PASSWORD_VARIABLE

PORT = 2428
"""The default port: CHAT on the keys of a phone."""

_ADDRESS = re.compile(r"(?:\[(?P<bracketed>[0-9a-fA-F:.%\w]+)\]|(?P<host>[^:\[\]\s]+))(?::(?P<port>\d{1,5}))?")
_IPV6 = re.compile(r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")


@dataclass(frozen=True, slots=True)
class Options:
    """The values of the command line."""

    host: str
    port: int
    nick: str
    rooms: tuple[str, ...]
    login: bool
    """Whether to log in with a password, which is asked for."""
    plain: bool
    """Whether to show plain lines for a screen reader."""
    coloured: bool
    tls: bool
    """Whether to encrypt the connection and verify the server."""
    authorities: Path | None
    """A file with the trusted certificates (CAs or the server's own); None: those that this machine trusts."""

    @property
    def where(self) -> str:
        """The address of the server, as people write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse(arguments: Sequence[str], login: str | None = None) -> Options:
    """
    Parse the command line; on a mistake, say what is wrong and exit with status 2.

    :param login: the name to derive a nick from; None: the login name.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.ca and not given.tls:
        parser.error("--ca needs --tls.")
    try:
        host, port = address(given.address)
        rooms = (names.room(given.room, Limits().room),) if given.room else ()
    except (ValueError, Refusal) as mistake:
        parser.error(str(mistake))
    nick = given.nick or nick_from_login(login or _login())
    return Options(
        host, port, nick, rooms, given.login, given.plain, not given.no_color, tls=given.tls, authorities=given.ca
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chatroom",
        description="Chat on a chatroom server, from a terminal or in a pipeline.",
        epilog="Without a terminal it reads and writes plain lines: echo hello | chatroom --nick bot. "
        f"Environment: {PASSWORD_VARIABLE} is the password for --login; it is not an option, because every user of a "
        "machine can read the options of every program. A NO_COLOR that is not empty does the same as --no-color.",
    )
    parser.add_argument("address", metavar="HOST[:PORT]", nargs="?", default="localhost", help="default: %(default)s")
    parser.add_argument("--nick", help="your name in the chat; default: your login name")
    parser.add_argument("--room", help="the room to enter; default: the lobby")
    parser.add_argument(
        "--login",
        action="store_true",
        help=f"log in as NICK; asks for the password unless {PASSWORD_VARIABLE} has it",
    )
    parser.add_argument("--tls", action="store_true", help="encrypt the connection and verify the server")
    parser.add_argument(
        "--ca",
        metavar="FILE",
        type=Path,
        help="with --tls, trust only the certificates in FILE (PEM); default: those that this machine trusts",
    )
    parser.add_argument("--no-color", action="store_true", help="show everything in one colour")
    parser.add_argument(
        "--plain",
        action="store_true",
        help="for screen readers: words instead of symbols, and nothing is redrawn",
    )
    parser.add_argument("--version", action="version", version=f"chatroom {__version__}")
    return parser


def address(text: str) -> tuple[str, int]:
    """
    Parse ``HOST``, ``HOST:PORT``, ``[::1]:PORT`` or ``::1``.

    :raises ValueError: if it is none of these.
    """
    if _IPV6.fullmatch(text):
        return text, PORT
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an address such as localhost:{PORT} or [::1]:{PORT}.")
    port = int(match["port"] or PORT)
    if not 0 < port < 65536:
        raise ValueError(f"{port} is not a port: ports go from 1 to 65535.")
    return match["bracketed"] or match["host"], port


def nick_from_login(login: str) -> str:
    """Derive a nick from a login name; ``guest`` if that is impossible."""
    longest = Limits().nick
    kept = re.sub(r"[^\w.-]+", "-", login.partition("@")[0])[:longest].strip("-.")
    try:
        return names.nick(kept, longest)[0]
    except Refusal:
        return "guest"


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "guest"
