"""A tab of any browser: what a person does there, and what a test waits for, over the few calls of a driver."""

from __future__ import annotations

import json
from typing import Any, Protocol

from tests.wire.processes import PATIENCE

ENTER, ESCAPE, CONTROL, SHIFT, UP = "\ue007", "\ue00c", "\ue009", "\ue008", "\ue013"
"""Keys without a character, as WebDriver writes them (section 15.4.2)."""

WATCH = """
window.wrong = [];
addEventListener("error", event => wrong.push(`${event.message} at ${event.filename}:${event.lineno}`));
addEventListener("unhandledrejection", event => wrong.push(`rejected: ${event.reason}`));
document.addEventListener("securitypolicyviolation", event =>
    wrong.push(`violates the policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
"""Collects what goes wrong from now on."""

FIND = """
const text = one => [...one.childNodes].filter(part => !part.matches?.("[aria-hidden=true]"))
    .map(part => part.textContent).join("");
const isCalled = one => [one.getAttribute("aria-label"), one.title, text(one)]
    .some(name => name?.trim() === NAME || name?.startsWith(`${NAME}, `));
const place = one => {
    one.scrollIntoView({ block: "nearest" });
    const box = one.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    return one.contains(document.elementFromPoint(x, y)) && { x, y };
};
"""
"""Finds what is called ``NAME``, or that and more after a comma, and where nothing covers it, to be clicked there."""

WAIT = """
const end = performance.now() + LIMIT;
for (;;) {
    const found = look();
    if (found) return { found };
    if (performance.now() > end) return { shown: document.body.innerText, wrong: window.wrong };
    await new Promise(resolve => setTimeout(resolve, 10));
}
"""


class Driver(Protocol):
    """One tab of one browser."""

    def go(self, url: str) -> None:
        """Load *url*, and wait until it is loaded."""

    def evaluate(self, body: str) -> Any:
        """Return what an asynchronous function with this *body* returns, as JSON has it."""

    def click(self, x: float, y: float) -> None:
        """Click the first button of the mouse there, in pixels of the page."""

    def type(self, text: str) -> None:
        """Press and release one key after the other."""

    def press(self, *keys: str) -> None:
        """Press *keys* together."""

    def resize(self, width: int, height: int) -> None:
        """Make the page that large, or as small as the browser can."""

    def screenshot(self) -> bytes:
        """Return what the tab shows, as a PNG image."""


class Tab:
    """A person at a tab, whatever the browser is."""

    def __init__(self, driver: Driver) -> None:
        self.type, self.press, self.resize = driver.type, driver.press, driver.resize
        self._driver = driver

    def opens(self, url: str) -> None:
        """Load the page."""
        self._driver.go(url)
        self._driver.evaluate(WATCH)

    def until(self, condition: str) -> None:
        """Wait, in the page, until the expression *condition* is true."""
        self._wait(f"const look = () => ({condition});", condition)

    def clicks(self, selector: str, name: str = "") -> None:
        """Click on what has this selector and, if given, this *name*, as soon as nothing covers it."""
        all_of_them = f"[...document.querySelectorAll({json.dumps(selector)})]"
        look = f"const look = () => {all_of_them}.filter(one => !NAME || isCalled(one)).map(place).find(Boolean);"
        found = self._wait(f"const NAME = {json.dumps(name)}; {FIND} {look}", f"{selector} {name}")
        self._driver.click(found["x"], found["y"])

    def fills(self, selector: str, text: str) -> None:
        """Type *text* instead of what is in a field."""
        self.clicks(selector)
        self.press(CONTROL, "a")
        self.type(text)

    def wrong(self) -> list[str]:
        """Return what has gone wrong since the page was loaded."""
        found: list[str] = self._driver.evaluate("return window.wrong;")
        return found

    def _wait(self, look: str, what: str) -> Any:
        waited = self._driver.evaluate(look + WAIT.replace("LIMIT", f"{1000 * PATIENCE}"))
        assert "found" in waited, f"there never was {what}\n{waited['shown']}\n{waited['wrong']}"
        return waited["found"]
