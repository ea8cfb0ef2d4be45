"""The leader: which server has the database now, and where the doors of other machines reach it."""

from __future__ import annotations

from threading import Event
from typing import NamedTuple

from .connection import Connection, as_journal_errors, naming

_LEADER = """
    SELECT fence.epoch, address, link, extract(epoch FROM since)::double precision,
        extract(epoch FROM until - clock_timestamp())::double precision
    FROM lease, fence WHERE until <> 'epoch' AND lease.epoch = fence.epoch
"""


class Leader(NamedTuple):
    """A server that has the database, as far as is known: it may have died."""

    epoch: int
    address: str
    """Where it runs, for people."""
    link: str
    """Where it takes the links of doors on other machines, HOST:PORT; "": nowhere."""
    since: float
    """When it took over, in seconds since the epoch of UNIX."""
    left: float
    """Seconds until its lease ends; negative: it has ended."""


def leader(connection: Connection) -> Leader | None:
    """
    Return who has the database; None: nobody, or one that only begins.

    :raises JournalError: if the database does not say.
    """
    with as_journal_errors():
        found = connection.ask(_LEADER)
    return Leader(*found[0]) if found else None


class Lookout:
    """
    Looks who has the database, over a connection of its own; it needs no more than to read ``lease`` and ``fence``.

    :param address: a connection string of libpq.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection = Connection(address, Event())

    def look(self) -> Leader | None:
        """
        Return who has the database; None: nobody, or one that only begins.  It blocks.

        :raises JournalError: if the database does not say, with its name and the reason.
        """
        try:
            with naming(self._address):
                return leader(self._connection)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
