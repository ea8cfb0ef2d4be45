"""Looking after the journal: trimmed, checked, backed up."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from chatroom.chat.accounts import ACCOUNT
from chatroom.chat.ports import Keep
from chatroom.config.values import Number, keep
from chatroom.journal.offline import OfflineJournal, check

from .arguments import Commands, command, number
from .context import FILE, Desk, counted, is_apart, legible, room_of, rooms_of, shown
from .files import target


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    trimming = command(
        commands,
        "trim",
        trim,
        "remove what is older than any of the given bounds; the newest event always stays",
        "A server that runs on the folder goes on; it can do the same by itself: see keep in its configuration.",
    )
    which = trimming.add_mutually_exclusive_group(required=True)
    which.add_argument("room", metavar="ROOM", nargs="?")
    which.add_argument("--all", action="store_true", help="every room; not conversations, nor the audit log")
    trimming.add_argument("--days", metavar="N", type=number(Number(above=True)), help="keep what is at most so old")
    trimming.add_argument("--lines", metavar="N", type=number(Number(1, whole=True)), help="keep the newest N events")
    trimming.add_argument(
        "--megabytes", metavar="N", type=number(Number(above=True)), help="keep so much of what was said last"
    )
    command(commands, "check", look, "look for damage: a line for each problem, and status 1, or a line with ok")
    backing = command(
        commands,
        "backup",
        back_up,
        "copy the whole journal, as of one moment, while a server may be writing to it",
        f"To restore: stop the server, remove {FILE} with its -wal and -shm, and put the copy in its place.",
    )
    backing.add_argument("file", metavar="FILE", help="the new file")
    backing.add_argument("--force", action="store_true", help="overwrite FILE if there is one")


def trim(desk: Desk, given: Namespace) -> int:
    """Remove what need not be kept."""
    bounds = {name: value for name in ("days", "lines", "megabytes") if (value := getattr(given, name)) is not None}
    if not bounds:
        given.parser.error("at least one of --days, --lines and --megabytes must be given")
    with desk.open(writing=True) as journal:
        if given.all:
            rooms = [name for name in rooms_of(journal) if not is_apart(name)]
        else:
            rooms = [room_of(journal, given.room)]
        removed = sum(_trim(desk, journal, room, keep(bounds)) for room in rooms)
    where = counted(len(rooms), "room") if given.all else shown(rooms[0])
    desk.say(f"{counted(removed, 'event')} removed from {where}.")
    return 0


def _trim(desk: Desk, journal: OfflineJournal, room: str, bounds: Keep) -> int:
    with legible("The journal"):
        removed = journal.trim(room, bounds)
    if removed:
        place, of = ("", f" of {room}") if is_apart(room) else (room, "")
        desk.change(journal, [], "trim", f"removed the oldest {counted(removed, 'event')}{of}", place)
    return removed


def look(desk: Desk, given: Namespace) -> int:
    """Look for damage."""
    desk.check_there()
    problems = check(desk.folder)
    for problem in problems:
        desk.say(problem)
    if problems:
        return 1
    with desk.open() as journal, legible("The journal"):
        kept = rooms_of(journal)
        # Checked just now: there are no holes.
        events = sum(journal.room(name).last - next(journal.events(name))[0] + 1 for name in kept)
        accounts = sum(record.kind == ACCOUNT for record in journal.records())
    counts = (
        counted(events, "event"),
        counted(sum(not is_apart(name) for name in kept), "room"),
        counted(sum(name[0] == "@" for name in kept), "conversation"),
        counted(accounts, "account"),
    )
    desk.say(f"ok: {', '.join(counts)}")
    return 0


def back_up(desk: Desk, given: Namespace) -> int:
    """Copy the journal."""
    path = Path(given.file)
    with desk.open() as journal:
        journal.backup(target(path, given.force, desk.folder), replacing=given.force)
    desk.say(f"{counted(path.stat().st_size, 'byte')} written to {path}.")
    return 0
