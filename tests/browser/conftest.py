"""Fixtures of the browser tests: one Chromium, one server, and people who use it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.wire.clients import JsonClient
from tests.wire.processes import program, wait_until
from tests.wire.server import Server

if TYPE_CHECKING:
    # Not for certain installed: who asks for `chromium` has looked.
    from .page import Browser
    from .people import People


@pytest.fixture(scope="package")
def launch() -> Iterator[Callable[..., Browser]]:
    """What starts a Chromium, which shows nothing on any screen, with further flags."""
    from playwright.sync_api import sync_playwright

    from .people import FLAGS

    # The one without the windows of a browser takes less than half of the processor's time.
    path = program("chromium-headless-shell" if shutil.which("chromium-headless-shell") else "chromium")
    with sync_playwright() as playwright:
        yield lambda *flags: playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])


@pytest.fixture(scope="package")
def chromium(launch: Callable[..., Browser]) -> Iterator[Browser]:
    """Chromium, for all tests here."""
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave it as it is; who closes the tab has left."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "chatroom.toml").write_text("grace = 0\n")
    with Server(folder, "--rate", "0", "--config", "chatroom.toml") as running:
        yield running


@pytest.fixture
def server(house: Server) -> Iterator[Server]:
    """The server of a test, which everyone has left at its end; modules that kill it have one of their own."""
    yield house
    with JsonClient(house.port, "caretaker", rooms=["hatch"]) as caretaker:

        def is_alone() -> bool:
            caretaker.ask("rooms")
            rooms = caretaker.until("rooms")[-1]["rooms"]
            return sum(room["people"] for room in rooms) == 1

        # The next test uses the same nicks, and the server hears only in a while that a tab was closed.
        wait_until(is_alone, "somebody has not left")
        caretaker.ask("quit")
        caretaker.until("goodbye")


@pytest.fixture
def people(chromium: Browser, server: Server) -> Iterator[People]:
    """People at browsers; whatever goes wrong on their pages, or in their server, fails the test."""
    from .people import People

    people = People(chromium, f"http://localhost:{server.port}/")
    yield people
    people.close()
    people.check()
    assert "Traceback" not in server.log, server.log


@pytest.fixture
def asked(people: People) -> Any:
    """Evaluates JavaScript in which `it` is a module of the page and `given` the argument."""
    page = people.open("ann").page

    def ask(module: str, expression: str, given: Any = None) -> Any:
        return page.evaluate(
            f"async given => {{ const it = await import('./{module}.js'); return {expression}; }}", given
        )

    return ask
