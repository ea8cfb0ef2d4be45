"""What the house answers to one person only; never stored, and so without a seq."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from .events import Event

Numbered = tuple[int, Event]
"""An event with its seq."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to one person."""

    type: ClassVar[str]


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
    ``resumed`` says whether this very session was continued, ``commands`` names each command that can
    be typed and says what it does.  An `Entered` follows for each room.
    """

    type: ClassVar[str] = "welcome"
    nick: str
    resume: str
    lasts: int
    resumed: bool
    server: str
    commands: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entered(Reply):
    """
    The person is in this room, and it is their current one.

    ``seq`` is the last event before whatever is delivered next; ``recent`` is the end of what was
    said before, empty for those who asked to read on from where they were.  ``role`` is the asker's
    own there, ``settings`` those of the room that are not the ordinary ones: see `SettingChanged`.
    """

    type: ClassVar[str] = "room"
    room: str
    topic: str
    people: tuple[str, ...]
    seq: int
    recent: tuple[Numbered, ...] = ()
    role: str = "guest"
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Live(Reply):
    """All that was missed has been shown; from here on everything is shown as it happens."""

    type: ClassVar[str] = "live"


@dataclass(frozen=True, slots=True)
class Named(Reply):
    """The asker is *nick* from here on."""

    type: ClassVar[str] = "nick"
    nick: str


@dataclass(frozen=True, slots=True)
class Person:
    """
    Someone in a room.

    ``idle`` is in seconds, ``connected`` False while a broken connection may return, ``role`` is
    ``guest``, ``account``, ``operator`` (of the room that is listed) or ``admin``, ``away`` what they
    said when they went away (None: they are not).
    """

    nick: str
    door: str
    idle: int
    connected: bool
    role: str = "guest"
    away: str | None = None


@dataclass(frozen=True, slots=True)
class Who(Reply):
    """Who is in the room."""

    type: ClassVar[str] = "who"
    room: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Whois(Reply):
    """
    What may be known about one person; ``since`` is in seconds since the epoch.

    ``account`` is the nick of the account that they are logged in to, ``address`` is for admins only;
    both are empty if there is none to tell.
    """

    type: ClassVar[str] = "whois"
    person: Person
    rooms: tuple[str, ...]
    since: float
    account: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class RoomLine:
    """One row of the list of rooms."""

    room: str
    people: int
    topic: str


@dataclass(frozen=True, slots=True)
class Rooms(Reply):
    """Which rooms have someone in them, the fullest first."""

    type: ClassVar[str] = "rooms"
    rooms: tuple[RoomLine, ...]


@dataclass(frozen=True, slots=True)
class Topic(Reply):
    """The room's topic; empty if it has none."""

    type: ClassVar[str] = "topic_is"
    room: str
    topic: str


@dataclass(frozen=True, slots=True)
class Recalled(Reply):
    """A page of a room's history, oldest first, with the seq of each event; ``more`` if older ones exist."""

    type: ClassVar[str] = "history"
    room: str
    events: tuple[Numbered, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Gap(Reply):
    """The events of *room* from seq *first* to *last* are not going to be delivered."""

    type: ClassVar[str] = "gap"
    room: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Time(Reply):
    """The server's time, in seconds since the epoch."""

    type: ClassVar[str] = "time"
    at: float


@dataclass(frozen=True, slots=True)
class Help(Reply):
    """How to use one command, or all of them: ``(usage, what it does)`` each."""

    type: ClassVar[str] = "help"
    commands: tuple[tuple[str, str], ...]


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
class Ban:
    """One row of a list of bans; ``until`` None: for good, ``kind`` is ``ban`` or ``mute``."""

    target: str
    reason: str
    by: str
    at: float
    until: float | None
    kind: str = "ban"


@dataclass(frozen=True, slots=True)
class Bans(Reply):
    """Who is kept out of *room*, or muted there; an empty name is the whole server."""

    type: ClassVar[str] = "bans"
    room: str
    bans: tuple[Ban, ...]
    more: int
    """How many there are beyond these."""


@dataclass(frozen=True, slots=True)
class Found(Reply):
    """
    What a search has found, newest first; ``more`` if there is more, and the same search with ``page + 1`` shows it.

    Unlike in `Recalled`, the events are of several rooms.
    """

    type: ClassVar[str] = "found"
    words: str
    events: tuple[Numbered, ...]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class Seen(Reply):
    """When *nick* was last here; ``here`` if they are now, and ``at`` None if that is not known."""

    type: ClassVar[str] = "seen"
    nick: str
    here: bool
    at: float | None


@dataclass(frozen=True, slots=True)
class Preferences(Reply):
    """
    How the person wants to be shown things: kept with their account, or as long as the guest is here.

    ``ignore`` names who is not heard, ``notify`` is ``all``, ``mentions``, ``none`` or empty (they have not said), ``color`` and
    ``plain`` are switches, ``away`` is what they said when they went away (None: they are not).
    ``changed`` names what has just become so; it is empty for who asked what there is.
    """

    type: ClassVar[str] = "preferences"
    ignore: tuple[str, ...] = ()
    notify: str = ""
    color: bool = False
    plain: bool = False
    away: str | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditLog(Reply):
    """A page of the audit log, oldest first; ``more`` if older entries exist."""

    type: ClassVar[str] = "audit"
    events: tuple[Numbered, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Pong(Reply):
    """Everything that was asked before has been answered."""

    type: ClassVar[str] = "pong"


@dataclass(frozen=True, slots=True)
class Goodbye(Reply):
    """The last thing that this connection hears."""

    type: ClassVar[str] = "goodbye"
    text: str
