"""Chromium, by Playwright, as a driver like the others."""

from __future__ import annotations

from typing import Any

from .engines import CONTROL, ENTER, ESCAPE, SHIFT, UP
from .page import Page

NAMES = {ENTER: "Enter", ESCAPE: "Escape", CONTROL: "Control", SHIFT: "Shift", UP: "ArrowUp"}
"""What Playwright calls the keys without a character."""


class Chromium:
    """One tab of Chromium; see `engines.Driver`."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def go(self, url: str) -> None:
        self._page.goto(url)

    def evaluate(self, body: str) -> Any:
        return self._page.evaluate(f"async () => {{ {body} }}")

    def click(self, x: float, y: float) -> None:
        self._page.mouse.click(x, y)

    def type(self, text: str) -> None:
        for part in text.split(ENTER)[:-1]:
            self._page.keyboard.type(part)
            self._page.keyboard.press("Enter")
        self._page.keyboard.type(text.split(ENTER)[-1])

    def press(self, *keys: str) -> None:
        self._page.keyboard.press("+".join(NAMES.get(key, key) for key in keys))

    def resize(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def screenshot(self) -> bytes:
        return self._page.screenshot()
