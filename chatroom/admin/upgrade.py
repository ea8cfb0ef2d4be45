"""The command that has a running server go on with the code that is installed now: ``upgrade``."""

from __future__ import annotations

from argparse import Namespace

from chatroom.config.supervisor import NotTold, tell_to_upgrade

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
    try:
        context.say(tell_to_upgrade(context.folder))
    except NotTold as error:
        raise Problem(str(error)) from None
    return 0
