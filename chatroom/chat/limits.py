"""Limits: every bound on what a stranger can make grow or make slow, with the defaults."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Every bound on what a stranger can make grow, with the defaults.

    A pasted screenful (50 lines) passes at once, then five lines a second: generous beside the IRC
    servers' two a second, because a flood here is only slowed and never costs the connection.
    """

    line: int = 4096
    """Bytes in a line of text, after its newline is taken off."""
    nick: int = 32
    """Characters in a nick."""
    room: int = 32
    """Characters in a room's name."""
    password: int = 512
    """Bytes in a password (hashing a huge one costs time); the least is 8 characters."""
    login_within: float = 60.0
    """Seconds that someone may use a registered nick without having logged in."""
    registrations: int = 5
    """Accounts that can be registered from one address in an hour."""
    accounts: int = 100_000
    """Accounts on this server."""
    bans: int = 100_000
    """Bans, or mutes, of one room."""
    ignored: int = 200
    """People that one person does not want to hear."""
    topic: int = 300
    """Characters in a topic or in a reason for leaving."""
    ref: int = 64
    """Characters in the mark that a program puts on a command."""
    rooms_per_session: int = 20
    """Rooms that one person is in at a time."""
    conversations: int = 200
    """Private conversations that one person has under way."""
    rate: float = 5.0
    """Lines a second that a person may go on sending; 0: no limit."""
    burst: int = 50
    """Lines that a person may send at once after a rest."""
    byte_rate: float = 4096.0
    """Bytes a second that a person may go on sending; 0: no limit."""
    byte_burst: int = 65_536
    """Bytes that a person may send at once after a rest."""
    persons_per_address: int = 16
    """Persons whose budgets everyone who comes from one address shares; a class behind one router is no attack."""
    flood_kick: float = 0.0
    """Seconds of being slowed without a pause after which a session is ended; 0: never."""
    paste: int = 40
    """Lines that arrived together and are passed on as one event."""
    greeting: int = 20
    """Lines of history shown to who comes in."""
    page: int = 200
    """Events in one page of history."""
    lag: int = 100_000
    """Events of a room that someone who fell behind is shown; of what is older they are told the count."""
    stall: float = 300.0
    """Seconds after which someone who takes nothing at all of what is sent is hung up on; 0: never."""
    grace: float = 30.0
    """Seconds that a session with a resume token stays after its connection broke."""
    token_lasts: float = 86_400.0
    """Seconds until a resume token is worth nothing."""
