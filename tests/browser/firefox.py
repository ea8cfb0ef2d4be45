"""Firefox, by WebDriver BiDi: commands in JSON over a WebSocket (https://w3c.github.io/webdriver-bidi/)."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.wire.processes import PATIENCE, Started, program

from .keys import clicked, pressed, typed

PREFERENCES = {
    # All names are this machine's, and everyone else is behind a proxy that isn't there: it talks to nobody but us.
    "network.dns.native-is-localhost": True,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.region.network.url": "",
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.update.enabled": False,
    "intl.accept_languages": "en-GB",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "toolkit.telemetry.enabled": False,
}


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Start Firefox, without a window and with everything that it keeps in *folder*; it has one tab."""
    path, profile = program("firefox-esr"), folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    command = [path, "--headless", "--new-instance", "--profile", profile, "--remote-debugging-port", "0"]
    # It waits for ever if there cannot be a folder for its configuration.
    environment = {"HOME": str(folder), "XDG_CONFIG_HOME": None, "MOZ_CRASHREPORTER_DISABLE": "1"}
    with Started(command, environment=environment) as browser:
        address = browser.until(r"WebDriver BiDi listening on (ws://\S+)", 2 * PATIENCE)[1]
        with connect(f"{address}/session", open_timeout=PATIENCE, max_size=None, compression=None) as socket:
            yield Firefox(socket)


class Firefox:
    """One tab of Firefox; see `engines.Driver`."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._last = 0
        self._ask("session.new", capabilities={})
        self._tab = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def go(self, url: str) -> None:
        self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def evaluate(self, body: str) -> Any:
        # BiDi has a notation of its own for values; JSON is the same everywhere.
        function = f"async () => JSON.stringify(await (async () => {{ {body} }})() ?? null)"
        done = self._ask(
            "script.callFunction", functionDeclaration=function, target={"context": self._tab}, awaitPromise=True
        )
        assert done["type"] == "success", done["exceptionDetails"]["text"]
        return json.loads(done["result"]["value"])

    def click(self, x: float, y: float) -> None:
        self._perform(clicked(x, y))

    def type(self, text: str) -> None:
        self._perform(typed(text))

    def press(self, *keys: str) -> None:
        self._perform(pressed(*keys))

    def resize(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        self._ask("browsingContext.setViewport", context=self._tab, viewport=viewport)

    def screenshot(self) -> bytes:
        return b64decode(self._ask("browsingContext.captureScreenshot", context=self._tab)["data"])

    def _perform(self, source: dict[str, Any]) -> None:
        self._ask("input.performActions", context=self._tab, actions=[source])

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=2 * PATIENCE))
            # What else comes are events.
            if answer.get("id") == self._last:
                assert answer["type"] == "success", f"{method}: {answer}"
                result: dict[str, Any] = answer["result"]
                return result
