"""
The lease: which server has the database, and taking it over when that server has died.

Two things, for what a lease alone promises ends with a pause at the wrong moment: the *lease* says, by the clock of
the database, until when its holder is believed to live; the *fence*, an epoch that every commit compares, changes only
at a takeover, so that the holder before it can write nothing any more, however late it notices.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import psycopg

from chatroom.chat.ports import JournalError

from .connection import Connection, Deposed, as_journal_errors, detailed, explain, is_final
from .upgrade import prepare

LENGTH = 3.0
"""Seconds that a server may be silent until another one may take over."""
OPENING = 15.0
"""The same while it starts, and reads all accounts: it renews the lease for the first time when its reactor runs."""
RENEWAL = 1.0
"""Seconds between two renewals."""
_LOOK = 0.1
"""Seconds between two looks at whether the lease has ended."""

Pause = Callable[[float], bool]
"""Waits so many seconds; returns whether to give up."""

_TAKE = """
    WITH taken AS (
        UPDATE lease SET until = clock_timestamp() + make_interval(secs => %(opening)s), address = %(address)s
        WHERE until = 'epoch' OR %(expired)s AND until < clock_timestamp()
            AND pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => %(length)s)
        RETURNING 1
    )
    UPDATE fence SET epoch = epoch + 1, holder = %(holder)s FROM taken RETURNING epoch
"""
# First the lease, as a takeover does, and then the fence as it is by then: without the locks, a renewal that has begun
# before a takeover and ends after it would change the lease of the server that has taken over.
_LED = """
    WITH held AS MATERIALIZED (SELECT 1 FROM lease FOR UPDATE),
        led AS MATERIALIZED (
            SELECT 1 FROM held, fence WHERE fence.epoch = %(epoch)s AND holder = %(holder)s FOR SHARE OF fence
        )
"""
# When the database was away itself, its server gets as long to renew the lease as otherwise.
_RENEW = f"""
    {_LED}
    UPDATE lease SET until = clock_timestamp() + make_interval(secs => %(length)s), epoch = %(epoch)s, link = %(link)s,
        since = CASE WHEN epoch = %(epoch)s THEN since ELSE clock_timestamp() END
    FROM led RETURNING 1
"""
_RELEASE = f"""
    {_LED}
    UPDATE lease SET until = 'epoch' FROM led
"""
_HOLDER = "SELECT address, extract(epoch FROM until - clock_timestamp())::double precision FROM lease"


def take(connection: Connection, holder: str, address: str, pause: Pause) -> int:
    """
    Make the tables, and take the database over as soon as nobody has it: waits for a server that has died, for
    `LENGTH` at most.

    :param holder: what no other server is called.
    :param address: where this server runs, for people.
    :returns: the epoch.
    :raises JournalError: if another server lives.
    """
    due = monotonic() + LENGTH + RENEWAL
    with as_journal_errors():
        prepare(connection.get())
    while True:
        with as_journal_errors():
            epoch, other = _try(connection, holder, address, expired=True)
        if epoch is not None:
            return epoch
        if monotonic() > due or pause(_LOOK):
            raise JournalError(f"another chatroom uses it, on {other}")


def wait_for(connection: Connection, holder: str, address: str, pause: Pause, tell: Callable[[str], object]) -> int:
    """
    Make the tables, and take the database over once nobody has it, however long that takes, and though it does not
    answer meanwhile.

    :param tell: called with what is waited for, each time that this changes.
    :returns: the epoch.
    :raises JournalError: if it can never be had, or the wait is given up.
    """
    before = ""
    since: float | None = None
    """Since when the database has answered all the time: only so an expired lease means that its holder is gone."""
    while True:
        try:
            if since is None:
                prepare(connection.get())
                since = monotonic()
            epoch, other = _try(connection, holder, address, expired=monotonic() - since > LENGTH)
            if epoch is not None:
                return epoch
            reason = f"another chatroom uses it, on {other}"
        except psycopg.Error as error:
            if is_final(error):
                raise JournalError(explain(error)) from error
            connection.drop_if(error)
            since = None
            reason = detailed(error)
        if reason != before:
            before = reason
            tell(reason)
        if pause(_LOOK):
            raise JournalError(reason)


def _try(connection: Connection, holder: str, address: str, *, expired: bool) -> tuple[int | None, str]:
    """
    Take the database over if nobody has it.

    :param expired: whether that includes a lease that was not given back.
    :returns: the epoch, or else who has the database.
    """
    values = {"length": LENGTH, "opening": OPENING, "address": address, "expired": expired, "holder": holder}
    taken = connection.ask(_TAKE, values)
    if taken:
        return int(taken[0][0]), ""
    [(other, _)] = connection.ask(_HOLDER)
    return None, other


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
        self.link = ""
        """Where this server takes the links of doors on other machines, for them to read; "": nowhere."""

    def renew(self) -> str | None:
        """
        Renew it.

        :returns: why that failed, if it did: it is worth another try.
        :raises Deposed: if another server has taken over.
        """
        try:
            values = {"length": LENGTH, "epoch": self._epoch, "holder": self._holder, "link": self.link}
            renewed = self._connection.ask(_RENEW, values)
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
            self._connection.ask(_RELEASE, {"epoch": self._epoch, "holder": self._holder})
        self._connection.close()
