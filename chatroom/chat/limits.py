"""Limits: every bound on what a stranger can make grow or slow down, with defaults."""

from __future__ import annotations

from dataclasses import dataclass

MAX_KEYS = 20
"""SSH keys of one account."""


@dataclass(frozen=True, slots=True)
class Limits:
    """
    All limits, with their defaults.

    A pasted screenful (50 lines) passes at once, then five lines a second: generous beside the IRC
    servers' two a second, because a flood here is only slowed and never costs the connection.
    """

    line: int = 4096
    """Bytes in a line of text, without its newline."""
    nick: int = 32
    """Characters in a nick."""
    room: int = 32
    """Characters in a room's name."""
    password: int = 1024
    """Bytes in a password (hashing a huge one costs time)."""
    shortest_password: int = 8
    """Characters that a password has at least (NIST SP 800-63B, section 5.1.1.1)."""
    login_within: float = 60.0
    """Seconds to log in after taking a registered nick."""
    registrations: int = 5
    """Accounts that can be registered from one address in an hour."""
    accounts: int = 100_000
    """Accounts on this server."""
    tokens: int = 20
    """API tokens of one account."""
    bans: int = 100_000
    """Bans, and likewise mutes, in one room."""
    ignored: int = 200
    """People whom one person ignores."""
    topic: int = 300
    """Characters in a topic or in a reason for leaving."""
    ref: int = 64
    """Characters in the mark that a program puts on a command."""
    rooms_per_session: int = 20
    """Rooms of one person at a time."""
    sessions_per_person: int = 10
    """Sessions of one person, such as tabs and devices."""
    conversations: int = 200
    """Open private conversations of one person."""
    rate: float = 5.0
    """Sustained lines per second of one person; 0: no limit."""
    burst: int = 50
    """Lines that one person may send at once after a pause."""
    byte_rate: float = 4096.0
    """Sustained bytes per second of one person; 0: no limit."""
    byte_burst: int = 65_536
    """Bytes that one person may send at once after a pause."""
    persons_per_address: int = 16
    """The shared budget of one address, in persons: a class behind one router is no attack."""
    flood_kick: float = 0.0
    """Seconds of uninterrupted throttling after which a session is disconnected; 0: never."""
    paste: int = 40
    """Lines of a paste that become one event."""
    edit_within: float = 86_400.0
    """Seconds for which people can edit their messages; 0: never."""
    greeting: int = 20
    """Lines of history shown on joining."""
    page: int = 200
    """Events in one page of history."""
    lag: int = 100_000
    """Missed events shown to someone who fell behind; older ones are only counted."""
    stall: float = 300.0
    """Disconnect a client that reads nothing for this many seconds; 0: never."""
    grace: float = 30.0
    """Seconds that a resumable session is kept after its connection broke."""
    token_lasts: float = 86_400.0
    """Seconds until a resume token expires."""
