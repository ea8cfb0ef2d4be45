"""Everything is replaced twice by a newer version while people chat with whatever they have: nobody notices."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from difflib import unified_diff
from functools import partial
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

import chatroom
from tests.certificates import NAMES, made

from .clients import JsonClient, Netcat
from .processes import Started, program, run, wait_until
from .server import Server, command_of
from .terminals import Terminals
from .test_doors import open_files
from .test_sessions import Device
from .test_web import Tab

pytestmark = pytest.mark.slow

VERSIONS = ("100.1", "100.2", "100.3")
LINE = re.compile(r"<(\w+)> (line \d+)\r?$", re.MULTILINE)
"""A numbered line on a screen."""


def mirror(real: Path, folder: Path, *others: str) -> None:
    """Make *folder* one like *real*, without what is called one of *others*."""
    folder.mkdir(parents=True)
    for part in real.iterdir():
        if part.name not in (*others, "__pycache__"):
            (folder / part.name).symlink_to(part)


class Upgradable(Server):
    """A server whose package is in a folder from which another version can be started."""

    def install(self, version: str) -> None:
        """Let this be the version of whatever is started from now on; it asks people to come back within 5 seconds."""
        package, real = self.folder / "site" / "chatroom", Path(chatroom.__file__).parent
        if not package.exists():
            mirror(real, package, "server", "__init__.py")
            mirror(real / "server", package / "server", "door_service.py")
            service = (real / "server" / "door_service.py").read_text()
            assert "RESUME_WINDOW = 30.0" in service
            (package / "server" / "door_service.py").write_text(
                service.replace("RESUME_WINDOW = 30.0", "RESUME_WINDOW = 5.0")
            )
        (package / "__init__.py").write_text(f'"""A chat server."""\n\n__version__ = "{version}"\n')

    def environment(self) -> Mapping[str, str | None]:
        """Have it import that package, and keep no compiled copy, which might be as old as the last second."""
        return {"PYTHONPATH": str(self.folder / "site"), "PYTHONDONTWRITEBYTECODE": "1"}


class Program(Device):
    """A program that comes back with its token when it is disconnected, and says again what was not stored."""

    port = 0

    def says(self, text: str) -> None:
        """Say *text*, if there is a connection; otherwise it is said once there is one."""
        with suppress(ConnectionError, ConnectionClosed, ssl.SSLError):
            super().says(text)

    def reads(self) -> None:
        """Read one object, if there is one within some seconds."""
        try:
            self._told(self.client.object())
        except TimeoutError:
            pass
        except (EOFError, ConnectionError, ConnectionClosed, ssl.SSLError):
            self.connect(self.port)
            assert self.client.welcome["resumed"]

    def hears(self, text: str) -> None:
        """Read until *text* was said."""
        while self.lines[-1:] != [text]:
            self.reads()

    @property
    def version(self) -> str:
        """The version of the server that has let it in."""
        return str(self.client.welcome["server"]).split()[-1]


def differences(nick: str, screen: str, said: list[tuple[str, str]]) -> list[str]:
    """Compare what others *said* with what is on the screen of *nick*: lines of a diff."""
    shown, expected = ([" ".join(one) for one in lines if one[0] != nick] for lines in (LINE.findall(screen), said))
    return list(unified_diff(expected, shown, "said", "shown", lineterm="", n=2))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Upgradable]:
    authority = made("Our own authority", authority=True)
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    made(*NAMES, by=authority).write(tmp_path)
    tls = ("--tls-cert", "cert.pem", "--tls-key", "key.pem")
    made_ready = Upgradable(tmp_path, "--rate", "0", "--doors", "2", *tls)
    made_ready.install(VERSIONS[0])
    with made_ready as running:
        yield running


def sockets(pid: int) -> set[str]:
    """Return the connections of the process *pid*."""
    return {name for name in open_files(pid) if name.startswith("socket:")}


@pytest.mark.timeout(180)
def test_nobody_notices_that_everything_is_replaced_twice(server: Upgradable, tmp_path: Path):
    ca, port = str(tmp_path / "ca.pem"), server.port
    tab = Program("tab", Tab, rooms=["lobby"])
    tls = Program("tls", partial(JsonClient, tls=ssl.create_default_context(cafile=ca)), rooms=["lobby"])
    with ExitStack() as stack:
        nc = stack.enter_context(Netcat(port, "nc"))
        telnet = stack.enter_context(Started([program("telnet"), "127.0.0.1", str(port)]))
        telnet.until("What is your nick")
        telnet.type("telnet\n")
        telnet.until("You are in #lobby")
        terminals = stack.enter_context(Terminals(tmp_path))
        log = tmp_path / "client.log"
        trust = ("--ca", ca, "--log", str(log))
        command = (program("chatroom"), "--tls", f"localhost:{port}", *trust, "--nick", "client")
        client = terminals.open("client", *command)
        client.until("You are in #lobby")
        for each in (tab, tls):
            each.port = port
            each.connect(port)
            stack.callback(lambda each=each: each.client.__exit__(None, None, None))
        before, old = sockets(nc.nc.pid), set[int]()
        said: list[tuple[str, str]] = []

        def chat() -> None:
            """Let each of them say a line, and wait until the programs have heard it."""
            for nick, says, first, second in (
                ("nc", nc.type, tab, tls),
                ("telnet", lambda text: telnet.type(f"{text}\n"), tab, tls),
                ("client", client.type, tab, tls),
                ("tab", tab.says, tab, tls),
                # Who says it reads first: if its connection is gone, it notices only then, and says it again.
                ("tls", tls.says, tls, tab),
            ):
                said.append((nick, f"line {len(said)}"))
                says(said[-1][1])
                first.hears(said[-1][1])
                second.hears(said[-1][1])

        chat()
        for number, version in enumerate(VERSIONS[1:], 1):
            old |= set(server.children())
            server.install(version)
            run([program("chatroom-admin"), "--data", server.data, "upgrade"])
            while server.log.count("All processes have been replaced") < number:
                chat()
            with JsonClient(port, f"new{number}") as new:
                assert new.welcome["server"] == f"chatroom {version}"
        for each in (tab, tls):
            while each.version != VERSIONS[-1]:
                each.reads()
        # Those of the first two versions end when everyone has left them.
        wait_until(lambda: not any(map(command_of, old)), lambda: server.log)
        chat()

        for nick, shown in (
            ("nc", lambda: nc.nc.output),
            ("telnet", lambda: telnet.output),
            ("client", log.read_text),
            ("client", lambda: client.screen),
        ):
            wait_until(
                lambda nick=nick, shown=shown: differences(nick, shown(), said) == [],
                lambda nick=nick, shown=shown: f"{nick}: {differences(nick, shown(), said)}\n{shown()[-2000:]}",
            )
        for each in (tab, tls):
            assert each.lines == [text for _, text in said]
            left = [one for one in each.shown if one["type"] == "left" and not one["nick"].startswith("new")]
            assert left == []
        assert sockets(nc.nc.pid) == before
        assert "Traceback" not in server.log
        print(f"{len(said)} lines")
