"""The terminal after the client: its settings and flags are those from before, however it stopped or ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from prompt_toolkit.utils import get_cwidth

from .clients import TextClient
from .processes import program, wait_until
from .server import Server
from .terminals import Terminal, Terminals

pytestmark = pytest.mark.slow

BLOCKING = f"{sys.executable} -c 'import os; print(*map(os.get_blocking, range(3)))'"
"""Prints whether reading and writing waits: O_NONBLOCK belongs to the open file that all have in common."""


class Window:
    """A window in which the client runs between two looks at the terminal."""

    def __init__(self, terminals: Terminals, folder: Path, server: Server) -> None:
        self._terminals = terminals
        self._folder = folder
        self._server = server
        self._shell: Terminal | None = None

    @property
    def client(self) -> Terminal:
        assert self._shell is not None
        return self._shell

    def runs(self, *options: str, out_of: str = "", into: str = "") -> Terminal:
        """Run the client with *options*, in a pipeline that begins with *out_of* and ends with *into*."""
        chat = f"{program('chatroom')} localhost:{self._server.port} --nick ann {' '.join(options)}"
        script = f"stty -g >before; {out_of} sh -c 'echo $$ >pid; exec {chat}' {into}; stty -g >after; {BLOCKING}"
        self._shell = self._terminals.open("ann", program("sh"), "-c", script)
        return self._shell

    @property
    def pid(self) -> int:
        return int((self._folder / "pid").read_text())

    def is_as_before(self) -> bool:
        """Wait for the end, and compare."""
        self.client.ended()
        self.client.until("True True True$")
        return (self._folder / "before").read_text() == (self._folder / "after").read_text()


@pytest.fixture
def window(server: Server, tmp_path: Path) -> Iterator[Window]:
    program("stty")
    with Terminals(tmp_path) as terminals:
        yield Window(terminals, tmp_path, server)


@pytest.mark.parametrize("options", [(), ("--plain",)])
@pytest.mark.parametrize("end", ["exit", "SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "kicked out"])
def test_each_end_restores_the_terminal(window: Window, server: Server, options: tuple[str, ...], end: str):
    """Also while a password is asked for, and so not shown."""
    ann = window.runs(*options)
    ann.until("alone here")
    ann.type("/register")
    ann.until("New password")
    if end == "exit":
        ann.press("Enter")
        ann.type("exit")
    elif end == "kicked out":
        server.kill()
        ann.until("reconnecting")
        ann.press("Enter", "C-d", "C-d")
        if options:
            os.kill(window.pid, signal.SIGTERM)
    else:
        os.kill(window.pid, signal.Signals[end])
    assert window.is_as_before()


def test_a_client_that_fails_at_once_restores_the_terminal(window: Window, server: Server):
    """Nobody is listening."""
    server.kill()
    window.runs().until("Is the server running")
    assert window.is_as_before()


@pytest.mark.parametrize("end", ["SIGHUP", "SIGQUIT", "SIGTERM"])
def test_a_signal_at_the_first_password_restores_the_terminal(window: Window, end: str):
    """Nothing else runs yet."""
    window.runs("--login").until("Password for ann:")
    os.kill(window.pid, signal.Signals[end])
    assert window.is_as_before()


def test_tee_prints_on_while_the_client_reads_the_terminal(window: Window, server: Server, tmp_path: Path):
    """Both have the same terminal open."""
    ann = window.runs(into="| tee log")
    ann.until("alone here")
    with TextClient(server.port, "bob") as bob:
        bob.type("\n".join(f"line {number}" for number in range(500)))
        ann.until("<bob> line 499$|^ {6}[|] line 499$")
    ann.type("exit")
    assert window.is_as_before()
    assert "line 499" in (tmp_path / "log").read_text()


def test_less_shows_the_chat_and_ends_it(window: Window, server: Server):
    """It reads its keys from the terminal, so the client does not."""
    program("less")
    ann = window.runs(into="| less", out_of="sleep 5 |")
    with TextClient(server.port, "bob") as bob:
        bob.until("-- ann joined")
        bob.type("\n".join(f"line {number}" for number in range(60)))
        ann.until("ann and bob")
        ann.press("q")
        bob.until("-- ann left")
    assert window.is_as_before()


def test_head_ends_the_chat(window: Window):
    """As soon as it has had its lines."""
    window.runs(into="| head -1").until("^-- Welcome, ann")
    window.client.press("Enter")
    assert window.is_as_before()


def test_script_records_the_chat(window: Window):
    """It gives the client a terminal of its own."""
    script = program("script")
    chat = f"{program('chatroom')} localhost:{window._server.port} --nick bob"
    ann = window.runs("--version", into=f'; {script} -q -c "{chat}" typescript')
    ann.until("alone here")
    ann.type("exit")
    assert window.is_as_before()


class Shell:
    """An interactive shell, with job control, in which the client runs."""

    def __init__(self, terminals: Terminals, server: Server) -> None:
        self.terminal = terminals.open("shell", program("bash"), "--norc", "-i")
        self.terminal.type(f"PS1='sh> '; stty -g; {program('chatroom')} localhost:{server.port} --nick ann; stty -g")

    def pid(self) -> int:
        return int(subprocess.check_output([program("pgrep"), "-n", "-f", "chatroom localhost.*--nick ann"]))


@pytest.fixture
def shell(server: Server, tmp_path: Path) -> Iterator[Shell]:
    with Terminals(tmp_path) as terminals:
        shell = Shell(terminals, server)
        shell.terminal.until("alone here")
        yield shell


@pytest.mark.parametrize("stop", ["Ctrl-Z", "SIGTSTP", "SIGSTOP"])
def test_a_stopped_client_goes_on_where_it_was(shell: Shell, server: Server, stop: str):
    """The shell has its terminal meanwhile; then the half-typed line stands there again."""
    ann = shell.terminal
    ann.press("h", "a", "l", "f")
    ann.until("> half$")
    if stop == "Ctrl-Z":
        ann.press("C-z")
    else:
        os.kill(shell.pid(), signal.Signals[stop])
    ann.until("Stopped")
    ann.type("echo $((6*7))")
    ann.until("^42$")
    with TextClient(server.port, "bob") as bob:
        bob.type("hello")
        ann.type("fg")
        ann.until("<bob> hello$")
        ann.until("> half$")
        ann.type(" and whole")
        bob.until("<ann> half and whole")
    # Raw mode: it is a key again, not an interrupt.
    ann.press("x", "C-c")
    ann.type("exit")
    ann.until("Goodbye")
    before, after = [line for line in ann.screen.splitlines() if line.count(":") > 20][::1][:2]
    assert before == after


def test_a_window_that_is_closed_ends_the_client(server: Server, tmp_path: Path):
    """With a goodbye, and without using up the processor."""
    with TextClient(server.port, "bob") as bob:
        with Terminals(tmp_path) as terminals:
            chat = f"{program('chatroom')} localhost:{server.port} --nick ann"
            terminals.open("ann", program("sh"), "-c", f"echo $$ >pid; exec {chat}").until("ann and bob")
        bob.until("-- ann left #lobby")
    pid = (tmp_path / "pid").read_text().strip()
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the client is still there")


def test_a_client_that_ignores_the_hangup_notices_that_the_terminal_is_gone(server: Server, tmp_path: Path):
    """As with ``nohup``, which ignores SIGHUP."""
    with Terminals(tmp_path) as terminals:
        chat = f"{program('chatroom')} localhost:{server.port} --nick ann"
        terminals.open("ann", program("sh"), "-c", f"trap '' HUP; echo $$ >pid; exec {chat}").until("alone here")
    pid = (tmp_path / "pid").read_text().strip()
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the client is still there")


def test_a_narrower_window_has_one_prompt(server: Server, tmp_path: Path):
    """However wide its characters; also when it is made wider again."""
    typed = "a long half-typed line with 漢字漢字漢字漢字 and e\u0301e\u0301 in it, which goes on and on " * 2
    with Terminals(tmp_path) as terminals:
        ann = terminals.open("ann", program("chatroom"), f"localhost:{server.port}", "--nick", "ann")
        ann.until("alone here")
        with TextClient(server.port, "bob") as bob:
            bob.type("\n".join(f"line {number}" for number in range(60)))
            ann.until("line 59$")
        ann.until("bob left")
        terminals.tmux("send-keys", "-t", "ann", "-l", typed)
        wait_until(lambda: "> a long half" in ann.screen, lambda: ann.screen)
        for width in (60, 41, 90, 25, 120):
            terminals.tmux("resize-window", "-t", "ann", "-x", str(width))
            wait_until(partial(is_drawn, terminals, width), lambda: ann.screen)
        wait_until(lambda: ann.screen.count("#lobby> ") == 1, lambda: ann.screen)
        terminals.tmux("kill-window", "-t", "ann")


def is_drawn(terminals: Terminals, width: int) -> bool:
    """Whether the first row of the prompt is as wide as the window, up to half of a wide character."""
    rows = terminals.tmux("capture-pane", "-p", "-t", "ann").splitlines()
    return any(row.startswith("#lobby> a long") and width - 2 <= get_cwidth(row) <= width for row in rows)
