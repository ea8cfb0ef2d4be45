"""Replies about people: lists, whois, bans and preferences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .reply import Reply

DOORS = {"line": "nc or telnet", "json": "a client", "web": "the web", "irc": "IRC", "ssh": "SSH"}
"""What people call the doors, by name."""


def spoken_doors(names: Iterable[str]) -> str:
    """Word the doors with these *names*, each once: ``the web, and nc or telnet``."""
    return ", and ".join(dict.fromkeys([DOORS.get(name, name) for name in names]))


@dataclass(frozen=True, slots=True)
class PersonLine:
    """
    A row of the member list: one person.

    ``idle`` is in seconds, ``connected`` False while a broken connection may return, ``role`` is
    ``guest``, ``account``, ``operator`` (of the room that is listed) or ``admin``, ``away`` the away message (None:
    not away).  ``door`` is the one used last, ``doors`` are those of all connections; empty from older servers.
    """

    nick: str
    door: str
    idle: int
    connected: bool
    role: str = "guest"
    away: str | None = None
    doors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Who(Reply):
    """
    The members of a room, ordered by nick.

    ``page`` counts from 1; ``more`` is how many there are beyond this page.
    """

    type: ClassVar[str] = "who"
    room: str
    people: tuple[PersonLine, ...]
    page: int = 1
    more: int = 0


@dataclass(frozen=True, slots=True)
class Whois(Reply):
    """
    Details about one person; ``since`` is in seconds since the epoch.

    ``account`` is the nick of the account that they are logged in to, ``address`` is for admins only,
    ``conversation`` is the private conversation with them, or one's notes if it is oneself; all may be empty.
    """

    type: ClassVar[str] = "whois"
    person: PersonLine
    rooms: tuple[str, ...]
    since: float
    account: str = ""
    address: str = ""
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class SessionLine:
    """
    A row of the list of one's own sessions.

    ``number`` is for ``/sessions end``, ``since`` and ``active`` (when a command came last) are in seconds since the
    epoch, ``connected`` is False while a broken connection may return, and ``current`` True for the asking session.
    """

    number: int
    door: str
    since: float
    active: float
    address: str
    connected: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Sessions(Reply):
    """The sessions of the person, ordered by number."""

    type: ClassVar[str] = "sessions"
    sessions: tuple[SessionLine, ...]


@dataclass(frozen=True, slots=True)
class Seen(Reply):
    """When *nick* was last here; ``here`` if they are here now, and ``at`` None if unknown."""

    type: ClassVar[str] = "seen"
    nick: str
    here: bool
    at: float | None


@dataclass(frozen=True, slots=True)
class Ban:
    """A row of a ban list; ``until`` None: forever, ``kind`` is ``ban`` or ``mute``."""

    target: str
    reason: str
    by: str
    at: float
    until: float | None
    kind: str = "ban"


@dataclass(frozen=True, slots=True)
class Bans(Reply):
    """The bans and mutes of *room*; an empty name is the whole server."""

    type: ClassVar[str] = "bans"
    room: str
    bans: tuple[Ban, ...]
    more: int
    """The number of further rows."""


def switch(words: str) -> Any:
    """Declare a preference that is on or off; *words* go before that, as in ``Colours are`` on."""
    return field(default=False, metadata={"words": words})


@dataclass(frozen=True, slots=True)
class Preferences(Reply):
    """
    The person's preferences: stored with their account, or as long as a guest is here.

    ``ignore`` lists ignored nicks, ``notify`` is ``all``, ``mentions``, ``none`` or empty (not set), ``color``,
    ``plain``, ``others``, ``numbers`` and ``correct`` are switches, ``away`` is the away message (None: not away).
    ``changed`` names the preference that has just changed; empty in a reply to a query, in which ``asked`` names those
    that it was about, if it was not about all: it is sent only then.
    """

    type: ClassVar[str] = "preferences"
    ignore: tuple[str, ...] = ()
    notify: str = ""
    color: bool = switch("Colours are")
    plain: bool = switch("Screen reader mode is")
    away: str | None = None
    changed: tuple[str, ...] = ()
    others: bool = switch("Lines of your other rooms are")
    numbers: bool = switch("Message numbers are")
    correct: bool = switch("Corrections with s/old/new/ are")
    asked: tuple[str, ...] = field(default=(), metadata={"sparse": True})
