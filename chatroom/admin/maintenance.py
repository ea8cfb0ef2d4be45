"""Commands that maintain the journal: ``trim``, ``check`` and ``backup``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from chatroom.chat.people.accounts import ACCOUNT
from chatroom.chat.ports import RecordChange, RetentionLimit
from chatroom.chat.rooms.registry import TRIMMED
from chatroom.config.values import Number, keep
from chatroom.journal.offline import LOGS
from chatroom.journal.offline_base import Offline

from .arguments import Commands, command, number
from .context import (
    FILE,
    Context,
    Problem,
    checked_address,
    counted,
    is_apart,
    readable,
    room_of,
    rooms_of,
    shown,
)
from .files import target


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    trimming = command(
        commands,
        "trim",
        trim,
        "delete events beyond any of the given limits; the newest event is always kept",
        "A server may be running.  It can also do this by itself: see keep in its configuration.",
    )
    which = trimming.add_mutually_exclusive_group(required=True)
    which.add_argument("room", metavar="ROOM", nargs="?")
    which.add_argument("--all", action="store_true", help="all rooms, without conversations and the moderation log")
    trimming.add_argument(
        "--days", metavar="N", type=number(Number(above=True)), help="keep events of the last N days"
    )
    trimming.add_argument("--lines", metavar="N", type=number(Number(1, whole=True)), help="keep the newest N events")
    trimming.add_argument(
        "--megabytes", metavar="N", type=number(Number(above=True)), help="keep the newest N megabytes"
    )
    command(commands, "check", check_journal, "look for damage: prints ok, or each problem and exits with 1")
    backing = command(
        commands,
        "backup",
        back_up,
        "copy the whole journal at one moment, even while a server writes to it",
        f"To restore: stop the server, delete {FILE} with its -wal and -shm, and {' and '.join(LOGS)}, and put the "
        "copy in its place.",
    )
    backing.add_argument("file", metavar="FILE", help="the new file")
    backing.add_argument("--force", action="store_true", help="overwrite FILE if it exists")
    copying = command(
        commands,
        "copy",
        copy,
        "copy the whole journal into an empty PostgreSQL database, for --database",
        "No server may be running.  The journal in the data folder stays as it is.",
    )
    copying.add_argument("into", metavar="ADDRESS", help="a connection string, such as postgresql://HOST/NAME")


def trim(context: Context, given: Namespace) -> int:
    """Delete the oldest events."""
    bounds = {name: value for name in ("days", "lines", "megabytes") if (value := getattr(given, name)) is not None}
    if not bounds:
        given.parser.error("give at least one of --days, --lines and --megabytes")
    with context.open(writing=True) as journal:
        if given.all:
            rooms = [name for name in rooms_of(journal) if not is_apart(name)]
        else:
            rooms = [room_of(journal, given.room)]
        removed = sum(_trim(context, journal, room, keep(bounds)) for room in rooms)
    where = counted(len(rooms), "room") if given.all else shown(rooms[0])
    context.say(f"Deleted {counted(removed, 'event')} from {where}.")
    return 0


def _trim(context: Context, journal: Offline, room: str, bounds: RetentionLimit) -> int:
    with readable("The journal"):
        removed = journal.trim(room, bounds)
    if removed:
        place, of = ("", f" of {room}") if is_apart(room) else (room, "")
        did = f"deleted the oldest {counted(removed, 'event')}{of}"
        # A running server forgets them, too.
        context.change(journal, [RecordChange(room, TRIMMED, "", None)], "trim", did, place)
    return removed


def check_journal(context: Context, given: Namespace) -> int:
    """Look for damage."""
    problems = context.problems()
    for problem in problems:
        context.say(problem)
    if problems:
        return 1
    with context.open() as journal, readable("The journal"):
        kept = rooms_of(journal)
        # They have just been checked for gaps.
        events = sum(journal.room(name).last - next(journal.events(name))[0] + 1 for name in kept)
        accounts = sum(record.kind == ACCOUNT for record in journal.records())
    counts = (
        counted(events, "event"),
        counted(sum(not is_apart(name) for name in kept), "room"),
        counted(sum(name[0] == "@" for name in kept), "conversation"),
        counted(accounts, "account"),
    )
    context.say(f"ok: {', '.join(counts)}")
    return 0


def copy(context: Context, given: Namespace) -> int:
    """Copy the journal into a database."""
    if context.database is not None:
        raise Problem("What is in a database already is copied with PostgreSQL's own programs, such as pg_dump.")
    context.check_there()
    into = checked_address(given.into)
    from chatroom.journal.postgres.copying import copy_into

    count = copy_into(into, context.folder, context.now())
    context.say(f"Copied {counted(count, 'event')}.  Start the server with --database from now on.")
    return 0


def back_up(context: Context, given: Namespace) -> int:
    """Copy the journal."""
    if context.database is not None:
        raise Problem("A database is backed up with PostgreSQL's own programs, such as pg_dump.")
    path = Path(given.file)
    with context.open_folder() as journal:
        journal.backup(target(path, given.force, context.folder), replacing=given.force)
    context.say(f"{counted(path.stat().st_size, 'byte')} written to {path}.")
    return 0
