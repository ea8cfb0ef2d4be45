"""What the house answers to one person only; never stored, and so without a seq."""

from .people import Ban, Bans, Person, Preferences, Seen, Who, Whois
from .presence import (
    Goodbye,
    Help,
    Live,
    LoggedIn,
    LoggedOut,
    Named,
    Notice,
    PasswordWanted,
    Pong,
    Refused,
    Time,
    Welcome,
)
from .reply import Reply
from .rooms import AuditLog, Entered, Found, Gap, Numbered, Recalled, RoomLine, Rooms, Topic

__all__ = [
    "AuditLog",
    "Ban",
    "Bans",
    "Entered",
    "Found",
    "Gap",
    "Goodbye",
    "Help",
    "Live",
    "LoggedIn",
    "LoggedOut",
    "Named",
    "Notice",
    "Numbered",
    "PasswordWanted",
    "Person",
    "Pong",
    "Preferences",
    "Recalled",
    "Refused",
    "Reply",
    "RoomLine",
    "Rooms",
    "Seen",
    "Time",
    "Topic",
    "Welcome",
    "Who",
    "Whois",
]
