"""New passwords: asked for without being shown, checked, and hashed."""

from __future__ import annotations

import sys
from getpass import getpass

from chatroom.chat.limits import Limits
from chatroom.chat.refusals import BadInput, TooLong
from chatroom.dialects.sanitize import clean


def ask() -> str:
    """
    Ask for a new password: twice at a terminal, or else it is the first line of standard input.

    :raises Refusal: if it is not acceptable.
    """
    if sys.stdin is None:
        raise BadInput("No password was given: there is no standard input.")
    if not sys.stdin.isatty():
        return acceptable(_first_line())
    try:
        password = acceptable(getpass("Password: "))
        if getpass("Repeat it: ") != password:
            raise BadInput("The passwords don't match.")
    except EOFError:
        raise BadInput("No password was given.") from None
    return password


def acceptable(password: str) -> str:
    """
    Check that *password* can be typed in the chat.

    :raises Refusal: if it is not acceptable.
    """
    if not password:
        raise BadInput("No password was given.")
    if clean(password) != password or password.strip() != password:
        raise BadInput("A password must not start or end with a space, or contain tabs or other control characters.")
    shortest = Limits().shortest_password
    if len(password) < shortest:
        raise BadInput(f"A password has at least {shortest} characters.")
    if len(password.encode()) > Limits().password:
        raise _too_long()
    return password


def hashed(password: str) -> str:
    """Hash *password* for storage; this takes a tenth of a second or two."""
    # Imported here, because most commands need neither Twisted nor Argon2.
    from chatroom.passwords import Argon

    return Argon().hash(password)


def _first_line() -> str:
    longest = Limits().password
    # One byte more than the longest password with its newline shows that it is too long.
    line = sys.stdin.buffer.readline(longest + 3).removesuffix(b"\n").removesuffix(b"\r")
    if len(line) > longest:
        raise _too_long()
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise BadInput("That password is not UTF-8.") from None


def _too_long() -> TooLong:
    return TooLong(f"A password has at most {Limits().password} bytes.")
