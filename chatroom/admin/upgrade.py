"""The command that has a running server go on with the code that is installed now: ``upgrade``."""

from __future__ import annotations

import os
import signal
from argparse import Namespace

from chatroom.config.data_folder import SUPERVISOR
from chatroom.system import pid_lock

from .arguments import Commands, command
from .context import Context, Problem


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    command(
        commands,
        "upgrade",
        upgrade,
        "have a server with --doors replace its processes by those of the code that is installed now",
        "Connections stay, except those of IRC, SSH and HTTP. The log of the server says what comes of it.",
    )


def upgrade(context: Context, given: Namespace) -> int:
    """Tell the supervisor."""
    if context.database is not None:
        raise Problem("A server with a database has no folder to find it by: send SIGUSR2 to its first process.")
    pid = pid_lock.holder(context.folder / SUPERVISOR)
    if pid is None:
        raise Problem(f"No server with --doors is running in {context.folder}.")
    try:
        os.kill(pid, signal.SIGUSR2)
    except PermissionError:
        raise Problem(f"Process {pid} is another user's: run this as the same user as the server.") from None
    context.say(f"Told process {pid} to go on with the code that is installed now; its log says what comes of it.")
    return 0
