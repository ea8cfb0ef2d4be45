"""Secrets: finding passwords in typed lines, and asking for those that are missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chatroom.chat.limits import Limits
from chatroom.chat.replies import PasswordWanted
from chatroom.dialects.sanitize import clean

PASSWORD_VARIABLE = "CHATROOM_PASSWORD"
"""
The environment variable with the password, for use without a terminal.

It is never an argument: every user of a machine can read the arguments of all processes.
"""

_SECRET_COMMAND = re.compile(
    r"^[^\S\n]*/(?:(?:login|register|password|lock)\s+\S|(?:join|account)\s+\S+\s+\S)", re.IGNORECASE | re.MULTILINE
)
"""
Commands that take a password or the key of a room, with something in its place.

Blanks before a command end with its line, or the time for a page of empty lines would grow quadratically.
"""


def holds_secret(text: str) -> bool:
    """Tell whether the typed *text* contains a password or key, which must not be kept."""
    return _SECRET_COMMAND.search(text) is not None


class PasswordQuestion:
    """
    A password that the server wants for a command.

    One that is new is asked for twice, because nobody sees what they type.
    """

    def __init__(self, wanted: PasswordWanted) -> None:
        self._wanted = wanted
        self._new = wanted.command == "register"
        self._first: str | None = None

    @property
    def prompt(self) -> str:
        """The question to show."""
        if self._first is not None:
            return "The same again: "
        kind = "New password" if self._new else "Password"
        return f"{kind} for {self._wanted.nick}: " if self._wanted.nick else f"{kind}: "

    def answer(self, password: str) -> Mapping[str, Any] | None:
        """
        Take the answer; return the command to send, or None if there is another question.

        :raises ValueError: if it cannot be sent; the text says why.
        """
        password = acceptable(password)
        if self._new and self._first is None:
            self._first = password
            return None
        if self._new and password != self._first:
            raise ValueError("The passwords don't match; nothing was sent.")
        nick = {"nick": self._wanted.nick} if self._wanted.nick else {}
        return {"type": self._wanted.command, **nick, "password": password}


def acceptable(password: str) -> str:
    """
    Return *password* as the server reads it behind a command.

    :raises ValueError: if it is too long for any server.
    """
    password = clean(password).strip()
    longest = Limits().password
    if len(password.encode(errors="replace")) > longest:
        raise ValueError(f"A password has at most {longest} bytes.")
    return password


def login_password(nick: str, environment: Mapping[str, str], ask: Callable[[str], str] | None) -> str:
    """
    Get the password of *nick* from the *environment*, or by asking.

    :param ask: asks on the terminal, without showing what is typed; None: there is no terminal.
    :raises ValueError: if there is none; the text says why.
    """
    password = environment.get(PASSWORD_VARIABLE, "")
    if not password:
        if ask is None:
            raise ValueError(f"There is no terminal to ask for the password: set {PASSWORD_VARIABLE}.")
        password = ask(f"Password for {nick}: ")
    password = acceptable(password)
    if not password:
        raise ValueError("No password was given.")
    return password
