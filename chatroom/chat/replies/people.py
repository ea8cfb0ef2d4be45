"""Answers about people: who is here, who was, who is kept out, and what one prefers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from .reply import Reply


@dataclass(frozen=True, slots=True)
class PersonLine:
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
    """
    Who is in the room, in the order of their nicks.

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
    What may be known about one person; ``since`` is in seconds since the epoch.

    ``account`` is the nick of the account that they are logged in to, ``address`` is for admins only;
    both are empty if there is none to tell.
    """

    type: ClassVar[str] = "whois"
    person: PersonLine
    rooms: tuple[str, ...]
    since: float
    account: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Seen(Reply):
    """When *nick* was last here; ``here`` if they are now, and ``at`` None if that is not known."""

    type: ClassVar[str] = "seen"
    nick: str
    here: bool
    at: float | None


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


def switch(words: str) -> Any:
    """Declare a preference that is on or off; *words* go before that, as in ``Colours are`` on."""
    return field(default=False, metadata={"words": words})


@dataclass(frozen=True, slots=True)
class Preferences(Reply):
    """
    How the person wants to be shown things: kept with their account, or as long as the guest is here.

    ``ignore`` names who is not heard, ``notify`` is ``all``, ``mentions``, ``none`` or empty (they have not said),
    ``color`` and ``plain`` are switches, ``away`` is what they said when they went away (None: they are not).
    ``changed`` names what has just become so; it is empty for who asked what there is.
    """

    type: ClassVar[str] = "preferences"
    ignore: tuple[str, ...] = ()
    notify: str = ""
    color: bool = switch("Colours are")
    plain: bool = switch("Screen reader mode is")
    away: str | None = None
    changed: tuple[str, ...] = ()
