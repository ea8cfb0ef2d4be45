"""The client's command line: where to, as whom, and into which room."""

from __future__ import annotations

import argparse
import getpass
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatroom import __version__
from chatroom.chat import names
from chatroom.chat.limits import Limits
from chatroom.chat.refusals import Refusal

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
        epilog="Without a terminal, plain lines go in and plain lines come out: echo hello | chatroom --nick bot",
    )
    parser.add_argument("address", metavar="HOST[:PORT]", nargs="?", default="localhost", help="default: %(default)s")
    parser.add_argument("--nick", help="the name to come in with; default: the login name")
    parser.add_argument("--room", help="the room to enter; default: the lobby")
    parser.add_argument("--version", action="version", version=f"chatroom {__version__}")
    given = parser.parse_args(arguments)
    try:
        host, port = address(given.address)
        rooms = (names.room(given.room, Limits().room),) if given.room else ()
    except (ValueError, Refusal) as mistake:
        parser.error(str(mistake))
    return Options(host, port, given.nick or acceptable(login or _login()), rooms)


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


def acceptable(login: str) -> str:
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
