"""What a person may ask: one class a command, and the table that knows them all."""

from . import (  # noqa: F401  (each adds its commands to the table; this is their order in /help)
    accounts,
    administration,
    comfort,
    moderation,
    names,
    rooms,
    server,
    talk,
)
from .table import TABLE, Command, lookup, named, typed

__all__ = ["TABLE", "Command", "lookup", "named", "typed"]
