"""The commands: a class for each, all registered in the command table."""

from ..command_table import TABLE, Command
from . import (  # noqa: F401  (each adds its commands to the table)
    accounts,
    corrections,
    devices,
    identity,
    keys,
    messages,
    moderation,
    preferences,
    reading,
    room_settings,
    rooms,
    server,
    server_admin,
    token,
    voices,
)
from .parse import from_fields, lookup
from .typed import ends_block, is_command, parse_line

__all__ = ["TABLE", "Command", "ends_block", "from_fields", "is_command", "lookup", "parse_line"]
