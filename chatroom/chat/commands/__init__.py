"""What a person may ask: one class a command, and the table that knows them all."""

from . import (  # noqa: F401  (each adds its commands to the table)
    accounts,
    comfort,
    moderation,
    names,
    room_settings,
    rooms,
    server,
    server_admin,
    talk,
)
from .parse import lookup, named, typed
from .registry import TABLE, Command

__all__ = ["TABLE", "Command", "lookup", "named", "typed"]
