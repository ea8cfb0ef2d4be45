"""Connections to PostgreSQL: made anew when they break, with errors in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Event
from time import monotonic
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from chatroom.chat.ports import JournalError

DEPOSED = "CH001"
"""The SQLSTATE of ``check_fence``."""

_DEFAULTS = {
    "application_name": "chatroom",
    "connect_timeout": "2",
    # Of several hosts, the one that is the primary.
    "target_session_attrs": "read-write",
    # A server that has vanished is noticed as soon, in milliseconds.
    "tcp_user_timeout": "5000",
}
"""Parameters of libpq, unless the connection string has others."""

_UNKNOWN = ("08", "57")
"""The classes of SQLSTATE after which nobody knows whether a statement was carried out: connections, and interventions
of an operator, such as a shutdown (PostgreSQL's documentation, appendix A)."""
_AGAIN = ("40001", "40003", "40P01", "25006")
"""Errors after which the same statement may succeed: conflicts, and a server that has become a standby."""
_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two attempts: at first, and after some of them."""
CANCELED = "57014"
"""The SQLSTATE of a statement that took longer than ``statement_timeout``, or that somebody has canceled."""
READ_PATIENCE = 10.0
"""Seconds that a read waits for a database that restarts or fails over."""

Row = Sequence[Any]


class Deposed(JournalError):
    """Another server has taken over this database; end this one."""


class NotReplicated(psycopg.OperationalError):
    """The wait for a synchronous standby was canceled: what was committed is in the database, perhaps only there."""


def is_final(error: psycopg.Error) -> bool:
    """Return whether *error* says for certain that a statement was not carried out, and never will be like this."""
    code = error.sqlstate
    return code is not None and code[:2] not in _UNKNOWN and code not in _AGAIN


def explain(error: psycopg.Error) -> str:
    """Say in plain words what *error* means, in one line that anyone may read."""
    code = error.sqlstate
    if isinstance(error, NotReplicated):
        return "the standby of the database does not answer"
    if code is None or code[:2] in _UNKNOWN:
        return "the database cannot be reached"
    if code == DEPOSED:
        return "another server has taken over this database"
    if code == "53100":
        return "the disk of the database is full"
    if code == "25006":
        return "the database is read-only: is it a standby?"
    return f"PostgreSQL says: {_first_line(error)}"


def detailed(error: psycopg.Error) -> str:
    """Say what *error* means to who runs the server: why the database cannot be reached, too."""
    said, reason = explain(error), _first_line(error)
    return said if not reason or reason in said else f"{said} ({reason})"


def _first_line(error: psycopg.Error) -> str:
    return (error.diag.message_primary or next(iter(str(error).strip().splitlines()), "")).strip()


@contextmanager
def as_journal_errors() -> Iterator[None]:
    """Turn whatever psycopg raises into a `JournalError`."""
    try:
        yield
    except psycopg.Error as error:
        raise (Deposed if error.sqlstate == DEPOSED else JournalError)(explain(error)) from error


def check_address(address: str) -> str:
    """
    Check a connection string of libpq: ``postgresql://…``, or ``host=… dbname=…``.

    :raises ValueError: if it is none; the message does not repeat it, for it may have a password.
    """
    try:
        conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        raise ValueError("is no connection string of PostgreSQL, such as postgresql://HOST/NAME") from None
    return address


def described(address: str) -> str:
    """Name the database at *address* for people, without a password."""
    given = conninfo_to_dict(address)
    name, host, user = (str(given.get(part) or "") for part in ("dbname", "host", "user"))
    return f"{name or user or 'its default'}{f' at {host}' if host else ''}"


@contextmanager
def naming(address: str) -> Iterator[None]:
    """Turn whatever goes wrong into a `JournalError` that names the database at *address*, for who runs the server."""
    try:
        yield
    except (psycopg.Error, JournalError) as error:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        reason = detailed(cause) if isinstance(cause, psycopg.Error) else error
        raise JournalError(f"the database {described(address)}: {reason}") from error


class Pauses:
    """Growing pauses between attempts, which end at once when *stopped* is set."""

    def __init__(self, stopped: Event) -> None:
        self._stopped = stopped
        self._next = _PAUSE

    def wait(self) -> bool:
        """Pause; return whether to go on."""
        pause, self._next = self._next, min(self._next * 2, _LONGEST_PAUSE)
        return not self._stopped.wait(pause)


class Connection:
    """
    One connection, for one thread at a time; it is made when it is needed, and made again after it broke.

    :param address: a connection string of libpq.
    :param stopped: set when the journal closes: then nothing is tried again.
    :param settings: of the session, such as ``statement_timeout``.
    """

    def __init__(self, address: str, stopped: Event, **settings: str) -> None:
        self._address = address
        self._stopped = stopped
        self._settings = settings
        self._open: psycopg.Connection[Any] | None = None
        self._not_replicated = ""
        """What the database has said of a wait for its standby that was canceled."""

    def get(self) -> psycopg.Connection[Any]:
        """
        Return the connection, which commits every statement by itself.

        :raises psycopg.Error: if it cannot be made.
        """
        if self._open is not None and not self._open.broken and not self._open.closed:
            return self._open
        self.close()
        given = {name: value for name, value in _DEFAULTS.items() if name not in conninfo_to_dict(self._address)}
        connection = psycopg.connect(self._address, autocommit=True, prepare_threshold=0, **given)  # type: ignore[arg-type]
        try:
            for name, value in self._settings.items():
                _set(connection, name, value)
        except psycopg.Error:
            connection.close()
            raise
        connection.add_notice_handler(self._noticed)
        self._open = connection
        return connection

    def _noticed(self, notice: psycopg.errors.Diagnostic) -> None:
        # Neither its code is its own, nor its text, which is translated.
        if notice.source_function == "SyncRepWaitForLSN":
            self._not_replicated = notice.message_primary or "canceling the wait for the standby"

    def set(self, name: str, value: str) -> None:
        """
        Change a setting of the session, and of those that come after it.

        :raises psycopg.Error: if that fails.
        """
        self._settings[name] = value
        _set(self.get(), name, value)

    def cancel(self) -> None:
        """Have the database end the statement that is under way, if there is one; from any thread."""
        if self._open is not None:
            with suppress(psycopg.Error):
                self._open.cancel()

    def ask(self, question: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
        """
        Execute one statement, and return its rows.

        :raises psycopg.Error: if it fails, or if nobody knows whether it did.
        :raises NotReplicated: if it is done, but its standby may not have it.
        """
        connection, self._not_replicated = self.get(), ""
        answer = connection.execute(question.encode(), values, binary=True)
        if self._not_replicated:
            raise NotReplicated(self._not_replicated)
        return answer.fetchall() if answer.description is not None else []

    def read(self, question: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
        """
        Execute a statement that only reads, again if the connection breaks, for `READ_PATIENCE` at most.

        :raises JournalError: if it fails.
        """
        pauses, due = Pauses(self._stopped), monotonic() + READ_PATIENCE
        while True:
            try:
                with as_journal_errors():
                    return self.ask(question, values)
            except JournalError as error:
                cause = error.__cause__
                assert isinstance(cause, psycopg.Error)
                if is_final(cause) or cause.sqlstate == CANCELED or monotonic() > due or not pauses.wait():
                    raise
                self.drop_if(cause)

    def drop_if(self, error: psycopg.Error) -> None:
        """Make a new connection next time if *error* may come from this one, such as that it is to a standby now."""
        if error.sqlstate not in ("40001", "40P01"):
            self.close()

    def close(self) -> None:
        """Close it, if it is open."""
        if self._open is not None:
            connection, self._open = self._open, None
            connection.close()


def _set(connection: psycopg.Connection[Any], name: str, value: str) -> None:
    connection.execute(sql.SQL("SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
