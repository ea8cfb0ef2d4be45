"""The command ``chatroom-admin``: run one command, and report an error in one line."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import Refusal
from chatroom.config.data_folder import data_folder
from chatroom.dialects.sanitize import clean

from .command_line import parse
from .context import Context, Problem

_INTERRUPTED = 130
"""The exit status of shells after Ctrl-C: 128 plus the number of the signal."""

_MAX_COMPLAINT = 500
"""The longest error message, in characters."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the command line gives; return the exit status."""
    given = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        # Exports are UTF-8, whatever the locale.
        with open(1, "w", encoding="utf-8", newline="\n", closefd=False) as out:
            status: int = given.run(_context(given, out), given)
        return status
    except BrokenPipeError:
        return 0  # the reader has seen enough
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (Problem, Refusal, JournalError) as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{error.filename or 'standard output'}: {error.strerror}")


def _context(given: Namespace, out: TextIO) -> Context:
    if given.database is not None:
        if given.data is not None:
            raise Problem("--data and --database exclude each other.")
        return Context(Path(), out, given.database)
    return Context(_folder(given.data), out)


def _folder(given: str | None) -> Path:
    try:
        return data_folder(given)
    except RuntimeError:
        raise Problem("There is no home folder to look for the data folder; give it with --data.") from None


def _complain(line: str) -> int:
    # It may quote what was typed: of any length, with any characters.
    text = clean(" ".join(line.split()))
    print(f"chatroom-admin: {text if len(text) <= _MAX_COMPLAINT else text[:_MAX_COMPLAINT] + '…'}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
