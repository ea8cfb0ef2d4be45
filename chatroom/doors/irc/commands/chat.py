"""CHAT: the commands that the other doors have, and what must not be said because it is such a command."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from chatroom.chat.command_table import NAMES, secrets
from chatroom.chat.commands.typed import SLASHES, parse_line
from chatroom.chat.syntax.blanks import without_leading
from chatroom.dialects.irc.message import Message
from chatroom.dialects.irc.names import SERVICES
from chatroom.dialects.sanitize import clean

from ..actions import irc
from .rooms import own_room

if TYPE_CHECKING:
    from ..client import Client

_SECRET = frozenset({"identify", "ns", "oper", "pass"}) | SERVICES
"""Commands of IRC, and names, in lower case, behind which a password comes."""

_SENDING = frozenset({"chat", "msg", "notice", "query", "quote", "raw"})
"""Commands of clients, in lower case, that send what comes behind them."""


@irc("CHAT", least=1)
async def chat(door: Client, message: Message) -> None:
    """Run a command of this server as people type it, with or without its slash: CHAT /help, CHAT #tea /slow 20."""
    words = message.params
    if words[0].startswith("#"):
        room = own_room(door, words[0])
        if room is None:
            return
        door.session.current, words = room.name, words[1:]
    if len(words) > 1 and words[0].lstrip(SLASHES).lower() == "react" and words[-1].endswith(":"):
        # IRC takes the colon before the last word for its own, which is a part of :heart:.
        words = (*words[:-1], f":{words[-1].removeprefix(':')}")
    typed = without_leading(clean(" ".join(words))).lstrip(SLASHES)
    # It never says anything without a command: what is meant for the server may hold a password.
    command = parse_line(f"/{typed}")
    if command is None:
        return
    door.viewer.on_behalf = True
    try:
        task = command.run(door.hub, door.session)
        if task is not None:
            await task
        await door.session.flushed()
    finally:
        door.viewer.on_behalf = False


def hint(name: str) -> str:
    """Say that IRC has no command *name*, and how to use it if the other doors have it."""
    spec = NAMES.get(name.lower())
    return f"Unknown command; try /quote CHAT {spec.usage}" if spec is not None and spec.typed else "Unknown command"


def holds_secret(text: str) -> bool:
    """Return whether *text* looks like a command with a password, typed so that the client did not take it for one."""
    if text[:1].isalnum():
        # Nearly every line.
        return False
    typed = without_leading(text)
    if not typed or typed[0] not in SLASHES:
        return False
    words = deque(word.lstrip(SLASHES) for word in typed.lower().split())
    while words and words[0] in _SENDING:
        words.popleft()
    if not words:
        return False
    place = 1 if words[0] in _SECRET else secrets().get(f"/{words[0]}", len(words))
    return len(words) > place
