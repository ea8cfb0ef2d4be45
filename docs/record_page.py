"""Records docs/screenshots: a real server, people at nc, and the page in Chromium at three widths, light and dark."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

SIZES = {1280: 720, 800: 600, 360: 640}
"""Height of the window by its width, in pixels."""
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
MOST = 100_000
"""Bytes of one picture."""


class Netcat:
    """Somebody at nc, who is read until an answer has come."""

    def __init__(self, port: int, nick: str) -> None:
        self._nc = subprocess.Popen(
            ["nc", "127.0.0.1", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.type(nick)
        self.until("You are in #lobby")

    def type(self, line: str) -> None:
        assert self._nc.stdin is not None
        self._nc.stdin.write(f"{line}\n")
        self._nc.stdin.flush()

    def until(self, text: str) -> None:
        assert self._nc.stdout is not None
        for line in self._nc.stdout:
            if text in line:
                return
        raise SystemExit(f"nc was never told {text!r}.")

    def leave(self) -> None:
        self._nc.kill()
        self._nc.communicate()


@contextmanager
def server(bin_folder: Path) -> Iterator[int]:
    """Run a server, and tell its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        twistd = (str(bin_folder / "twistd"), "-n", "--pidfile=", "chatroom", "--data", "data")
        process = subprocess.Popen(
            [*twistd, "--listen", f"tcp:{port}:interface=127.0.0.1"], cwd=folder, stdout=subprocess.DEVNULL
        )
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise SystemExit("The server never listened.") from None
            time.sleep(0.05)
        else:
            return


def chat(page: Page, port: int) -> list[Netcat]:
    """Let three people chat, one of them in the browser; return the other two."""
    bob = Netcat(port, "bob")
    bob.type("/join garden")
    bob.until("You are in #garden")
    bob.type("/topic What to plant before the frost")
    bob.until("set the topic")
    carol = Netcat(port, "carol")
    page.goto(f"http://localhost:{port}/")
    page.get_by_role("textbox", name="Nick").fill("ann")
    page.get_by_role("button", name="Join", exact=True).click()
    log, box = page.get_by_role("log"), page.get_by_role("textbox", name="Message")
    expect(page.get_by_role("heading", level=1, name="#lobby")).to_be_visible()
    say(page, "/join garden")
    expect(page.get_by_role("heading", level=1, name="#garden")).to_be_visible()
    carol.type("/join garden")
    carol.until("You are in #garden")
    bob.type("hello ann! I am here with nc, as always")
    expect(log).to_contain_text("as always")
    say(page, "hello bob and carol, I only had a browser at hand")
    bob.until("at hand")
    carol.type("that is all it takes")
    carol.type("the list is at https://example.org/bulbs?sort=height")
    expect(log).to_contain_text("bulbs")
    say(page, "thank you! so:\n  tulips     10 cm deep\n  crocuses    5 cm deep")
    bob.until("crocuses")
    bob.type("/me puts the kettle on")
    expect(log).to_contain_text("kettle")
    carol.type("ann: and the roses?")
    bob.type("/msg ann I have some to spare, pst")
    expect(log).to_contain_text("roses")
    carol.type("/away in the shed")
    carol.until("You are marked as away")
    expect(page.get_by_role("button", name="bob, 1 unread")).to_be_attached()
    box.fill("roses wait until sp")
    return [bob, carol]


def say(page: Page, text: str) -> None:
    """Say something in the browser."""
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send").click()


def record(browser: Browser, port: int, folder: Path) -> None:
    """Take the pictures: one of each width, in each of the two schemes of colours."""
    page = browser.new_page(reduced_motion="reduce", locale="en-GB")
    people = chat(page, port)
    try:
        for width, height in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                path = folder / f"page-{width}-{scheme}.png"
                page.screenshot(path=path, animations="disabled", caret="hide")
                if path.stat().st_size > MOST:
                    raise SystemExit(f"{path} has {path.stat().st_size:,} bytes.")
    finally:
        for person in people:
            person.leave()


if __name__ == "__main__":
    for program in ("chromium", "nc"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is not installed.")
    pictures = Path(__file__).with_name("screenshots")
    pictures.mkdir(exist_ok=True)
    with server(Path(sys.executable).parent) as port, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        record(chromium, port, pictures)
        chromium.close()
