"""Authorized keys: the file of those who may come in by SSH, if not everyone may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chatroom.chat.refusals import Refusal
from chatroom.chat.syntax import names, public_keys
from chatroom.doors.factory import CannotOpen

_MAX_FILE = 2**20
"""Bytes of the file: some 10,000 keys, which take 60 ms to read."""

_OPTION = re.compile(r'([a-z0-9-]+)(?:="([^"]*)")?(?:,|(?= |$))', re.IGNORECASE)

_HARMLESS = frozenset(
    ("no-agent-forwarding", "no-port-forwarding", "no-user-rc", "no-x11-forwarding", "no-touch-required", "restrict")
)
"""Options of OpenSSH (sshd(8), "AUTHORIZED_KEYS FILE FORMAT") that forbid what is not to be had here anyway."""

_ACCOUNT = "account"
"""The option of our own: the nick of the account that the key is of."""


@dataclass(frozen=True, slots=True)
class Authorized:
    """A key that may come in; ``account`` is the nick of the account that it is of, empty for a guest's."""

    fingerprint: str
    account: str = ""


class AuthorizedKeys:
    """
    The keys in a file in the format of OpenSSH's ``authorized_keys``, which is read again when it has changed.

    :param file: None: every key may come in, and whoever has none.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._read_as: tuple[int, ...] = ()
        """What the file looked like when it was read, whether or not it could be."""
        self._keys: dict[str, Authorized] = {}

    @property
    def restricting(self) -> bool:
        """Whether only some may come in."""
        return self._file is not None

    def admits(self, fingerprint: str) -> bool:
        """Return whether the owner of the key with this *fingerprint* may come in; empty: somebody without a key."""
        return self._file is None or fingerprint in self._keys

    @property
    def accounts(self) -> dict[str, str]:
        """The keys of accounts: the nick by the fingerprint."""
        return {key.fingerprint: key.account for key in self._keys.values() if key.account}

    def refresh(self) -> bool:
        """
        Read the file if it has changed; return whether it was read.

        :raises CannotOpen: if it has changed and cannot be read: nobody is admitted until it can.
        """
        if self._file is None:
            return False
        seen: tuple[int, ...]
        try:
            look = self._file.stat()
            seen = look.st_mtime_ns, look.st_ctime_ns, look.st_size, look.st_ino
        except OSError as error:
            seen = (error.errno or 0,)
        if seen == self._read_as:
            return False
        self._keys, self._read_as = {}, seen
        try:
            with self._file.open("rb") as opened:
                text = opened.read(_MAX_FILE + 1)
        except OSError as error:
            raise CannotOpen(f"{self._file}: {error.strerror}") from None
        self._keys = {key.fingerprint: key for key in _read(self._file, text)}
        return True


def _read(file: Path, text: bytes) -> Iterator[Authorized]:
    if len(text) > _MAX_FILE:
        raise CannotOpen(f"{file}: more than {_MAX_FILE:,} bytes")
    for number, line in enumerate(text.decode("utf-8", "replace").splitlines(), 1):
        written = line.strip()
        if written and not written.startswith("#"):
            try:
                yield _key(written)
            except Refusal as refusal:
                raise CannotOpen(f"{file}, line {number}: {refusal}") from None
            except ValueError as error:
                raise CannotOpen(f"{file}, line {number}: {error}") from None


def _key(line: str) -> Authorized:
    """Read ``[OPTIONS ]TYPE KEY[ COMMENT]``."""
    account = ""
    if line.partition(" ")[0] not in public_keys.TYPES:
        end = 0
        while found := _OPTION.match(line, end):
            name, value = found[1].lower(), found[2]
            if name == _ACCOUNT and names.key(value or ""):
                account = names.key(value)
            elif name not in _HARMLESS or value is not None:
                raise ValueError(f"the option {name} means nothing here")
            end = found.end()
        line = line[end:].lstrip()
    return Authorized(public_keys.parse(line).fingerprint, account)
