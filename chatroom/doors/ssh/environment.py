"""What the environment of an SSH client says about its person."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

from chatroom.dialects.sanitize import clean
from chatroom.dialects.text.dialect import TextDialect
from chatroom.dialects.text.zone import zone_called
from chatroom.doors.outlets.stream import Dialects


def zone_of(environment: Mapping[str, str]) -> ZoneInfo | None:
    """Return the time zone in ``TZ``; None if there is none that is known here."""
    return zone_called(environment.get("TZ", ""))


def rooms_of(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the rooms to enter, by ``CHATROOM_ROOM``; None: it says nothing."""
    room = environment.get("CHATROOM_ROOM", "").strip()
    return (room,) if room else None


def other_charset(environment: Mapping[str, str]) -> str:
    """Return the character set that the locale names if it is not UTF-8; empty if it is, or names none."""
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    charset = next(filter(None, names), "").partition(".")[2].partition("@")[0]
    return "" if charset.replace("-", "").lower() == "utf8" else clean(charset)


@lru_cache(maxsize=64)
def dialects_in(zone: ZoneInfo | None, *, visible: str = "visible unless you use ssh -t") -> Dialects:
    """
    Return the dialects of everyone in *zone*: what is said is rendered once for all with the same.

    :param visible: says beside a question that its answer can be seen; "": it cannot, at a terminal.
    """
    return TextDialect(visible=visible), TextDialect(rooms=True, visible=visible)
