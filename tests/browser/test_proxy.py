"""The page behind nginx, under a path prefix: its connection, who may connect, and the client addresses that count."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.wire.clients import JsonClient
from tests.wire.processes import Started, program, run, wait_until
from tests.wire.server import Server

from .page import Browser
from .people import People

NGINX = """
daemon off;
worker_processes 1;
error_log stderr;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade";
    # As if everybody came from there.
    proxy_set_header X-Forwarded-For {address};
    server {{
        listen 127.0.0.1:{port} default_server;
        # Taken off: the server knows nothing of it.
        location /taken/off/ {{ proxy_pass http://127.0.0.1:{chatroom}/; }}
        # Left in: the server has been told.
        location /kept/ {{ proxy_pass http://127.0.0.1:{chatroom}; }}
    }}
    server {{
        listen 127.0.0.1:{port};
        server_name friend.localhost stranger.localhost;
        default_type text/html;
        return 200 "<title>another site</title><link rel=icon href='data:,'>";
    }}
}}
"""
ADDRESS = "203.0.113.9"
PASSWORD = "tulips in the rain"
CHATROOM = """
grace = 0
web-prefix = "/kept"
proxies = ["127.0.0.1"]
origins = ["http://friend.localhost:{port}"]
"""
CONNECT = """url => new Promise(done => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
})"""


@pytest.fixture(scope="module")
def port() -> int:
    """Where nginx will listen."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("proxied")
    (folder / "chatroom.toml").write_text(CHATROOM.format(port=port))
    account = ("account", "add", "ruler", "--admin")
    run([program("chatroom-admin"), "--data", folder / "data", *account], f"{PASSWORD}\n")
    with Server(folder, "--rate", "0", "--config", "chatroom.toml") as running:
        yield running


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory, server: Server, port: int) -> Iterator[int]:
    """A real nginx; its port."""
    folder = tmp_path_factory.mktemp("nginx")
    settings = NGINX.format(folder=folder, port=port, chatroom=server.port, address=ADDRESS)
    (folder / "nginx.conf").write_text(settings)
    with Started([program("nginx"), "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"], cwd=folder) as started:

        def listens() -> bool:
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", port)) == 0

        wait_until(listens, lambda: f"nginx does not listen:\n{started.output}")
        yield port


@pytest.mark.parametrize("path", ["taken/off", "kept"])
def test_the_page_works_under_a_prefix(nginx: int, server: Server, people: People, path: str):
    people.url = f"http://localhost:{nginx}/{path}/"
    room = path.partition("/")[0]
    ann = people.joins("ann", room)
    with JsonClient(server.port, "bob", rooms=[room]) as bob:
        ann.says("from behind")
        bob.until("said", text="from behind")
        bob.ask("say", room=room, text="hello behind")
        ann.sees("hello behind")
        ann.page.reload()
        ann.is_in(f"#{room}")
        ann.sees("hello behind")


def test_the_server_sees_the_address_that_the_proxy_tells(nginx: int, server: Server, people: People):
    people.url = f"http://localhost:{nginx}/kept/"
    people.joins("ann", "tea")
    with JsonClient(server.port, "ruler", password=PASSWORD) as ruler:
        ruler.ask("whois", nick="ann")
        assert ruler.until("whois")[-1]["address"] == ADDRESS


@pytest.mark.parametrize(("site", "outcome"), [("friend", "open"), ("stranger", "refused")])
def test_a_page_of_another_site_connects_only_if_it_is_a_friend_s(
    nginx: int, chromium: Browser, site: str, outcome: str
):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"http://{site}.localhost:{nginx}/")
    assert page.evaluate(CONNECT, f"ws://localhost:{nginx}/kept/ws") == outcome
    context.close()
