"""The commands of IRC: each module adds its own to the table of `actions`."""

from . import (  # noqa: F401  (each adds its commands to the table)
    capabilities,
    connection,
    history,
    messages,
    modes,
    people,
    rooms,
    server,
    services,
    watching,
)
from .messages import quick

__all__ = ["quick"]
