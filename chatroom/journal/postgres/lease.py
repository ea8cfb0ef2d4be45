"""
The lease: which server has the database, and taking it over when that server has died.

Two things, for what a lease alone promises ends with a pause at the wrong moment: the *lease* says, by the clock of
the database, until when its holder is believed to live; the *fence*, an epoch that every commit compares, changes only
at a takeover, so that the holder before it can write nothing any more, however late it notices.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Event
from time import monotonic

import psycopg

from chatroom.chat.ports import JournalError

from .connection import Connection, Deposed, as_journal_errors, detailed, is_final

LENGTH = 3.0
"""Seconds that a server may be silent until another one may take over."""
RENEWAL = 1.0
"""Seconds between two renewals."""
_LOOK = 0.1
"""Seconds between two looks at whether the lease has ended."""

_TAKE = """
    WITH taken AS (
        UPDATE lease SET until = clock_timestamp() + make_interval(secs => %s), address = %s
        WHERE until < clock_timestamp() RETURNING 1
    )
    UPDATE fence SET epoch = epoch + 1, holder = %s FROM taken RETURNING epoch
"""
_RENEW = """
    UPDATE lease SET until = clock_timestamp() + make_interval(secs => %s)
    WHERE EXISTS (SELECT 1 FROM fence WHERE epoch = %s AND holder = %s) RETURNING 1
"""
_RELEASE = """
    UPDATE lease SET until = 'epoch'
    WHERE EXISTS (SELECT 1 FROM fence WHERE epoch = %s AND holder = %s)
"""
_HOLDER = "SELECT address, extract(epoch FROM until - clock_timestamp())::double precision FROM lease"


def take(connection: Connection, holder: str, address: str, stopped: Event) -> int:
    """
    Take the database over, as soon as nobody has it: waits for a server that has died, for `LENGTH` at most.

    :param holder: what no other server is called.
    :param address: where this server runs, for people.
    :returns: the epoch.
    :raises JournalError: if another server lives.
    """
    due = monotonic() + LENGTH + RENEWAL
    while True:
        with as_journal_errors():
            taken = connection.ask(_TAKE, (LENGTH, address, holder))
            if taken:
                return int(taken[0][0])
            [(other, _)] = connection.ask(_HOLDER)
        if monotonic() > due or stopped.wait(_LOOK):
            raise JournalError(f"another chatroom uses it, on {other}")


def is_held(connection: Connection) -> bool:
    """Return whether a server has the database."""
    with as_journal_errors():
        [(_, left)] = connection.ask(_HOLDER)
    return bool(left > 0)


class Lease:
    """
    The lease of a server that runs, renewed on a thread of its own; every call blocks.

    :param connection: its own: a commit that waits for a standby must not hold it up.
    """

    def __init__(self, connection: Connection, epoch: int, holder: str) -> None:
        self._connection = connection
        self._epoch = epoch
        self._holder = holder

    def renew(self) -> str | None:
        """
        Renew it.

        :returns: why that failed, if it did: it is worth another try.
        :raises Deposed: if another server has taken over.
        """
        try:
            renewed = self._connection.ask(_RENEW, (LENGTH, self._epoch, self._holder))
        except psycopg.Error as error:
            if not is_final(error):
                self._connection.drop_if(error)
            return detailed(error)
        if not renewed:
            raise Deposed("another server has taken over")
        return None

    def release(self) -> None:
        """End it, so that the next server need not wait."""
        with suppress(psycopg.Error):  # it ends by itself
            self._connection.ask(_RELEASE, (self._epoch, self._holder))
        self._connection.close()
