"""The context of every admin command: the data folder, the output, and errors for people."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from chatroom.chat.changes import Deleted
from chatroom.chat.events import AUDIT, AuditEntry
from chatroom.chat.limits import Limits
from chatroom.chat.ports import RecordChange
from chatroom.chat.syntax import names
from chatroom.journal.deletion import delete_offline
from chatroom.journal.offline import OfflineJournal, check
from chatroom.journal.offline_base import Offline

from .password_prompt import ask, hashed

if TYPE_CHECKING:
    from chatroom.journal.postgres.offline import OfflinePostgres

WHO = "chatroom-admin"
"""The name in the moderation log."""

FILE = "journal.sqlite3"
"""The file of the journal, in the data folder."""


class Problem(Exception):
    """A command cannot be carried out; the text is one clear line for people."""


def checked_address(address: str) -> str:
    """
    Check the address of a database, and that there is what it needs.

    :raises Problem: if not.
    """
    try:
        from chatroom.journal.postgres.connection import check_address
    except ImportError:  # an extra, which need not be installed
        raise Problem("A database needs psycopg: pip install 'chatroom[postgres]'") from None
    try:
        return check_address(address)
    except ValueError as error:
        raise Problem(f"The address of the database {error}.") from None


def _token() -> str:
    return secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True)
class Context:
    """
    What a command works with: the journal in *folder*, or in *database*.

    :param database: a connection string of libpq.
    :param now: seconds since the epoch.
    :param token: generates the id of an account.
    :param ask: asks for a new password.
    :param hash: hashes a password for storage.
    """

    folder: Path
    out: TextIO
    database: str | None = None
    now: Callable[[], float] = time.time
    token: Callable[[], str] = _token
    ask: Callable[[], str] = ask
    hash: Callable[[str], str] = hashed

    def open(self, *, writing: bool = False, making: bool = False) -> Offline:
        """
        Open the journal.

        :param making: create it if there is none, and the folder, too.
        :raises Problem: if there is none.
        """
        if self.database is not None:
            return self._in_database(making)
        return self.open_folder(writing=writing, making=making)

    def open_folder(self, *, writing: bool = False, making: bool = False) -> OfflineJournal:
        """Open the journal in the data folder; see `open`."""
        if not making:
            self.check_there()
        return OfflineJournal(self.folder, writing=writing or making, now=self.now)

    def _in_database(self, making: bool = False) -> OfflinePostgres:
        assert self.database is not None
        address = checked_address(self.database)
        from chatroom.journal.postgres.offline import OfflinePostgres

        return OfflinePostgres(address, making=making, now=self.now)

    def problems(self) -> list[str]:
        """
        Look for damage.

        :returns: what is wrong, a line each.
        :raises Problem: if there is no journal.
        """
        if self.database is not None:
            with self._in_database() as journal:
                return journal.problems()
        self.check_there()
        return check(self.folder)

    def delete(self, deleted: Deleted, entry: AuditEntry, sleep: Callable[[float], object]) -> bool:
        """
        Store *deleted* with *entry* in the moderation log, and erase the message.

        :returns: False if a server is running: nothing is done then.
        """
        if self.database is not None:
            with self._in_database() as journal:
                return journal.delete(deleted, entry)
        return delete_offline(self.folder, deleted, entry, self.now(), sleep)

    def check_there(self) -> None:
        """
        Check that there is a journal.

        :raises Problem: if there is none.
        """
        if not self.folder.exists():
            raise Problem(f"There is no folder {self.folder}.")
        if not self.folder.is_dir():
            raise Problem(f"{self.folder} is not a folder.")
        if not (self.folder / FILE).exists():
            raise Problem(f"There is no {FILE} in {self.folder}: no server has stored anything there yet.")

    def change(self, journal: Offline, changes: Sequence[RecordChange], act: str, text: str, where: str = "") -> None:
        """Store *changes*, with an entry in the moderation log: *act* in the room *where*, or on the whole server."""
        with readable("The journal"):
            journal.change(changes, AuditEntry(AUDIT, self.now(), "", WHO, act, where, text))

    def say(self, line: str) -> None:
        """Print *line*."""
        print(line, file=self.out)


@contextmanager
def readable(what: str) -> Iterator[None]:
    """
    Turn errors that damaged data causes into one for people.

    :param what: the data that is read meanwhile.
    :raises Problem: instead of whatever Python raises.
    """
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        raise Problem(f"{what} is damaged and cannot be read; run chatroom-admin check for details.") from error


def room_of(journal: Offline, text: str) -> str:
    """
    Find the journal that *text* names: a room, ``&audit``, or a conversation by its whole name.

    :raises Problem: if there is none.
    """
    name = text if text[:1] in ("&", "@") else names.room(text, Limits().room)
    if not journal.room(name).last:
        raise Problem(f"There is no room {shown(name)}; chatroom-admin rooms lists all rooms.")
    return name


def rooms_of(journal: Offline) -> list[str]:
    """List everything that has a history: rooms, conversations, the moderation log."""
    return [name for name in journal.rooms() if journal.room(name).last]


def shown(room: str) -> str:
    """Write the name of a room as people do; conversations and the moderation log keep theirs."""
    return room if is_apart(room) else f"#{room}"


def is_apart(room: str) -> bool:
    """Return whether the journal *room* is a conversation or the moderation log, not a room."""
    return room[:1] in ("&", "@")


def counted(number: int, what: str) -> str:
    """Write a number of things: ``1 event``, ``1,204 events``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
