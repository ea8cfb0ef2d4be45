"""Credentials: the nick, the resume token and the password that let a person in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from chatroom.chat.refusals import (
    BadName,
    BannedHere,
    CannotResume,
    Insecure,
    NickTaken,
    NotAllowed,
    NotNow,
    TlsOnly,
    TooLong,
    TooSoon,
    WrongPassword,
)
from chatroom.chat.replies import LoggedIn, LoggedOut

_ABOUT_THE_NICK = (NickTaken.code, BadName.code, TooLong.code)
_ABOUT_THE_LOGIN = (WrongPassword.code, Insecure.code, TooSoon.code, NotNow.code)
_FOR_GOOD = (BannedHere.code, NotAllowed.code, TlsOnly.code)


class AfterRefusal(Enum):
    """What to do after the server refused a hello."""

    RETRY = "say hello again at once, with the credentials that are left"
    OTHER_NICK = "ask for another nick"
    RETRY_LATER = "try again later: the server is full, or shutting down"
    GIVE_UP = "do not try again"


class Credentials:
    """
    What identifies this person to the server.

    :param rooms: the rooms to enter; none: the server's choice.
    :param password: the password of the nick's account; "": enter as a guest.
    """

    def __init__(self, rooms: Sequence[str] = (), password: str = "") -> None:
        self.resume = ""
        """The token that resumes the session, including its login."""
        self.account = ""
        """The account that is logged in; "": none."""
        self.role = ""
        """``account`` or ``admin`` while logged in, otherwise ""."""
        self._rooms = tuple(rooms)
        self._password = password
        self._declined = False

    def log_in(self, password: str) -> None:
        """Say hello with *password* from now on; "": the nick is not this person's, so they want another one."""
        self._password, self._declined = password, not password

    def hello(self, nick: str, seen: Mapping[str, int]) -> dict[str, Any]:
        """Build the first object of a connection; *seen* has the last seq received, by room."""
        hello: dict[str, Any] = {"type": "hello", "nick": nick}
        if self.resume:
            return hello | {"resume": self.resume, "seen": seen}
        if self._password or self._declined:
            hello["password"] = self._password
        return hello | {"rooms": self._rooms} if self._rooms else hello

    def refused(self, code: str, *, greeted: bool) -> AfterRefusal:
        """
        Drop the credential that the server refused, for the reason *code*.

        :param greeted: the server has let us in before, so nothing was mistyped.
        """
        if code == CannotResume.code and self.resume:
            self.resume = self.account = self.role = ""
            return AfterRefusal.RETRY
        if code in _ABOUT_THE_NICK:
            # The password belonged to the refused nick.
            self._password = ""
            return AfterRefusal.OTHER_NICK
        return AfterRefusal.GIVE_UP if code in _FOR_GOOD or not greeted else AfterRefusal.RETRY_LATER

    def login_refused(self, code: str) -> bool:
        """
        Return whether *code*, after the welcome, refuses the hello's password; if so, drop it.

        The server has let us in anyway, as a guest.
        """
        refused = bool(self._password) and not self.account and code in _ABOUT_THE_LOGIN
        if refused:
            self._password = ""
        return refused

    def entered(self, role: str) -> None:
        """Learn from the *role* in a room whether this person is still logged in."""
        if role == "guest":
            self.account = self.role = ""
        elif role in ("account", "admin"):
            self.role = role

    def role_in(self, *, operator: bool) -> str:
        """Return the role in short: ``admin``, ``op`` for an *operator* of the room, ``account`` or ""."""
        return "op" if operator and self.role != "admin" else self.role

    def remember_rooms(self, rooms: Sequence[str]) -> None:
        """Remember the rooms to enter if the token turns out to be invalid."""
        self._rooms = tuple(rooms)

    def logged_in(self, reply: LoggedIn) -> bool:
        """Note a login; return whether that is new."""
        news = (self.account, self.role) != (reply.account, reply.role)
        self.account, self.role = reply.account, reply.role
        self.resume = reply.resume or self.resume
        return news

    def logged_out(self, reply: LoggedOut) -> None:
        """Note a logout: a guest from now on."""
        self.account = self.role = self._password = ""
        self.resume = reply.resume or self.resume
