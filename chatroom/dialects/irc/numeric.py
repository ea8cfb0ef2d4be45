"""Numerics: the answers of the IRC door, as replies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chatroom.chat.replies import Numbered, Reply


@dataclass(frozen=True, slots=True)
class Numeric(Reply):
    """
    A numeric reply (RFC 2812, section 5, and modern.ircdocs.horse).

    The nick of the client, which comes before *params*, is filled in when it is sent.
    """

    type: ClassVar[str] = "numeric"
    number: str
    params: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lines(Reply):
    """Whole lines that answer a command, without tags and ends."""

    type: ClassVar[str] = "lines"
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Past(Reply):
    """Past *events* of *target*, a channel or nick as the client named it."""

    type: ClassVar[str] = "past"
    target: str
    events: tuple[Numbered, ...]


def numeric(number: str, *params: str) -> Numeric:
    """Make a numeric reply."""
    return Numeric(number, params)
