"""What a person may ask: one class a command, and the table that knows them all."""

from . import names, rooms, server, talk  # noqa: F401  (each adds its commands to the table)
from .table import TABLE, Command, lookup, named, typed

__all__ = ["TABLE", "Command", "lookup", "named", "typed"]
