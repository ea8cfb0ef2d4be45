"""IRC over WebSocket on real sockets, with an independent WebSocket client."""

from __future__ import annotations

import signal
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.typing import Subprotocol

from .clients import TextClient, connect
from .kinds import with_doors
from .processes import PATIENCE
from .server import Server
from .test_tls import Encrypted

pytestmark = pytest.mark.slow


class WebIrc:
    """
    Somebody with an IRC client on a page who is in #lobby; use it in a ``with`` statement, which closes it.

    :param kind: of the messages, "text" or "binary"; None: the client names no subprotocol.
    """

    def __init__(
        self, port: int, nick: str, kind: str | None = "text", path: str = "/ws", tls: ssl.SSLContext | None = None
    ) -> None:
        named = None if kind is None else [Subprotocol(f"{kind}.ircv3.net")]
        site = f"localhost:{port}"
        self._opening = connect(
            f"{'ws' if tls is None else 'wss'}://{site}{path}",
            origin=None if tls is not None else f"http://{site}",
            subprotocols=named,
            ssl=tls,
            open_timeout=PATIENCE,
        )
        self.socket: ClientConnection = self._opening.__enter__()
        self.binary = kind == "binary"
        self.says(f"NICK {nick}", f"USER {nick} 0 * :{nick}", "JOIN #lobby")
        self.until(" 366 ")

    def says(self, *lines: str) -> None:
        """Send each line as one message."""
        for line in lines:
            self.socket.send(line.encode() if self.binary else line)

    def line(self) -> str:
        """Read one message."""
        data = self.socket.recv(timeout=PATIENCE)
        assert isinstance(data, bytes) == self.binary
        line = data.decode() if isinstance(data, bytes) else data
        assert "\r" not in line and "\n" not in line
        return line

    def until(self, text: str) -> str:
        """Read up to the message that has *text* in it, and return that."""
        deadline = time.monotonic() + PATIENCE
        while text not in (line := self.line()):
            assert time.monotonic() < deadline, f"no {text!r}"
        return line

    def closed(self) -> tuple[str, int]:
        """Read to the end; return the last message, and the code with which the server closed."""
        last = ""
        try:
            while True:
                last = self.line()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "the connection broke off"
            return last, closed.rcvd.code

    def __enter__(self) -> WebIrc:
        return self

    def __exit__(self, *error: Any) -> None:
        self._opening.__exit__(*error)


@pytest.mark.parametrize(
    ("kind", "path"), [("text", "/ws"), ("binary", "/ws"), ("text", "/"), ("binary", "/socket"), (None, "/socket")]
)
def test_a_page_with_irc_and_nc_are_in_one_room(server: Server, kind: str | None, path: str):
    with TextClient(server.port, "ann") as ann, WebIrc(server.port, "web", kind, path) as web:
        ann.until("-- web joined #lobby")
        web.says("PRIVMSG #lobby :hello from a page: grüße ☕")
        ann.until("<web> hello from a page: grüße ☕")
        ann.type("grüße from nc ☕")
        assert web.until("PRIVMSG #lobby").endswith(":grüße from nc ☕")
        web.says("QUIT :bye")
        ann.until("-- web left #lobby")
        assert web.closed()[1] == 1000


def test_both_kinds_over_tls(tmp_path: Path):
    encrypted = Encrypted(tmp_path, "--tls-only")
    with (
        encrypted.server as server,
        WebIrc(server.port, "text", tls=encrypted.context) as text,
        WebIrc(server.port, "binary", "binary", tls=encrypted.context) as binary,
    ):
        for one, other in ((text, binary), (binary, text)):
            one.says("PRIVMSG #lobby :hello " + "x" * 400)
            assert other.until("PRIVMSG #lobby").endswith(" :hello " + "x" * 400)
        # Passwords are accepted: nobody can read them.
        text.says("PRIVMSG NickServ :REGISTER correct horse")
        text.until(" 900 ")


@with_doors
def test_fragments_and_messages_with_the_ends_of_lines(server: Server):
    with WebIrc(server.port, "ann") as ann, WebIrc(server.port, "bob", "binary") as bob:
        ann.socket.send(iter(["PRIVMSG #lob", "by :in ", "pieces\r\n"]))
        assert bob.until("PRIVMSG").endswith(":in pieces")
        bob.socket.send(b"PRIVMSG #lobby :one\r\nPRIVMSG #lobby :two\rPRIVMSG #lobby :three\n")
        for text in ("one", "two", "three"):
            assert ann.until("PRIVMSG").endswith(f":{text}")
        ann.socket.send(b"PRIVMSG #lobby :caf\xe9")
        ann.until(" INVALID_UTF8 ")
        ann.says("x" * 1000)
        ann.until(" 417 ")
        ann.says("x" * 20_000)
        assert ann.closed()[1] == 1009
        bob.until(":ann!")


def test_pages_of_other_sites_may_not(server: Server):
    for path in ("/ws", "/", "/socket"):
        with pytest.raises(InvalidStatus) as refused:
            connect(
                f"ws://localhost:{server.port}{path}",
                origin="http://evil.example",
                subprotocols=[Subprotocol("text.ircv3.net")],
            ).__enter__()
        assert refused.value.response.status_code == 403


def test_who_does_not_read_misses_nothing(server: Server):
    with WebIrc(server.port, "web") as web, TextClient(server.port, "ann") as ann:
        ann.send(b"".join(b"%d %s\n" % (n, b"x" * 400) for n in range(3000)))
        ann.type("/whois ann")
        ann.until("ann is in")
        for n in range(3000):
            assert f":{n} x" in web.until("PRIVMSG #lobby")


@with_doors
def test_everyone_is_told_that_the_server_stops(server: Server):
    with WebIrc(server.port, "ann") as ann, WebIrc(server.port, "bob", "binary") as bob:
        server.tell(signal.SIGTERM)
        for one in (ann, bob):
            last, code = one.closed()
            assert last.startswith("ERROR :") and code == 1001
