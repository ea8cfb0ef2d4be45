"""Openings: the table of which first bytes, or which ALPN name, lead to which door."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from twisted.internet.interfaces import IProtocolFactory

from chatroom.doors.closed import not_spoken
from chatroom.doors.factory import Entrance

MAX_PADDING = 256
"""Bytes of white space before an opening; a person who presses Enter for longer is greeted."""

_PADDING = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*")
"""A byte order mark (UTF-8) and white space, as JSON has it (RFC 8259, section 2)."""

TLS_HANDSHAKE = b"\x16\x03"
"""A TLS record with a handshake, in any version (RFC 8446, section 5.1)."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One row: connections that begin with *prefix* go to *door*."""

    prefix: bytes
    door: IProtocolFactory
    padded: bool = False
    """Whether *prefix* may have a byte order mark and white space before it."""
    late: bool = False
    """Whether it holds after a greeting, too."""


class Openings:
    """
    The table by which front doors choose.

    :param rows: first bytes and their doors; the first matching row decides.
    :param fallback: the default door.
    :param protocols: the doors by ALPN protocol (RFC 7301).
    """

    def __init__(
        self, rows: Sequence[Opening], fallback: IProtocolFactory, protocols: Mapping[bytes, IProtocolFactory]
    ) -> None:
        self.fallback = fallback
        self._rows = rows
        self._protocols = protocols

    def door_for(self, opening: bytes) -> IProtocolFactory | None:
        """Choose the door for a connection that begins with *opening*; None if more of it is needed."""
        undecided = False
        begun = _without_padding(opening)
        for row in self._rows:
            start = begun if row.padded else opening
            if start.startswith(row.prefix):
                return row.door
            undecided = undecided or row.prefix.startswith(start)
        return None if undecided else self.fallback

    @cached_property
    def late(self) -> Openings:
        """The table for a connection that has been greeted by the default door."""
        return Openings([row for row in self._rows if row.late], self.fallback, {})

    def door_for_protocol(self, name: bytes) -> IProtocolFactory | None:
        """Choose the door for the ALPN protocol *name*; None if the first bytes have to decide."""
        return self._protocols.get(name)


def _without_padding(opening: bytes) -> bytes:
    """Return *opening* without what may come before its first bytes; at most `MAX_PADDING` bytes are skipped."""
    if BOM_UTF8.startswith(opening):
        return b""
    padding = _PADDING.match(opening)
    return opening[padding.end() :] if padding is not None and padding.end() <= MAX_PADDING else opening


def declared(doors: Sequence[Entrance], leads_to: Callable[[Entrance], IProtocolFactory]) -> list[Opening]:
    """List the openings that *doors* declare; *leads_to* maps each door to its target."""
    return [
        Opening(prefix, door, one.padded, one.late)
        for one in doors
        for door in [leads_to(one)]
        for prefix in one.openings
    ]


def not_spoken_yet() -> list[Opening]:
    """List the openings of unsupported languages, which are refused by name; real doors take precedence."""
    return [Opening(TLS_HANDSHAKE, not_spoken("TLS"))]
