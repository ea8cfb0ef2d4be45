"""The commands of IRC: each module adds its own to the table of `actions`."""

from . import (  # noqa: F401  (each adds its commands to the table)
    administration,
    blocks,
    capabilities,
    chat,
    connection,
    history,
    inviting,
    listing,
    messages,
    metadata,
    modes,
    people,
    reading,
    rooms,
    second_thoughts,
    server,
    services,
    watching,
)
from .chat import hint
from .messages import quick

__all__ = ["hint", "quick"]
