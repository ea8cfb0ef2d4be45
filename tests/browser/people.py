"""The people at browsers in one test; errors on their pages fail the test."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from .page import Browser, BrowserContext, Page, Person

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
"""So that Chromium runs as root and in a container, and talks to nobody but us."""
OURS = ("localhost", "127.0.0.1")
BREAKS = re.compile(r"^WebSocket connection to '.*' failed: |net::ERR_(CONNECTION_|INTERNET_|NETWORK_|EMPTY_)")
"""What Chromium writes to the console when a connection breaks, or cannot be made."""
TELL = """
document.addEventListener("securitypolicyviolation", event =>
    console.error(`violates the policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


class People:
    """
    People at one browser, each in a context of their own: nobody shares what the browser keeps.

    :param url: where the page is.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self.url = url
        self.wrong: list[str] = []
        """What went wrong on any page: errors, violations of the policy, requests to anybody else."""
        self.connections_break = False
        """Whether it is right in this test that a connection breaks, or cannot be made."""
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def open(self, nick: str, *, script: str = "", **options: Any) -> Person:
        """
        Open the page in a new window.

        :param script: what runs there before anything of the page does.
        :param options: of the browser's context: the size of the window, colours, the zone.
        """
        context = self._browser.new_context(
            **{"timezone_id": "UTC", "locale": "en-GB", "reduced_motion": "reduce", **options}
        )
        self._contexts.append(context)
        context.add_init_script(TELL + script)
        context.on("request", lambda request: self._asked(request.url))
        context.on("console", lambda message: self._told(message.type, message.text))
        context.on("weberror", lambda error: self.wrong.append(f"{nick}'s page: {error.error}"))
        return self.another_tab(nick, context)

    def another_tab(self, nick: str, context: BrowserContext) -> Person:
        """Open the page in one more tab of a window."""
        page = context.new_page()
        page.on("websocket", lambda socket: self._asked(socket.url))
        self.load(page)
        return Person(nick, page)

    def load(self, page: Page) -> None:
        """Have the page in a tab."""
        page.goto(self.url)

    def joins(self, nick: str, room: str = "lobby", **options: Any) -> Person:
        """Somebody opens the page and comes into a room."""
        return self.open(nick, **options).joins(room)

    def close(self) -> None:
        """Close all windows, as people do: without a word."""
        for context in self._contexts:
            context.close()

    def check(self) -> None:
        """Fail if anything went wrong."""
        assert not self.wrong, "\n".join(self.wrong)

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in OURS:
            self.wrong.append(f"asked another host: {url}")

    def _told(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not (self.connections_break and BREAKS.search(text)):
            self.wrong.append(f"{kind} on the console: {text}")
