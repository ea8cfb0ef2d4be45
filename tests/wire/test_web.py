"""The web door on real sockets, with an independent WebSocket client, beside nc."""

from __future__ import annotations

import json
import re
import signal
import socket
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from .clients import Client, JsonClient, Netcat, Object, TextClient, connect
from .kinds import everywhere, with_doors
from .processes import PATIENCE, wait_until
from .server import Server

pytestmark = pytest.mark.slow


class Tab:
    """Somebody in a browser, without the browser; use it in a ``with`` statement, which closes it."""

    def __init__(self, port: int, nick: str, *, origin: str | None = None, **hello: Any) -> None:
        site = f"localhost:{port}"
        self._opening = connect(
            f"ws://{site}/ws", origin=origin or f"http://{site}", open_timeout=PATIENCE, max_size=None
        )
        self.socket: ClientConnection = self._opening.__enter__()
        self._unread: list[Object] = []
        self.asks("hello", nick=nick, **hello)
        self.met = self.until("live")
        self.welcome = self.met[0]

    def asks(self, kind: str, **values: Any) -> None:
        """Send a command."""
        self.socket.send(json.dumps({"type": kind, **values}))

    def object(self) -> Object:
        """Read one object."""
        while not self._unread:
            self._unread += map(json.loads, self.socket.recv(timeout=PATIENCE).split("\n"))
        return self._unread.pop(0)

    def until(self, kind: str, **values: Any) -> list[Object]:
        """Read up to the object of this type and with these *values*, which comes last in the list."""
        wanted = {"type": kind, **values}.items()
        seen = [self.object()]
        while not wanted <= {name: seen[-1].get(name) for name in ("type", *values)}.items():
            seen.append(self.object())
        return seen

    def ended(self) -> tuple[list[Object], int]:
        """Read to the end; return what came, and the code with which the server closed."""
        seen: list[Object] = []
        try:
            while True:
                seen.append(self.object())
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "the connection broke off"
            return seen, closed.rcvd.code

    def vanishes(self) -> None:
        """Break off, without a word."""
        self.socket.socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Tab:
        return self

    def __exit__(self, *error: Any) -> None:
        self._opening.__exit__(*error)


def get(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Ask for *path*: the status, the headers and the body."""
    try:
        with urlopen(Request(f"http://localhost:{port}{path}", headers=headers), timeout=PATIENCE) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


@everywhere
def test_a_browser_and_nc_are_in_one_room(server: Server):
    with Netcat(server.port, "ann") as ann, Tab(server.port, "eve") as eve:
        ann.until("-- eve joined #lobby")
        ann.type("grüße from nc")
        assert eve.until("said")[-1]["text"] == "grüße from nc"
        eve.asks("say", text="hello from a browser", ref="1")
        eve.until("said", ref="1")
        ann.until("<eve> hello from a browser")
        assert ann.ask("/whois eve", "-- eve is in").startswith("-- eve is in #lobby")

        eve.asks("quit", reason="gone home")
        seen, code = eve.ended()
        assert seen[-1] == {"type": "goodbye", "text": "Goodbye."} and code == 1000
        ann.until("-- eve left #lobby (gone home)")


@with_doors
def test_when_the_server_stops_browsers_are_told_to_come_back_and_nobody_is_waited_for(server: Server):
    # Who has asked for something, and may ask for more.
    idle = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
    idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert idle.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")
    with idle, Tab(server.port, "eve") as eve:
        assert server.stop(signal.SIGTERM) == 0
        seen, code = eve.ended()
    assert seen[-1]["text"].startswith("The server is shutting down") and code == 1001
    assert "Not everything could be written out" not in server.log and "Traceback" not in server.log


@everywhere
def test_a_tab_that_breaks_off_carries_on_where_it_was(server: Server):
    with TextClient(server.port, "ann") as ann:
        eve = Tab(server.port, "eve")
        ann.until("-- eve joined")
        eve.vanishes()
        ann.type("still there?")
        wait_until(lambda: get(server.port, "/metrics")[2].count('sessions{door="web"} 0.0'), "it is still there")
        with Tab(server.port, "eve", resume=eve.welcome["resume"], seen={"lobby": 2}) as again:
            assert again.welcome["resumed"]
            assert [event["text"] for event in again.met if event["type"] == "said"] == ["still there?"]
        eve.__exit__(None, None, None)
        ann.type("/who")
        ann.until("-- ann, eve")


def test_pages_of_others_may_not_chat(server: Server):
    with pytest.raises(InvalidStatus) as caught:
        Tab(server.port, "eve", origin="http://evil.example")

    assert caught.value.response.status_code == 403 and b"origins" in caught.value.response.body


NOBODY = dict.fromkeys(("line", "json", "web", "api", "irc", "ssh"), "0")


def sessions(server: Server) -> dict[str, str]:
    """Return the figures of sessions, by door."""
    return dict(re.findall(r'^chatroom_sessions\{door="(\w+)"\} (\d)', get(server.port, "/metrics")[2], re.MULTILINE))


@with_doors
def test_the_page_is_served_and_so_are_health_and_figures(server: Server):
    status, headers, page = get(server.port, "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8") and page.lower().startswith(
        "<!doctype"
    )
    assert get(server.port, "/", **{"If-None-Match": headers["ETag"]})[0] == 304
    assert get(server.port, "/healthz")[::2] == (200, "ok\n") and get(server.port, "/nothing")[0] == 404

    with TextClient(server.port, "ann") as ann, JsonClient(server.port, "bob"), Tab(server.port, "eve"):
        ann.until("-- eve joined")
        # Doors report every five seconds.
        wait_until(
            lambda: sessions(server) == {**NOBODY, "line": "1", "json": "1", "web": "1"}, lambda: f"{sessions(server)}"
        )
        figures = get(server.port, "/metrics")[2]
    commits = re.search(r"^chatroom_journal_commit_seconds_count (\d+)", figures, re.MULTILINE)
    assert commits and int(commits[1]) >= 3


@with_doors
def test_what_is_too_long_is_refused_and_the_refusal_arrives(server: Server):
    """Closing a socket with unread input makes TCP discard data on its way to the peer."""
    with Client(server.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"x" * 1_000_000)
        assert client.line() == b"HTTP/1.1 431 Request Header Fields Too Large\r"


def test_who_reads_slowly_misses_nothing_and_costs_nobody_anything(server: Server):
    with Tab(server.port, "eve") as eve, JsonClient(server.port, "ann") as ann, TextClient(server.port, "bob") as bob:
        before = server.resident()
        for n in range(3000):
            ann.ask("say", text=f"{n} " + "x" * 4000, ref=str(n))
            ann.until_ref(str(n))
            bob.until(f"<ann> {n} ")
        assert server.resident() - before < 30_000_000

        seen = eve.until("said", text="2999 " + "x" * 4000)
        assert [one["text"].split()[0] for one in seen if one["type"] == "said"] == [str(n) for n in range(3000)]


def test_the_web_can_have_a_port_of_its_own_and_rules_that_change_meanwhile(tmp_path: Path):
    config = tmp_path / "chatroom.toml"
    web = tmp_path / "web"
    config.write_text(f'listen-web = ["unix:{web}"]\nproxies = ["unix"]\n')
    with Server(tmp_path, "--config", str(config)) as server:
        request = (
            "GET /ws HTTP/1.1\r\nHost: backend\r\nOrigin: https://chat.example\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        )

        def answered(more: str) -> str:
            with socket.socket(socket.AF_UNIX) as proxy:
                proxy.settimeout(PATIENCE)
                proxy.connect(str(web))
                proxy.sendall(f"{request}{more}\r\n".encode())
                return proxy.recv(12).decode()

        assert answered("X-Forwarded-For: 198.51.100.7\r\n") == "HTTP/1.1 403"
        assert answered("X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Host: chat.example\r\n") == "HTTP/1.1 101"

        config.write_text(f'listen-web = ["unix:{web}"]\norigins = ["https://chat.example"]\n')
        server.tell(signal.SIGHUP)
        server.process.until("origins: 0 given → 1 given")
        assert answered("X-Forwarded-For: 198.51.100.7\r\n") == "HTTP/1.1 101"
