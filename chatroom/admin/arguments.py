"""Helpers for defining commands and their arguments."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from chatroom.config.values import Number, Wrong

from .context import Context

Commands = Any
"""What ``ArgumentParser.add_subparsers`` returns; argparse has no public name for it."""


def command(commands: Commands, name: str, run: Callable[[Context, Any], int], summary: str, more: str = "") -> Any:
    """
    Add a command.

    :param run: runs the command with its arguments, and returns the exit status.
    :returns: the parser for its arguments.
    """
    parser = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.  {more}".strip())
    parser.set_defaults(run=run, parser=parser)
    # Allowed before the command and behind it: without a default here, so that it never hides the one before.
    parser.add_argument("--data", metavar="DIR", default=SUPPRESS, help="the data folder")
    parser.add_argument("--database", metavar="ADDRESS", default=SUPPRESS, help="a PostgreSQL database instead")
    return parser


def number(bounds: Number) -> Callable[[str], Any]:
    """Make a parser for a number within *bounds*."""

    def parse(text: str) -> Any:
        try:
            return bounds.parse(text)
        except Wrong as wrong:
            raise ArgumentTypeError(wrong.reason) from None

    return parse
