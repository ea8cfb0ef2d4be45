"""Answers about being here: coming in, one's name, going, and whatever the server has to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from .reply import Reply


@dataclass(frozen=True, slots=True)
class Notice(Reply):
    """The server has something to say."""

    type: ClassVar[str] = "notice"
    text: str


@dataclass(frozen=True, slots=True)
class Refused(Reply):
    """A rule said no; *code* is for programs and never changes its meaning, *text* is for people."""

    type: ClassVar[str] = "refused"
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Welcome(Reply):
    """
    The person has a name now.

    ``resume`` is the token that continues this session from another connection, for ``lasts`` seconds;
    ``resumed`` says whether this very session was continued.  An `RoomEntered` follows for each room.

    ``commands`` says by usage what each command that can be typed does.  ``secrets`` has the place of the first
    argument that may be a password or a key, from 1 up, for each command with one; ``moves`` names those after
    which the person is in another room.  A server that is older than these two does not send them.
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


@dataclass(frozen=True, slots=True)
class CaughtUp(Reply):
    """All that was missed has been shown; from here on everything is shown as it happens."""

    type: ClassVar[str] = "live"


@dataclass(frozen=True, slots=True)
class NickChanged(Reply):
    """The asker is *nick* from here on."""

    type: ClassVar[str] = "nick"
    nick: str


@dataclass(frozen=True, slots=True)
class PasswordWanted(Reply):
    """
    The next line is taken for the password that *command* lacks, and not shown while it is typed.

    Programs are not read that way: they ask, and send the command again with its ``password``.
    """

    type: ClassVar[str] = "password_wanted"
    command: str
    nick: str


@dataclass(frozen=True, slots=True)
class LoggedIn(Reply):
    """
    The person is logged in to the account *account*, with the role ``account`` or ``admin``.

    ``resume`` replaces the token of the welcome: it continues the login, too.
    """

    type: ClassVar[str] = "logged_in"
    account: str
    role: str
    resume: str


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
    How to use one command, or all of them: ``(usage, what it does)`` each.

    ``groups`` has the heading of each; a server that is older does not send it.
    """

    type: ClassVar[str] = "help"
    commands: tuple[tuple[str, str], ...]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pong(Reply):
    """Everything that was asked before has been answered."""

    type: ClassVar[str] = "pong"


@dataclass(frozen=True, slots=True)
class Goodbye(Reply):
    """The last thing that this connection hears."""

    type: ClassVar[str] = "goodbye"
    text: str
