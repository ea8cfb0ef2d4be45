"""Framing: puts messages together as a wire carries them, in lines or in the messages of a WebSocket."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, TextMessage

from ..sanitize import clean
from .message import MAX_LINE

Framing = Callable[[Sequence[str]], bytes]
"""
Puts messages together as they are sent.

Some repeat what a client has sent, so whatever could damage a screen or end a line is removed here, and what is too
long is cut.
"""

_ACTION = re.compile("((?:@[^ ]+ )?:[^ ]+ PRIVMSG [^ ]+ :)\1ACTION (.*)\1", re.DOTALL)
"""An action: the only line with characters that cannot be seen."""

_WEBSOCKET = Connection(ConnectionType.SERVER)
"""A server's frames depend on no connection: they are not masked, and nothing is compressed."""


def in_lines(lines: Sequence[str]) -> bytes:
    """End each of *lines* with CR LF."""
    if not lines:
        return b""
    text = "".join(lines)
    if not text.isprintable() or max(map(len, lines)) * (1 if text.isascii() else 4) > MAX_LINE - 2:
        # Line by line only then: lists have thousands of lines, and nearly all are good.
        lines = list(map(_fitting, lines))
    return "\r\n".join([*lines, ""]).encode()


def in_text(lines: Sequence[str]) -> bytes:
    """Make a text message of a WebSocket of each of *lines*."""
    return b"".join([_WEBSOCKET.send(TextMessage(_fitting(line))) for line in lines])


def in_binary(lines: Sequence[str]) -> bytes:
    """Make a binary message of a WebSocket of each of *lines*."""
    return b"".join([_WEBSOCKET.send(BytesMessage(_fitting(line).encode())) for line in lines])


SUBPROTOCOLS: dict[str, Framing] = {"binary.ircv3.net": in_binary, "text.ircv3.net": in_text}
"""What clients call their subprotocols of WebSocket (IRCv3, WebSocket)."""


def _fitting(line: str) -> str:
    if not line.isprintable():
        action = _ACTION.fullmatch(line)
        line = clean(line) if action is None else f"{clean(action[1])}\1ACTION {clean(action[2])}\1"
    most = MAX_LINE - 2
    if len(line) * 4 <= most:
        return line
    tags, space, rest = line.partition(" ") if line.startswith("@") else ("", "", line)
    encoded = rest.encode()
    return line if len(encoded) <= most else f"{tags}{space}{encoded[:most].decode(errors='ignore')}"
