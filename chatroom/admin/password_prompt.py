"""Passwords as an admin sets them: asked for without being shown, checked, and hashed."""

from __future__ import annotations

import sys
from getpass import getpass

from chatroom.chat.limits import Limits
from chatroom.chat.logins import SHORTEST
from chatroom.chat.refusals import BadInput, TooLong
from chatroom.dialects.sanitize import clean


def ask() -> str:
    """
    Have a password chosen: typed twice at a terminal, where it is not shown, or else the first line of the input.

    :raises Refusal: if it cannot be one.
    """
    if sys.stdin is None:
        raise BadInput("No password was given: there is no standard input.")
    if not sys.stdin.isatty():
        return acceptable(_first_line())
    try:
        password = acceptable(getpass("Password: "))
        if getpass("The same again: ") != password:
            raise BadInput("These were two different passwords.")
    except EOFError:
        raise BadInput("No password was given.") from None
    return password


def acceptable(password: str) -> str:
    """
    Check *password*: what is set here must be what can be typed in the chat.

    :raises Refusal: if it cannot be one.
    """
    if not password:
        raise BadInput("No password was given.")
    if clean(password) != password or password.strip() != password:
        raise BadInput("A password has no spaces at its ends, and no tabs or other control characters.")
    if len(password) < SHORTEST:
        raise BadInput(f"A password has at least {SHORTEST} characters.")
    if len(password.encode()) > Limits().password:
        raise _too_long()
    return password


def hashed(password: str) -> str:
    """Make what is stored in place of *password*; it takes a tenth of a second or two."""
    # Here, because most commands need neither Twisted nor Argon2.
    from chatroom.passwords import Argon

    return Argon().hash(password)


def _first_line() -> str:
    longest = Limits().password
    # One byte more than the longest with its newline is enough to know that it is too long.
    line = sys.stdin.buffer.readline(longest + 3).removesuffix(b"\n").removesuffix(b"\r")
    if len(line) > longest:
        raise _too_long()
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise BadInput("That password is not UTF-8.") from None


def _too_long() -> TooLong:
    return TooLong(f"A password has at most {Limits().password} bytes.")
