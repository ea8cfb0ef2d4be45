"""Replies about presence: welcome, nicks, login, goodbye and notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from .reply import Reply


@dataclass(frozen=True, slots=True)
class Notice(Reply):
    """
    A notice from the server.

    ``about`` tells doors that have words of their own for some notices what this one says, and ``names`` of whom or
    which room; they are not sent.
    """

    type: ClassVar[str] = "notice"
    text: str
    about: str = field(default="", metadata={"sent": False})
    names: tuple[str, ...] = field(default=(), metadata={"sent": False})


@dataclass(frozen=True, slots=True)
class Refused(Reply):
    """A refusal; *code* is stable and for programs, *text* is for people."""

    type: ClassVar[str] = "refused"
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Welcome(Reply):
    """
    The reply to hello: the person has a name now.

    ``resume`` is the token that continues this session from another connection, for ``lasts`` seconds;
    ``resumed`` says whether this very session was continued.  An `RoomEntered` follows for each room.

    ``commands`` has the help of each typed command, by usage.  ``secrets`` has the position (from 1) of the first
    argument that may be a password or a key; ``moves`` lists commands that change the current room, and ``asks`` those
    that ask for a secret that is missing.  Older servers don't send these three.
    """

    type: ClassVar[str] = "welcome"
    nick: str
    resume: str
    lasts: int
    resumed: bool
    server: str
    commands: Mapping[str, str]
    secrets: Mapping[str, int] | None = None
    moves: tuple[str, ...] | None = None
    asks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CaughtUp(Reply):
    """Everything missed has been shown; from here on events are live."""

    type: ClassVar[str] = "live"


@dataclass(frozen=True, slots=True)
class NickChanged(Reply):
    """The person's nick is *nick* from here on."""

    type: ClassVar[str] = "nick"
    nick: str


@dataclass(frozen=True, slots=True)
class PasswordWanted(Reply):
    """
    A password prompt: the next line is the password for *command*, and not echoed.

    Programs get no such prompt: they ask the user for each of ``wants``, the fields that are secret, and send the
    command again with them.  ``given`` has those of them that were given already; it is not sent.
    """

    type: ClassVar[str] = "password_wanted"
    command: str
    nick: str
    wants: tuple[str, ...] = ("password",)
    given: Mapping[str, str] = field(default_factory=dict, repr=False, metadata={"sent": False})

    @property
    def missing(self) -> str:
        """The first of the fields that is still to be asked for."""
        return next((one for one in self.wants if one not in self.given), "password")


@dataclass(frozen=True, slots=True)
class LoggedIn(Reply):
    """
    The person is logged in to the account *account*, with the role ``account`` or ``admin``.

    ``resume`` replaces the token of the welcome: it continues the login, too.  ``new_password`` is sent only if it is
    so: the password has just been changed, and nothing else.
    """

    type: ClassVar[str] = "logged_in"
    account: str
    role: str
    resume: str
    new_password: bool = field(default=False, metadata={"sparse": True})


@dataclass(frozen=True, slots=True)
class LoggedOut(Reply):
    """The person is a guest again, for *reason*; ``resume`` replaces the token that they had."""

    type: ClassVar[str] = "logged_out"
    reason: str
    resume: str


@dataclass(frozen=True, slots=True)
class Time(Reply):
    """The server's time, in seconds since the epoch."""

    type: ClassVar[str] = "time"
    at: float


@dataclass(frozen=True, slots=True)
class Help(Reply):
    """
    The help for one command or all of them: ``(usage, what it does)`` each.

    ``groups`` has the heading of each; older servers don't send it.  ``more`` is how many were left out, because this
    person may not use them here.
    """

    type: ClassVar[str] = "help"
    commands: tuple[tuple[str, str], ...]
    groups: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Pong(Reply):
    """All earlier commands have been answered."""

    type: ClassVar[str] = "pong"


@dataclass(frozen=True, slots=True)
class Goodbye(Reply):
    """
    The last message on this connection.

    ``ended``: the session was ended by another one, so nothing resumes it; ``again``: the client is to connect again
    at once, because this process is replaced.  Each is sent only if it is so.
    """

    type: ClassVar[str] = "goodbye"
    text: str
    ended: bool = field(default=False, metadata={"sparse": True})
    again: bool = field(default=False, metadata={"sparse": True})
