"""A terminal that wraps its lines anew, with emoji: tmux, in which somebody sits at ssh while the window changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from .clients import TextClient
from .processes import wait_until
from .server import Server
from .ssh_clients import Keys, OpenSsh, Surroundings, Visit
from .terminals import Terminal, Terminals

pytestmark = pytest.mark.slow

FAMILY = "👨‍👩‍👧‍👦"
TYPED = {
    "plain": "a long half-typed line which goes on and on and wraps around the right edge of the window, twice",
    "wide": "漢字漢字漢字 and 한국어 and e\u0301e\u0301 in a line which goes on and on " * 2,
    "emoji": f"{FAMILY} family, 🇩🇪 flag, 👍🏽 thumb, ❤️ heart, 1️⃣ one, and then more and more of it " * 2,
}


class Window:
    """A window of tmux, and what is on its screen."""

    _rooms = count()

    def __init__(self, terminals: Terminals, terminal: Terminal) -> None:
        self._tmux, self.terminal = terminals.tmux, terminal
        self.room = f"room{next(self._rooms)}"

    @property
    def rows(self) -> list[str]:
        """The rows of the screen alone."""
        return self._tmux("capture-pane", "-p", "-t", "ssh").rstrip("\n").split("\n")

    @property
    def typed(self) -> str:
        """What stands between the last prompt and the status, without blanks."""
        text = "".join(self.rows).replace(" ", "")
        return text.rpartition(f"#{self.room}>")[2].partition(f"ann·#{self.room}")[0]

    def types(self, text: str) -> None:
        """Type *text* without Enter."""
        self._tmux("send-keys", "-t", "ssh", "-l", text)

    def becomes(self, width: int, height: int = 40) -> None:
        """Change its size."""
        self._tmux("resize-window", "-t", "ssh", "-x", str(width), "-y", str(height))

    def pastes(self, text: str) -> None:
        """Paste *text* as a mouse does."""
        self._tmux("set-buffer", text)
        self._tmux("paste-buffer", "-p", "-t", "ssh")

    def shows(self, text: str) -> None:
        """Wait until *text* stands at the one prompt that there is."""
        wanted = bare(text)
        wait_until(lambda: bare(self.typed) == wanted, lambda: f"not {text!r} but:\n" + "\n".join(self.rows))
        assert sum(f"#{self.room}>" in row for row in self.rows) == 1, self.rows


def bare(text: str) -> str:
    """Return *text* without blanks, and without the last parts of a family, which tmux does not keep."""
    return re.sub(r"[ \u200d👦]", "", text)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    home = tmp_path_factory.mktemp("home")
    with Server(tmp_path_factory.mktemp("server"), "--rate", "0").start() as server:
        yield Surroundings(home, server, Keys(home))


@pytest.fixture
def window(house: Surroundings, tmp_path: Path) -> Iterator[Window]:
    """The window of ann, who is in a room of her own."""
    with Terminals(tmp_path) as terminals:
        window = Window(terminals, OpenSsh(house).sit_down(terminals, Visit("ann", terminal=True)))
        window.terminal.until("^#lobby>")
        window.terminal.type(f"/join {window.room}")
        window.terminal.until(f"^#{window.room}>")
        window.terminal.press("C-l")
        yield window


def come(house: Surroundings, window: Window) -> TextClient:
    """Let bob come into the same room."""
    bob = TextClient(house.server.port, "bob")
    bob.type(f"/join {window.room}")
    bob.until(f"You are in #{window.room}")
    # Her client has told the size of the window by then.
    window.terminal.until("bob joined")
    return bob


@pytest.mark.parametrize("typed", TYPED)
def test_a_window_of_another_width_has_one_prompt_with_everything(window: Window, typed: str):
    text = TYPED[typed]
    window.types(text)
    window.shows(text)
    for width in (60, 41, 90, 30, 120):
        window.becomes(width)
        window.shows(text)
        window.types("x")
        text += "x"
        window.shows(text)
    window.terminal.press("C-a")
    window.types("Begin ")
    window.shows(f"Begin {text}")


@pytest.mark.parametrize("typed", TYPED)
def test_lines_that_come_in_stand_above_what_is_half_typed(window: Window, house: Surroundings, typed: str):
    """However wide they are to the terminal."""
    text = TYPED[typed]
    window.becomes(50)
    with come(house, window) as bob:
        window.types(text)
        window.shows(text)
        for one in TYPED:
            bob.type(f"{TYPED[one]}, says {one}")
            window.terminal.until(f"says +{one}|says\n +{one}")
            window.shows(text)
        window.terminal.press("Enter")
        bob.until("<ann> ")
        window.shows("")
        said = bare("".join(window.terminal.screen.split("\n")))
        assert said.count(bare(text.rstrip())) >= 2, window.terminal.screen


def test_forty_lines_are_pasted_and_come_as_one_message(window: Window, house: Surroundings):
    lines = [f"line {number} 漢字 👍🏽" for number in range(40)]
    window.becomes(40, 12)
    with come(house, window) as bob:
        window.pastes("\n".join(lines))
        window.terminal.until("line 39")
        bob.type("hello meanwhile")
        bob.type("and again")
        window.terminal.until("line 39")
        window.terminal.press("C-a", "!", "Enter")
        pasted = bob.lines_until("line 39")[-40:]
        assert [line.partition(" | ")[2] or line.partition("> ")[2] for line in pasted[:39]] == lines[:39]
        assert pasted[39].endswith("| !" + lines[39])


def test_a_password_is_asked_for_in_a_window_that_changes(window: Window):
    window.terminal.type("/register")
    window.terminal.until("Password: ?$")
    window.types("a secret 漢字")
    for width in (20, 60):
        window.becomes(width)
        wait_until(partial(asks, window), lambda: str(window.rows))
    window.terminal.press("Enter")
    window.terminal.until("Once more: ?$")
    window.terminal.type("a secret 漢字")
    window.terminal.until("Logged in as ann")
    assert "secret" not in window.terminal.screen


def asks(window: Window) -> bool:
    return sum("Password:" in row for row in window.rows) == 1
