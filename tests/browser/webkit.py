"""WebKit, by classic WebDriver: commands in JSON over HTTP (https://www.w3.org/TR/webdriver2/)."""

from __future__ import annotations

import json
import socket
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.wire.processes import PATIENCE, Started, program, wait_until

from .keys import clicked, pressed, typed

FOLDERS = "/usr/lib/*/webkit2gtk-4.1"
"""Where Debian has MiniBrowser, which is on no path."""


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """Start MiniBrowser on a screen of its own, with everything that it keeps in *folder*; it has one tab."""
    display, driver, browser = program("Xvfb"), program("WebKitWebDriver"), program("MiniBrowser", *glob(FOLDERS))
    port = _free_port()
    with Started([display, "-displayfd", "1", "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]) as screen:
        number = screen.until(r"(?m)^(\d+)$")[1]
        environment = {
            "DISPLAY": f":{number}",
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            # There is no desktop, with its bus and its screen reader.
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "NO_AT_BRIDGE": "1",
        }
        with Started([driver, f"--port={port}", "--host=127.0.0.1"], environment=environment) as server:
            wait_until(lambda: _listens(port), lambda: server.output)
            yield WebKit(port, browser)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class WebKit:
    """
    One tab of MiniBrowser; see `engines.Driver`.

    :param port: where WebKitWebDriver listens.
    :param browser: the program to start.
    """

    def __init__(self, port: int, browser: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=2 * PATIENCE)
        wanted = {"webkitgtk:browserOptions": {"binary": browser, "args": ["--automation"]}}
        begun = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{begun['sessionId']}"

    def go(self, url: str) -> None:
        self._post("url", url=url)

    def evaluate(self, body: str) -> Any:
        script = f"(async () => {{ {body} }})().then(value => arguments[0]({{ value }}), arguments[0]);"
        done = self._post("execute/async", script=script, args=[])
        assert "value" in done, f"{done}"
        return done["value"]

    def click(self, x: float, y: float) -> None:
        self._post("actions", actions=[clicked(x, y)])

    def type(self, text: str) -> None:
        self._post("actions", actions=[typed(text)])

    def press(self, *keys: str) -> None:
        self._post("actions", actions=[pressed(*keys)])

    def resize(self, width: int, height: int) -> None:
        self._post("window/rect", width=width, height=height)

    def screenshot(self) -> bytes:
        return b64decode(self._ask("GET", f"{self._session}/screenshot"))

    def _post(self, command: str, **parameters: Any) -> Any:
        return self._ask("POST", f"{self._session}/{command}", parameters)

    def _ask(self, method: str, path: str, parameters: dict[str, Any] | None = None) -> Any:
        body = None if parameters is None else json.dumps(parameters)
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        with self._connection.getresponse() as response:
            value = json.load(response)["value"]
        assert response.status == 200, f"{method} {path}: {value}"
        return value
