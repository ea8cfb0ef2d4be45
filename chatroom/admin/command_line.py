"""The command line of ``chatroom-admin``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from chatroom import __version__
from chatroom.config.data_folder import DEFAULT

from . import account_commands, ban_commands, export, maintenance

_EXAMPLES = """
for example:
  chatroom-admin account add ann --admin      the first admin of a server
  chatroom-admin --data /srv/chat check
  chatroom-admin export lobby --format json | jq -r '.text // empty'
  chatroom-admin backup "chat-$(date +%F).sqlite3"

Run it as the same user as the server.  It exits with 0 on success, with 1 after an error
or if damage was found, and with 2 if the command line is wrong.
"""


def parse(arguments: Sequence[str]) -> Namespace:
    """Parse the command line; on a mistake, say what is wrong and exit with status 2."""
    parser = ArgumentParser(
        prog="chatroom-admin",
        description="Works on the data folder of a chatroom server, whether or not the server is running.",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", metavar="DIR", help=f"the data folder; default: {DEFAULT}, like the server")
    parser.add_argument("--version", action="version", version=f"chatroom-admin {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary, part in (
        ("account", "accounts: add, list, delete, password, role", account_commands),
        ("ban", "bans: list, lift", ban_commands),
    ):
        group = commands.add_parser(name, help=summary, description=f"{summary}.")
        part.add_to(group.add_subparsers(title="commands", metavar="COMMAND", required=True))
    export.add_to(commands)
    maintenance.add_to(commands)
    return parser.parse_args(arguments)
