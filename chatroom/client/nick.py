"""The nick to start with: the login name if that can be one, otherwise the person's choice."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable

from chatroom.chat.limits import Limits
from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax import names

GUEST = "guest"
"""The nick where nobody can be asked for one."""


def nick_from_login(login: str) -> str:
    """Derive a nick from a login name; "" if that is impossible, as with ``root``."""
    longest = Limits().nick
    kept = re.sub(r"[^\w.-]+", "-", login.partition("@")[0])[:longest].strip("-.")
    try:
        return names.nick(kept, longest)[0]
    except Refusal:
        return ""


def find_nick(ask: Callable[[str], str] | None, tell: Callable[[str], object]) -> str:
    """
    Find a nick for somebody who has given none.

    :param ask: asks a question on the terminal; None: there is no terminal.
    :param tell: shows a line.
    :raises EOFError: if the person gives none.
    """
    login = login_name()
    nick = nick_from_login(login)
    if nick:
        return nick
    why = f"Your login name, {login}, can't be a nick" if login.isprintable() and login else "You have no login name"
    if ask is None:
        tell(f"-- {why}: you are {GUEST}. Choose a nick with --nick.")
        return GUEST
    tell(f"-- {why}. Choose another; --nick or client.toml saves the question.")
    while True:
        try:
            return names.nick(ask("Your nick: ").strip(), Limits().nick)[0]
        except Refusal as refusal:
            tell(f"!! {refusal}")


def login_name() -> str:
    """Return the login name, from ``$LOGNAME``, ``$USER`` or the list of users; "" if there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
