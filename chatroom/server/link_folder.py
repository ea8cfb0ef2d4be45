"""The link folder: where the house listens for its doors, and where other programs find the supervisor."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.internet.endpoints import UNIXServerEndpoint
from twisted.internet.interfaces import IListeningPort, IProtocolFactory

from chatroom.config.data_folder import SUPERVISOR
from chatroom.system import pid_lock

from .errors import CannotStart

_SOCKET = "house"

BACKLOG = 64
"""Doors that may connect at the same moment."""

_LONGEST = 107
"""Bytes of the path of a UNIX socket (unix(7)); the file system's own are longer."""


class LinkFolder:
    """
    The folder for the socket at which the house listens for its doors; only the user of the server can enter it.

    It is in the data folder, unless there is none or its path is too long for a socket: then it is a new folder for
    temporary files, which is removed at the end.

    :param data: the data folder; None: there is none.
    """

    def __init__(self, data: Path | None) -> None:
        self._data = None if data is None else data.absolute()
        self._lock: int | None = None
        self._temporary: Path | None = None
        self.socket = Path()
        """The path at which the house listens."""

    def open(self) -> None:
        """
        Make the folder, and lock it.

        :raises CannotStart: if that fails, or another supervisor has the data folder.
        """
        if self._data is not None:
            self._open_in(self._data)
            self.socket = (self._data / SUPERVISOR).with_name(_SOCKET)
        if self._data is None or len(os.fsencode(self.socket)) > _LONGEST:
            try:
                self._temporary = Path(tempfile.mkdtemp(prefix="chatroom-"))
            except OSError as error:
                raise CannotStart(f"cannot make a folder for temporary files: {error.strerror}") from None
            self.socket = self._temporary / _SOCKET

    def close(self) -> None:
        """Remove a temporary folder, and unlock the other one."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _open_in(self, data: Path) -> None:
        try:
            for folder in (data, (data / SUPERVISOR).parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = pid_lock.take(data / SUPERVISOR)
            for left in folder.iterdir():
                # Of processes that were killed.
                if left.is_socket():
                    left.unlink()
        except pid_lock.Held as held:
            raise CannotStart(
                f"{data} is in use by another chatroom server (process {held}); --data names another"
            ) from None
        except FileExistsError as error:
            raise CannotStart(f"{error.filename}: {os.strerror(errno.ENOTDIR)}") from None
        except OSError as error:
            raise CannotStart(f"{error.filename or data}: {error.strerror}") from None


class LinkEndpoint(UNIXServerEndpoint):
    """
    The house's endpoint in the link folder.

    A socket that is there already is of a house that has ended: this one has opened the journal.
    """

    def __init__(self, reactor: Any, path: Path) -> None:
        super().__init__(reactor, str(path), BACKLOG, 0o600)  # type: ignore[no-untyped-call]
        self._path = path

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen there."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            return fail(error)
        listening: Deferred[IListeningPort] = super().listen(protocolFactory)  # type: ignore[no-untyped-call]
        return listening
