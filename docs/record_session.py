"""Records docs/session.svg: a real server and three real people in tmux, drawn as their terminals show them."""

from __future__ import annotations

import html
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WIDTH, HEIGHT = 76, 12
"""Columns and rows of each terminal."""
CELL, LINE, MARGIN, TITLE = 7.8, 17, 14, 26
"""Pixels: a character's width, a line's height, around a terminal, a terminal's title."""
COLOURS = ["#1b1f24", "#e5534b", "#57ab5a", "#c69026", "#539bf5", "#b083f0", "#39c5cf", "#cdd9e5"]
"""The eight colours of a terminal, then used for the bright ones too."""


class Terminals:
    """A tmux server of our own, with one window for each person."""

    def __init__(self, folder: str) -> None:
        self._tmux = ["tmux", "-f", "/dev/null", "-S", f"{folder}/tmux"]

    def run(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], check=True, capture_output=True, text=True).stdout

    def open(self, name: str, command: str) -> None:
        self.run("new-session", "-d", "-s", name, "-x", str(WIDTH), "-y", str(HEIGHT), command)
        self.run("set-option", "-t", name, "status", "off")

    def type(self, name: str, line: str) -> None:
        self.run("send-keys", "-t", name, "-l", line)
        self.run("send-keys", "-t", name, "Enter")

    def wait(self, name: str, text: str) -> None:
        deadline = time.monotonic() + 15
        while text not in self.run("capture-pane", "-p", "-t", name):
            if time.monotonic() > deadline:
                raise SystemExit(f"{name} never showed {text!r}:\n" + self.run("capture-pane", "-p", "-t", name))
            time.sleep(0.05)

    def screen(self, name: str) -> list[str]:
        return self.run("capture-pane", "-e", "-p", "-t", name).split("\n")[:HEIGHT]


def record(bin_folder: Path) -> dict[str, list[str]]:
    """Let three people chat, and return what their screens show, with colours."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        terminals = Terminals(folder)
        listen = f"tcp:{port}:interface=127.0.0.1"
        try:
            terminals.open("server", f"cd {folder}; {bin_folder}/twistd -n chatroom --data data --listen {listen}")
            terminals.wait("server", "Join with")
            terminals.open("nc", f"nc localhost {port}")
            terminals.wait("nc", "nick?")
            terminals.type("nc", "ann")
            terminals.wait("nc", "You are in")
            terminals.open("telnet", f"telnet localhost {port}")
            terminals.wait("telnet", "nick?")
            terminals.type("telnet", "bob")
            terminals.wait("telnet", "You are in")
            terminals.type("nc", "hello! I am here with netcat")
            terminals.wait("telnet", "netcat")
            terminals.type("telnet", "and I with telnet, as in 1983")
            terminals.wait("nc", "1983")
            terminals.open("chatroom", f"{bin_folder}/chatroom localhost:{port} --nick carol")
            terminals.wait("chatroom", "1983")
            terminals.wait("nc", "carol joined")
            terminals.type("chatroom", "hi ann and bob, this is chatroom's own client")
            terminals.wait("nc", "own client")
            terminals.type("telnet", "carol: can you see what we said before?")
            terminals.wait("chatroom", "what we said")
            terminals.type("chatroom", "/me scrolls up and nods")
            terminals.wait("telnet", "nods")
            terminals.wait("nc", "nods")
            terminals.run("send-keys", "-t", "chatroom", "-l", "incoming lines never touch what I am ty")
            terminals.wait("chatroom", "I am ty")
            terminals.type("nc", "see you at five")
            terminals.wait("chatroom", "at five")
            terminals.wait("telnet", "at five")
            return {name: terminals.screen(name) for name in ("nc", "telnet", "chatroom")}
        finally:
            terminals.run("kill-server")


def draw(screens: dict[str, list[str]]) -> str:
    """Draw each screen as a terminal, one below the other."""
    width = WIDTH * CELL + 2 * MARGIN
    each = TITLE + HEIGHT * LINE + MARGIN
    font = 'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13"'
    size = f'viewBox="0 0 {width:.0f} {each * len(screens) + MARGIN}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>']
    for number, (name, lines) in enumerate(screens.items()):
        top = MARGIN + number * each
        box = TITLE + HEIGHT * LINE
        parts.append(f'<rect x="6" y="{top - 6}" width="{width - 12:.0f}" height="{box}" rx="6" fill="#22272e"/>')
        parts.append(f'<text x="{MARGIN}" y="{top + 11}" fill="#768390">{name}</text>')
        for row, line in enumerate(lines):
            parts.append(_line(line, top + TITLE + 4 + row * LINE))
    return "\n".join([*parts, "</svg>", ""])


def _line(line: str, y: float) -> str:
    spans, column, style = [], 0, {"fill": COLOURS[7], "weight": "400", "reverse": ""}
    for codes, text in re.findall(r"(?:\x1b\[([0-9;]*)m)|([^\x1b]+)", line):
        if not text:
            _restyle(style, codes)
            continue
        x = MARGIN + column * CELL
        fill = COLOURS[0] if style["reverse"] else style["fill"]
        if style["reverse"]:
            spans.append(
                f'<rect x="{x:.1f}" y="{y - 13}" width="{len(text) * CELL:.1f}" height="{LINE}" fill="{COLOURS[7]}"/>'
            )
        spans.append(
            f'<text x="{x:.1f}" y="{y}" fill="{fill}" font-weight="{style["weight"]}" xml:space="preserve" '
            f'textLength="{len(text) * CELL:.1f}">{html.escape(text)}</text>'
        )
        column += len(text)
    return "".join(spans)


def _restyle(style: dict[str, str], codes: str) -> None:
    numbers = [int(one or 0) for one in codes.split(";")]
    while numbers:
        code = numbers.pop(0)
        if code == 0:
            style.update(fill=COLOURS[7], weight="400", reverse="")
        elif code == 1:
            style["weight"] = "700"
        elif code == 7:
            style["reverse"] = "yes"
        elif code == 27:
            style["reverse"] = ""
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style["fill"] = COLOURS[code % 10]
        elif code == 38:
            style["fill"] = _of_256(numbers[1])
            del numbers[:2]
        elif code == 39:
            style["fill"] = COLOURS[7]


def _of_256(number: int) -> str:
    """Return a colour of the table of 256: a cube of colours, then a ramp of greys."""
    if number < 16:
        return COLOURS[number % 8]
    if number < 232:
        steps = (0, 95, 135, 175, 215, 255)
        levels = [steps[(number - 16) // 36], steps[(number - 16) // 6 % 6], steps[(number - 16) % 6]]
    else:
        levels = [8 + 10 * (number - 232)] * 3
    return "#" + "".join(f"{level:02x}" for level in levels)


if __name__ == "__main__":
    for program in ("tmux", "nc", "telnet"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is not installed.")
    os.environ["TERM"] = "xterm"
    picture = draw(record(Path(sys.executable).parent))
    Path(__file__).with_name("session.svg").write_text(picture, "utf-8")
