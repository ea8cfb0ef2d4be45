"""The schema: made in an empty database, brought up to date in an older one, and what a database must be like."""

from __future__ import annotations

from importlib import resources
from typing import Any

import psycopg

from chatroom.chat.ports import JournalError

OLDEST = 15
"""The oldest version of PostgreSQL that the tests run with."""
_LOCK = 0x43484154
"""``CHAT`` in ASCII: two servers must not make the tables at once."""


def scripts() -> list[str]:
    """Return the schema migrations: from nothing to version 1, from 1 to 2, and so on."""
    folder = resources.files("chatroom.journal.postgres") / "schema"
    versions = sorted(int(file.name.removesuffix(".sql")) for file in folder.iterdir())
    return [(folder / f"{version}.sql").read_text("utf-8") for version in versions]


def version_of(connection: psycopg.Connection[Any]) -> int:
    """Return the version of the schema in the database; 0 if it has none."""
    [(there,)] = connection.execute("SELECT to_regclass('meta') IS NOT NULL AND to_regclass('fence') IS NOT NULL")
    found = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone() if there else None
    return int(found[0]) if found else 0


def check_server(connection: psycopg.Connection[Any]) -> None:
    """
    Check that the database can keep a journal.

    :raises JournalError: if it cannot.
    """
    if connection.info.server_version < OLDEST * 10_000:
        raise JournalError(f"PostgreSQL {OLDEST} or newer is needed")
    if connection.info.parameter_status("server_encoding") != "UTF8":
        raise JournalError("the database has to be made with the encoding UTF8")


def prepare(connection: psycopg.Connection[Any]) -> None:
    """
    Make the tables if there are none; older ones are upgraded once this server has the database.

    :raises JournalError: if the database cannot keep a journal, or has one of a newer version.
    :raises psycopg.Error: if anything else fails.
    """
    check_server(connection)
    if not 1 <= version_of(connection) <= len(scripts()):
        upgrade(connection)


def upgrade(connection: psycopg.Connection[Any]) -> None:
    """
    Bring the schema up to date, in one transaction.

    :raises JournalError: if it is of a newer version.
    :raises psycopg.Error: if anything else fails.
    """
    wanted = scripts()
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        version = version_of(connection)
        if version > len(wanted):
            raise JournalError("it is of a newer chatroom")
        for script in wanted[version:]:
            connection.execute(script.encode(), prepare=False)
        if version < len(wanted):
            connection.execute(
                "INSERT INTO meta VALUES ('version', %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (str(len(wanted)),),
            )
