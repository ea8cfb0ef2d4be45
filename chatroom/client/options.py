"""The client's command line: where to, as whom, into which room, and how it is shown."""

from __future__ import annotations

import argparse
import getpass
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatroom import __version__
from chatroom.chat import names
from chatroom.chat.limits import Limits
from chatroom.chat.refusals import Refusal

from .secrets import PASSWORD_VARIABLE

PORT = 2428
"""CHAT on a phone's keys."""

_ADDRESS = re.compile(r"(?:\[(?P<bracketed>[0-9a-fA-F:.%\w]+)\]|(?P<host>[^:\[\]\s]+))(?::(?P<port>\d{1,5}))?")
_IPV6 = re.compile(r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked on the command line."""

    host: str
    port: int
    nick: str
    rooms: tuple[str, ...]
    login: bool
    """Log in with a password, which is asked for."""
    plain: bool
    """Lines only, for a screen reader."""
    coloured: bool
    tls: bool
    """Encrypted, with a server that proves who it is."""
    authorities: Path | None
    """The file with the certificates of those who may vouch for it; None: whom this machine trusts."""

    @property
    def where(self) -> str:
        """The address, for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse(arguments: Sequence[str], login: str | None = None) -> Options:
    """
    Read the command line; on a mistake, say what is wrong and exit with status 2.

    :param login: the name to make a nick of; None: the login name.
    """
    parser = argparse.ArgumentParser(
        prog="chatroom",
        description="Chat with everyone on a chatroom server, from a terminal or in a pipeline.",
        epilog="Without a terminal, plain lines go in and plain lines come out: echo hello | chatroom --nick bot. "
        f"Environment: {PASSWORD_VARIABLE} is the password for --login; it is not an option, because every user of a "
        "machine can read the options of every program. NO_COLOR, if it is not empty, does the same as --no-color.",
    )
    parser.add_argument("address", metavar="HOST[:PORT]", nargs="?", default="localhost", help="default: %(default)s")
    parser.add_argument("--nick", help="the name to come in with; default: the login name")
    parser.add_argument("--room", help="the room to enter; default: the lobby")
    parser.add_argument(
        "--login",
        action="store_true",
        help=f"log in as NICK with the password in {PASSWORD_VARIABLE}, or else ask for it",
    )
    parser.add_argument("--tls", action="store_true", help="encrypt the connection, and check who the server is")
    parser.add_argument(
        "--ca",
        metavar="FILE",
        type=Path,
        help="with --tls, trust those whose certificates are in FILE (PEM) and nobody else; default: whom this "
        "machine trusts",
    )
    parser.add_argument("--no-color", action="store_true", help="show everything in one colour")
    parser.add_argument(
        "--plain",
        action="store_true",
        help="for screen readers: plain words, one line after the other, nothing drawn again",
    )
    parser.add_argument("--version", action="version", version=f"chatroom {__version__}")
    given = parser.parse_args(arguments)
    if given.ca and not given.tls:
        parser.error("--ca is of use with --tls only.")
    try:
        host, port = address(given.address)
        rooms = (names.room(given.room, Limits().room),) if given.room else ()
    except (ValueError, Refusal) as mistake:
        parser.error(str(mistake))
    nick = given.nick or nick_from_login(login or _login())
    return Options(
        host, port, nick, rooms, given.login, given.plain, not given.no_color, tls=given.tls, authorities=given.ca
    )


def address(text: str) -> tuple[str, int]:
    """
    Read ``HOST``, ``HOST:PORT``, ``[::1]:PORT`` or ``::1``.

    :raises ValueError: if it is none of these.
    """
    if _IPV6.fullmatch(text):
        return text, PORT
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an address such as localhost:{PORT} or [::1]:{PORT}.")
    port = int(match["port"] or PORT)
    if not 0 < port < 65536:
        raise ValueError(f"{port} is not a port: they go from 1 to 65535.")
    return match["bracketed"] or match["host"], port


def nick_from_login(login: str) -> str:
    """Make a nick of a login name; what cannot be one becomes ``guest``."""
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
