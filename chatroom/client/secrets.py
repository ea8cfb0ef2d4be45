"""Secrets: finding passwords in typed lines, and asking for those that are missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chatroom.chat.limits import Limits
from chatroom.chat.replies import PasswordWanted
from chatroom.dialects.sanitize import clean

from .command_names import command_name

PASSWORD_VARIABLE = "CHATROOM_PASSWORD"
"""
The environment variable with the password, for use without a terminal.

It is never an argument: every user of a machine can read the arguments of all processes.
"""

Secrets = Mapping[str, int] | None
"""
The position of the first argument that may be a secret, by command, from the server's welcome.

None before it, and with servers that don't send it: every argument of every command may be a secret.
"""


def holds_secret(text: str, secrets: Secrets) -> bool:
    """Return whether the typed *text* contains a password or key, which must not be kept."""
    left = len(text.split())
    for line in text.split("\n"):
        first = _first_secret(command_name(line), secrets)
        # The arguments may follow on the next lines.
        if first is not None and left > first:
            return True
        left -= len(line.split())
    return False


def _first_secret(name: str, secrets: Secrets) -> int | None:
    """Return the position of the first secret argument of the command *name*, or None."""
    if secrets is not None:
        return secrets.get(name)
    return 1 if name else None


class PasswordQuestion:
    """
    A password that the server wants for a command.

    It may be several, such as the old and the new one.  One that is new is asked for twice, because nobody sees what
    they type.

    :param repeats: whether somebody types it.
    """

    def __init__(self, wanted: PasswordWanted, *, repeats: bool = True) -> None:
        self._wanted = wanted
        self._left = list(wanted.wants)
        self._given: dict[str, str] = {}
        self._repeats = repeats
        self._first: str | None = None

    @property
    def prompt(self) -> str:
        """The question to show."""
        if self._first is not None:
            return "Repeat it: "
        kind = "New password" if self._is_new else "Old password" if self._left[0] == "old" else "Password"
        return f"{kind} for {self._wanted.nick}: " if self._wanted.nick else f"{kind}: "

    @property
    def _is_new(self) -> bool:
        return self._left[0] == "new" or self._wanted.command == "register"

    def answer(self, password: str) -> Mapping[str, Any] | None:
        """
        Take the answer; return the command to send, or None if there is another question.

        :raises ValueError: if it cannot be sent; the text says why.
        """
        password = acceptable(password)
        if self._is_new and self._repeats and self._first is None:
            self._first = password
            return None
        if self._first is not None and password != self._first:
            raise ValueError("The passwords don't match; nothing was sent.")
        self._first = None
        self._given[self._left.pop(0)] = password
        if self._left:
            return None
        nick = {"nick": self._wanted.nick} if self._wanted.nick else {}
        return {"type": self._wanted.command, **nick, **self._given}


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
