"""
The ports: what the house needs from outside, as protocols that adapters implement.

`Journal` keeps events, `Outlet` is a session's way out, `Runtime` has time and tasks, `Passwords` hashes.
"""

from .journal import (
    MENTION,
    MOST_MENTIONS,
    MOST_UNREAD,
    NOTHING,
    READING,
    AccountRecords,
    Journal,
    JournalError,
    JournalListener,
    NotKept,
    Present,
    Query,
    RecordChange,
    RetentionLimit,
    RoomRecord,
    StandingRecord,
    TakesLong,
    TookTooLong,
    Value,
    Waiting,
)
from .outlet import FanOut, Outlet, RoomLink
from .passwords import Busy, Passwords
from .runtime import Future, Runtime, Timer

__all__ = [
    "MENTION",
    "MOST_MENTIONS",
    "MOST_UNREAD",
    "NOTHING",
    "READING",
    "AccountRecords",
    "Busy",
    "FanOut",
    "Future",
    "Journal",
    "JournalError",
    "JournalListener",
    "NotKept",
    "Outlet",
    "Passwords",
    "Present",
    "Query",
    "RecordChange",
    "RetentionLimit",
    "RoomLink",
    "RoomRecord",
    "Runtime",
    "StandingRecord",
    "TakesLong",
    "Timer",
    "TookTooLong",
    "Value",
    "Waiting",
]
