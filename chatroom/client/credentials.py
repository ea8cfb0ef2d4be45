"""What one shows to the server to be let in: the nick, the token of last time, or the password."""

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
    """What to do when a hello has been refused."""

    RETRY = "say it again with the papers as they are now"
    OTHER_NICK = "say it again with another nick"
    RETRY_LATER = "try again later: the server is full, or shutting down"
    GIVE_UP = "do not try again"


class Credentials:
    """
    What lets one in, and as whom.

    :param rooms: the rooms to enter; none: the server's choice.
    :param password: the password of the nick's account; "": come as a guest.
    """

    def __init__(self, rooms: Sequence[str] = (), password: str = "") -> None:
        self.resume = ""
        """The token that continues the session, and the login with it."""
        self.account = ""
        """The nick of the account that one is logged in to; "": none."""
        self.role = ""
        """``account`` or ``admin`` while one is logged in."""
        self._rooms = tuple(rooms)
        self._password = password

    def hello(self, nick: str, seen: Mapping[str, int]) -> dict[str, Any]:
        """Build the first object of a connection; *seen* is where to read on from, by room."""
        hello: dict[str, Any] = {"type": "hello", "nick": nick}
        if self.resume:
            return hello | {"resume": self.resume, "seen": seen}
        if self._password:
            hello["password"] = self._password
        return hello | {"rooms": self._rooms} if self._rooms else hello

    def refused(self, code: str, *, greeted: bool) -> AfterRefusal:
        """
        Let go of what the server refused, for the reason *code*.

        :param greeted: it has let us in before, so nobody has mistyped anything.
        """
        if code == CannotResume.code and self.resume:
            self.resume = self.account = self.role = ""
            return AfterRefusal.RETRY
        if code in _ABOUT_THE_NICK:
            # The password belonged to the other one.
            self._password = ""
            return AfterRefusal.OTHER_NICK
        return AfterRefusal.GIVE_UP if code in _FOR_GOOD or not greeted else AfterRefusal.RETRY_LATER

    def login_refused(self, code: str) -> bool:
        """
        Tell whether *code*, which came after the welcome, refuses the password of the hello; let go of it then.

        The server has let us in all the same, as a guest.
        """
        refused = bool(self._password) and not self.account and code in _ABOUT_THE_LOGIN
        if refused:
            self._password = ""
        return refused

    def entered(self, role: str) -> None:
        """Learn from what one is called in a room whether one is logged in still."""
        if role == "guest":
            self.account = self.role = ""
        elif role in ("account", "admin"):
            self.role = role

    def been_in(self, rooms: Sequence[str]) -> None:
        """These are the rooms to enter, should the token be worth nothing any more."""
        self._rooms = tuple(rooms)

    def logged_in(self, reply: LoggedIn) -> bool:
        """Be somebody; return whether that is news."""
        news = (self.account, self.role) != (reply.account, reply.role)
        self.account, self.role = reply.account, reply.role
        self.resume = reply.resume or self.resume
        return news

    def logged_out(self, reply: LoggedOut) -> None:
        """Be a guest again, from now on."""
        self.account = self.role = self._password = ""
        self.resume = reply.resume or self.resume
