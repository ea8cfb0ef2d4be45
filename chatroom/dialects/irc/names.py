"""Names in IRC: what people, rooms and messages of the house are called there."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from zlib import crc32

SERVICES = frozenset({"nickserv", "chanserv", "saslserv", "histserv"})
"""Names, in lower case, that people address as services; they are reserved, so nobody can have them as a nick."""

USER = "u"
"""The user name of those who have given none."""

_HIDDEN = "hidden"
"""The host of whom the server does not know."""


def channel(room: str) -> str:
    """Return the channel that *room* is."""
    return f"#{room}"


# More than there are people at a time, as a rule: lists of thousands would push out all that they need next.
@lru_cache(maxsize=16_384)
def cloak(identity: str) -> str:
    """Return the host that stands for the person with this *identity*: always the same, and it reveals nothing."""
    if not identity:
        return _HIDDEN
    return f"{sha256(identity.encode()).hexdigest()[:12]}.cloak"


def mask(nick: str, identity: str, username: str = "") -> str:
    """Return who somebody is, as messages begin with it: ``nick!~user@host``."""
    return f"{nick}!~{username or USER}@{cloak(identity)}"


@lru_cache(maxsize=1024)
def _place(room: str) -> str:
    return f"{crc32(room.encode()):08x}"


def msgid(room: str, seq: int | str) -> str:
    """Return the id of the message *seq* of *room*, or of this conversation; it does not reveal whose that is."""
    return f"{_place(room)}-{seq}"


def position_of(room: str, id: str) -> float | None:
    """Return where the message of *room* with this id is: its seq, or between two seqs; None if it has no such one."""
    whole, dot, part = id.partition(".")
    seq = seq_of(room, whole)
    if seq is None or not dot:
        return seq
    return float(f"{seq}.{part}") if len(part) == 3 and part.isascii() and part.isdigit() else None


def seq_of(room: str, id: str) -> int | None:
    """Return the seq of the message of *room* with this id; None if it has no such message."""
    place, _, seq = id.partition("-")
    fits = place == _place(room) and seq.isascii() and seq.isdigit() and len(seq) < 16
    return int(seq) if fits else None
