"""The command line of ``chatroom-admin``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from typing import NoReturn

from chatroom import __version__
from chatroom.config.data_folder import DEFAULT
from chatroom.dialects.sanitize import clean

from . import (
    account_commands,
    ban_commands,
    cluster_commands,
    deletion,
    export,
    key_commands,
    maintenance,
    token_commands,
    upgrade,
)

_EXAMPLES = """
for example:
  chatroom-admin account add ann --admin      the first admin of a server
  chatroom-admin --data /srv/chat check
  chatroom-admin export lobby --format json | jq -r '.text // empty'
  chatroom-admin backup "chat-$(date +%F).sqlite3"

Run it as the same user as the server.  It exits with 0 on success, with 1 after an error,
if damage was found, or if no server leads, and with 2 if the command line is wrong.
"""


_MAX_MISTAKE = 300
"""The longest description of a mistake, in characters: it may quote what was typed."""


class _Parser(ArgumentParser):
    """A parser that describes a mistake in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Print *message*, and exit with status 2."""
        line = clean(" ".join(message.split()))
        short = line if len(line) <= _MAX_MISTAKE else f"{line[:_MAX_MISTAKE]}…"
        self.exit(2, f"{self.prog}: {short}; see {self.prog} --help\n")


def parse(arguments: Sequence[str]) -> Namespace:
    """Parse the command line; on a mistake, say what is wrong and exit with status 2."""
    parser = _Parser(
        prog="chatroom-admin",
        description="Works on what a chatroom server stores, whether or not the server is running.",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", metavar="DIR", help=f"the data folder; default: {DEFAULT}, like the server")
    parser.add_argument("--database", metavar="ADDRESS", help="a PostgreSQL database instead, like the server's")
    parser.add_argument("--version", action="version", version=f"chatroom-admin {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary, part in (
        ("account", "accounts: add, list, delete, password, role", account_commands),
        ("ban", "bans: list, lift", ban_commands),
        ("token", "tokens for scripts: add, list, remove", token_commands),
        ("key", "SSH keys of accounts, and the server's own: add, list, remove, host", key_commands),
        ("cluster", "several machines with one database: status", cluster_commands),
    ):
        group = commands.add_parser(name, help=summary, description=f"{summary}.")
        part.add_to(group.add_subparsers(title="commands", metavar="COMMAND", required=True))
    export.add_to(commands)
    maintenance.add_to(commands)
    deletion.add_to(commands)
    upgrade.add_to(commands)
    return parser.parse_args(arguments)
