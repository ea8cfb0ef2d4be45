"""Replies: what the house sends to one person only; never stored, and so without a seq."""

from .people import Ban, Bans, PersonLine, Preferences, Seen, Who, Whois
from .presence import (
    CaughtUp,
    Goodbye,
    Help,
    LoggedIn,
    LoggedOut,
    NickChanged,
    Notice,
    PasswordWanted,
    Pong,
    Refused,
    Time,
    Welcome,
)
from .reply import Reply
from .rooms import AuditLog, Gap, HistoryPage, Numbered, RoomEntered, RoomLine, Rooms, SearchResults, Topic

__all__ = [
    "AuditLog",
    "Ban",
    "Bans",
    "CaughtUp",
    "Gap",
    "Goodbye",
    "Help",
    "HistoryPage",
    "LoggedIn",
    "LoggedOut",
    "NickChanged",
    "Notice",
    "Numbered",
    "PasswordWanted",
    "PersonLine",
    "Pong",
    "Preferences",
    "Refused",
    "Reply",
    "RoomEntered",
    "RoomLine",
    "Rooms",
    "SearchResults",
    "Seen",
    "Time",
    "Topic",
    "Welcome",
    "Who",
    "Whois",
]
