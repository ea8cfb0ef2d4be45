"""Peers from this repository: chatroom itself, four Python servers and the bare loop in C."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import chatroom as chatroom_package
from benchmarks.build import build_loop
from benchmarks.machine import package
from benchmarks.peers import Peer, Site

HERE = Path(__file__).parent
DATABASE = "CHATROOM_DATABASE"
"""The environment variable with the connection string of a database for `in_postgres`."""
TWISTD = "from twisted.scripts.twistd import run; run()"


def chatroom(site: Site) -> list[str]:
    """
    chatroom as people run it, its journal on disk, without the limit on how fast one may speak.

    Lines that arrive together are not taken for a pasted block: each is a message here, as at every peer.
    """
    settings = site.folder / "chatroom.toml"
    settings.write_text("rate = 0\npaste = 1\n")
    return [
        *(sys.executable, "-c", TWISTD, "--nodaemon", "--pidfile=", "chatroom"),
        *("--listen", f"tcp:{site.port}:interface=127.0.0.1"),
        *("--data", str(site.folder / "data"), "--config", str(settings)),
    ]


def ephemeral(site: Site) -> list[str]:
    """chatroom with nothing stored: the difference is what the journal costs."""
    command = chatroom(site)
    command[command.index("--data") :] = ["--ephemeral", "--config", str(site.folder / "chatroom.toml")]
    return command


def in_postgres(site: Site) -> list[str]:
    """chatroom with its journal in the PostgreSQL database that the environment names; each run goes on in it."""
    command = chatroom(site)
    command[command.index("--data") :] = [
        *("--database", os.environ[DATABASE]),
        *("--config", str(site.folder / "chatroom.toml")),
    ]
    return command


def in_postgres_version() -> str | None:
    """None if the environment names no database."""
    return chatroom_version() if os.environ.get(DATABASE) else None


def chatroom_version() -> str | None:
    """None until there is a server that could be started."""
    return chatroom_package.__version__ if find_spec("chatroom.tap") else None


def plain_twisted(site: Site) -> list[str]:
    """A LineReceiver that loops over sendLine."""
    return [sys.executable, str(HERE / "plain_twisted.py"), str(site.port)]


def threads(site: Site) -> list[str]:
    """A thread for each client."""
    return [sys.executable, str(HERE / "threads.py"), str(site.port)]


def loop_each(site: Site) -> list[str]:
    """The bare loop, one send for every line and member."""
    return [str(build_loop(site.folder)), "each", str(site.port)]


def loop_round(site: Site) -> list[str]:
    """The bare loop, one send for every member and round."""
    return [str(build_loop(site.folder)), "round", str(site.port)]


def websockets(site: Site) -> list[str]:
    """A server that calls the broadcast of websockets."""
    return [sys.executable, str(HERE / "websockets_broadcast.py"), str(site.port)]


def autobahn(site: Site) -> list[str]:
    """A server that sends each member a message that autobahn has prepared once."""
    return [sys.executable, str(HERE / "autobahn_prepared.py"), str(site.port)]


def installed(distribution: str) -> str | None:
    """The version of a Python distribution; None when it is not installed."""
    return f"{distribution} {package(distribution)}" if find_spec(distribution) else None


def python_version() -> str:
    """The version that matters to a server of the standard library only."""
    return f"Python {platform.python_version()}"


def twisted_version() -> str:
    """The version that matters to the plain Twisted server."""
    return f"Twisted {package('Twisted')}"


def compiler() -> str | None:
    """The bare loop is compiled here; without a compiler it is not installed."""
    return "compiled with -O2" if shutil.which("gcc") or shutil.which("cc") else None


WEB = frozenset({"web"})
CHATROOM = Peer("chatroom", "chatroom", chatroom, chatroom_version, over=frozenset({"lines", "web"}))
BUILT = (
    Peer("chatroom-ephemeral", "chatroom", ephemeral, chatroom_version),
    Peer("chatroom-irc", "irc", chatroom, chatroom_version, over=frozenset({"lines", "irc"})),
    Peer("chatroom-postgres", "chatroom", in_postgres, in_postgres_version),
    Peer("plain-twisted", "raw", plain_twisted, twisted_version),
    Peer("threads", "raw", threads, python_version, most_members=2_000),
    Peer("loop-each", "raw", loop_each, compiler),
    Peer("loop-round", "raw", loop_round, compiler),
)
OVER_WEBSOCKET = (
    Peer("chatroom-web", "web", chatroom, chatroom_version, over=WEB),
    Peer("websockets", "web-raw", websockets, partial(installed, "websockets"), over=WEB),
    Peer("autobahn", "web-raw", autobahn, partial(installed, "autobahn"), over=WEB),
)
