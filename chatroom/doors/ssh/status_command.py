"""The command ``/status`` of a terminal, which the chat knows nothing of: its usage, and its place in ``/help``."""

from __future__ import annotations

from dataclasses import replace

from chatroom.chat.replies import Help

NAME = "/status"
USAGE = f"{NAME} [on|off]"

_HELP = "show the line below, with who and where you are, or hide it"
_GROUP = "This terminal"

EXPLAINED = Help(((USAGE, _HELP),), (_GROUP,))
"""The help for it alone."""


def with_status(reply: Help) -> Help:
    """Add it to the list of all commands."""
    if len(reply.commands) < 2:
        return reply
    return replace(reply, commands=(*reply.commands, *EXPLAINED.commands), groups=(*reply.groups, *EXPLAINED.groups))


def asks_for_help(words: list[str]) -> bool:
    """Return whether the line of these *words*, in lower case, asks what the command does."""
    return words[:1] in (["/help"], ["/?"]) and words[1:] in ([NAME], [NAME.removeprefix("/")])
