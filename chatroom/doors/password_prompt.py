"""Password prompts: what comes of the answer to a question for one."""

from __future__ import annotations

from dataclasses import replace

from chatroom.chat.command_table import Command
from chatroom.chat.commands import from_fields
from chatroom.chat.replies import PasswordWanted

NONE_GIVEN = "No password was given; nothing has changed."


def is_new(wanted: PasswordWanted) -> bool:
    """Return whether the next answer to *wanted* is a password that somebody chooses."""
    return wanted.command == "register" or wanted.missing == "new"


def given(wanted: PasswordWanted, password: str) -> Command | PasswordWanted | None:
    """
    Return the command that wanted *password*, or the question for what is still missing; None if none was given.

    :raises Refusal: if the command cannot be made of it.
    """
    so_far = {**wanted.given, wanted.missing: password}
    if password and len(so_far) < len(wanted.wants):
        return replace(wanted, given=so_far)
    if password or wanted.command == "hello":
        return from_fields(wanted.command, {"nick": wanted.nick or None, **so_far})
    return None
