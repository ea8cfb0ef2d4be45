"""Places: which journal the options ask for, where it is, and the files beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatroom.chat.ports import Journal
from chatroom.config import data_folder
from chatroom.config.settings import Values
from chatroom.doors.ssh.authorized_keys import AuthorizedKeys
from chatroom.host_keys import HostKeys
from chatroom.journal.memory import MemoryJournal
from chatroom.journal.sqlite import SqliteJournal
from chatroom.server.errors import CannotStart


@dataclass(frozen=True, slots=True)
class Candidacy:
    """
    How a house waits until it may have the database, and what it does when it may not any more.

    :param deposed: called when another server has taken over.
    :param standby: whether it waits however long another one has it.
    :param pause: waits so many seconds meanwhile, and returns whether to give up; None: only waits.
    """

    deposed: Callable[[], object]
    standby: bool
    pause: Callable[[float], bool] | None = None


def journal_of(values: Values, reactor: Any, candidacy: Candidacy) -> Journal:
    """
    Make the journal; nothing is opened yet.

    :raises CannotStart: if it needs what is not installed, or its address is wrong.
    """
    if values["ephemeral"]:
        return MemoryJournal(reactor.callLater)
    if not values["database"]:
        return SqliteJournal(folder_of(values), reactor.callLater, reactor.callFromThread)
    address = postgres(values["database"])
    from chatroom.journal.postgres.journal import PostgresJournal

    return PostgresJournal(
        address,
        reactor.callLater,
        reactor.callFromThread,
        standby=candidacy.standby,
        pause=candidacy.pause,
        deposed=candidacy.deposed,
    )


def postgres(address: str) -> str:
    """
    Check the address of a database, and that there is what it needs.

    :raises CannotStart: if not.
    """
    try:
        from chatroom.journal.postgres.connection import check_address
    except ImportError:  # an extra, which need not be installed
        raise CannotStart("--database needs psycopg: pip install 'chatroom[postgres]'") from None
    try:
        return check_address(address)
    except ValueError as error:
        raise CannotStart(f"--database {error}") from None


def place_of(values: Values) -> str | None:
    """Name the place where everything is stored, for people; None: nowhere."""
    if values["ephemeral"]:
        return None
    if values["database"]:
        from chatroom.journal.postgres.connection import described

        return f"the database {described(values['database'])}"
    return str(folder_of(values))


def stored_folder(values: Values) -> Path | None:
    """Return the data folder; None if nothing is stored in one."""
    return None if values["ephemeral"] or values["database"] else folder_of(values)


def folder_of(values: Values) -> Path:
    """
    Return the data folder.

    :raises CannotStart: if it would be in a home folder, and there is none.
    """
    try:
        return data_folder.data_folder(values["data"])
    except RuntimeError:
        raise CannotStart("there is no home folder to keep the data in; give a folder with --data") from None


def host_keys_of(values: Values) -> HostKeys:
    """Make what reads the SSH host keys, or makes one."""
    files = [path_of(name).absolute() for name in values["ssh-host-keys"]]
    return HostKeys(files, None if files else stored_folder(values))


def authorized_keys_of(values: Values) -> AuthorizedKeys:
    """Make what reads the keys of the system's users."""
    return AuthorizedKeys(path_of(values["ssh-keys"]).absolute() if values["ssh-keys"] else None)


def path_of(written: str) -> Path:
    """
    Return the path that is *written*, perhaps with ``~``.

    :raises CannotStart: if nobody has that home folder.
    """
    try:
        return Path(written).expanduser()
    except RuntimeError as error:
        raise CannotStart(f"{written}: {error}") from None
