"""The context of every admin command: the data folder, the output, and errors for people."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from chatroom.chat.events import AUDIT, AuditEntry
from chatroom.chat.limits import Limits
from chatroom.chat.ports import RecordChange
from chatroom.chat.syntax import names
from chatroom.journal.offline import OfflineJournal

from .password_prompt import ask, hashed

WHO = "chatroom-admin"
"""The name in the moderation log."""

FILE = "journal.sqlite3"
"""The file of the journal, in the data folder."""


class Problem(Exception):
    """A command cannot be carried out; the text is one clear line for people."""


def _token() -> str:
    return secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True)
class Context:
    """
    What a command works with.

    :param now: seconds since the epoch.
    :param token: generates the id of an account.
    :param ask: asks for a new password.
    :param hash: hashes a password for storage.
    """

    folder: Path
    out: TextIO
    now: Callable[[], float] = time.time
    token: Callable[[], str] = _token
    ask: Callable[[], str] = ask
    hash: Callable[[str], str] = hashed

    def open(self, *, writing: bool = False, making: bool = False) -> OfflineJournal:
        """
        Open the journal.

        :param making: create it if there is none, and the folder, too.
        :raises Problem: if there is none.
        """
        if not making:
            self.check_there()
        return OfflineJournal(self.folder, writing=writing or making, now=self.now)

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

    def change(
        self, journal: OfflineJournal, changes: Sequence[RecordChange], act: str, text: str, where: str = ""
    ) -> None:
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


def room_of(journal: OfflineJournal, text: str) -> str:
    """
    Find the journal that *text* names: a room, ``&audit``, or a conversation by its whole name.

    :raises Problem: if there is none.
    """
    name = text if text[:1] in ("&", "@") else names.room(text, Limits().room)
    if not journal.room(name).last:
        raise Problem(f"There is no room {shown(name)}; chatroom-admin rooms lists all rooms.")
    return name


def rooms_of(journal: OfflineJournal) -> list[str]:
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
