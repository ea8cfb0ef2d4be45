"""The supervisor of a data folder: has it go on with the code that is installed now."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from chatroom.system import pid_lock

from .data_folder import SUPERVISOR


class NotTold(Exception):
    """No supervisor could be told; the text says why, in one line."""


def tell_to_upgrade(folder: Path) -> str:
    """
    Tell the supervisor of the server with its data in *folder*.

    :returns: what comes of it, in one line.
    :raises NotTold: if there is none, or it is another user's.
    """
    pid = pid_lock.holder(folder / SUPERVISOR)
    if pid is None:
        raise NotTold(f"No server with --doors is running in {folder}.")
    try:
        os.kill(pid, signal.SIGUSR2)
    except PermissionError:
        raise NotTold(f"Process {pid} is another user's: run this as the same user as the server.") from None
    return f"Told process {pid} to go on with the code that is installed now; its log says what comes of it."
