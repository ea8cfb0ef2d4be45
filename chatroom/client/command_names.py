"""Command names: which command a typed line is, by the rule of the server's reader."""

from __future__ import annotations

from chatroom.chat.syntax.blanks import is_blank, without_leading

_SLASHES = ("/", "／")
"""A slash, and the full-width one of Chinese and Japanese keyboards."""


def command_name(text: str) -> str:
    """
    Return the name of the command in *text*, in lower case behind a slash; "" if there is none.

    Blanks in front don't hide a command, visible or not; two slashes at the very start say one.
    """
    if text.startswith("//"):
        return ""
    line = without_leading(text)
    if not line.startswith(_SLASHES):
        return ""
    words = line[1:].split(maxsplit=1)
    name = words[0] if words else ""
    return "/" + "".join(character for character in name if not is_blank(character)).lower()


def leaves(text: str) -> bool:
    """Return whether the server reads *text* as goodbye."""
    return text.strip() == "exit" or command_name(text) in ("/exit", "/quit")
