"""
The ports: what the house needs from outside.  Whatever fits one of these protocols can be plugged in.

`Journal` keeps events, `Outlet` is a session's way out, `Runtime` has time and tasks, `Passwords` hashes.
"""

from .journal import (
    Change,
    Journal,
    JournalError,
    Keep,
    Listener,
    Query,
    Record,
    RoomRecord,
    TookTooLong,
    Value,
)
from .outlet import FanOut, Outlet
from .passwords import Busy, Passwords
from .runtime import Promise, Timer, World

__all__ = [
    "Busy",
    "Change",
    "FanOut",
    "Journal",
    "JournalError",
    "Keep",
    "Listener",
    "Outlet",
    "Passwords",
    "Promise",
    "Query",
    "Record",
    "RoomRecord",
    "Timer",
    "TookTooLong",
    "Value",
    "World",
]
