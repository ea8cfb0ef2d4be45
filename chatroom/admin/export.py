"""Commands that read the history: ``rooms``, ``export`` and ``audit``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from chatroom.chat.events import AUDIT, Batch, Event
from chatroom.chat.limits import Limits
from chatroom.chat.replies import Numbered
from chatroom.config.values import Number
from chatroom.dialects.json.dialect import JsonDialect
from chatroom.dialects.json.encoder import iso
from chatroom.dialects.text.events import event_lines, is_part_of_kick
from chatroom.journal.offline_base import Offline

from .arguments import Commands, command, number
from .context import Context, counted, is_apart, readable, room_of, rooms_of, shown
from .files import new_text
from .output import columns, day, json_line

_json = JsonDialect(Limits().ref)


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    listing = command(commands, "rooms", rooms, "list the rooms: number of events, first and last day, topic")
    listing.add_argument("--json", action="store_true", help="print one JSON object per line")
    exporting = command(
        commands,
        "export",
        export,
        "write out the whole history of a room, oldest first",
        "ROOM may also be &audit (the moderation log), or a private conversation, @ID:ID.",
    )
    exporting.add_argument("room", metavar="ROOM")
    exporting.add_argument(
        "--format", choices=list(FORMATS), default="text", help="text (default), or the JSON lines that programs get"
    )
    exporting.add_argument("--output", metavar="FILE", help="write to a new file; default: standard output")
    exporting.add_argument("--force", action="store_true", help="overwrite FILE if it exists")
    auditing = command(commands, "audit", audit, "show the moderation log, oldest first")
    auditing.add_argument("-n", metavar="N", type=number(Number(1, whole=True)), help="only the newest N entries")
    auditing.add_argument("--json", action="store_true", help="print one JSON object per line")


def rooms(context: Context, given: Namespace) -> int:
    """List the rooms."""
    with context.open() as journal, readable("The list of rooms"):
        found = [_span(journal, name) for name in rooms_of(journal) if not is_apart(name)]
        lines = [_object(room) for room in found] if given.json else _table(found)
    for line in lines:
        context.say(line)
    return 0


def export(context: Context, given: Namespace) -> int:
    """Write out the journal of one room."""
    with context.open() as journal:
        room = room_of(journal, given.room)
        events = journal.events(room)
        if given.format == "text":
            events = _without_repeats(events)
        lines = _lines(events, FORMATS[given.format], f"An event of {shown(room)}")
        if given.output is None:
            for line in lines:
                context.out.write(line)
            return 0
        count = 0
        with new_text(Path(given.output), given.force, context.folder) as file:
            for line in lines:
                file.write(line)
                count += 1
    context.say(f"{counted(count, 'event')} of {shown(room)} written to {given.output}.")
    return 0


def audit(context: Context, given: Namespace) -> int:
    """Show the moderation log."""
    with context.open() as journal:
        after = 0 if given.n is None else max(0, journal.room(AUDIT).last - given.n)
        lines = _lines(journal.events(AUDIT, after), FORMATS["json" if given.json else "text"], "The moderation log")
        first = next(lines, None)
        if first is None and not given.json:
            context.say("The moderation log is empty.")
        context.out.writelines(chain(filter(None, [first]), lines))
    return 0


def as_text(seq: int, event: Event) -> str:
    """Word *event* as the text dialect does, after its day."""
    lines = event_lines([event], None)
    return f"{_day_of_minute(int(event.at) // 60)} " + "\n".join(lines) + "\n"


def as_json(seq: int, event: Event) -> str:
    """Write *event* as the JSON dialect does."""
    return _json.encode(Batch(event.room, seq, [event])).decode()


FORMATS: dict[str, Callable[[int, Event], str]] = {"text": as_text, "json": as_json}


class Span(NamedTuple):
    """A room: its number of events, the times of the first and the last, and its topic."""

    name: str
    events: int
    first: float
    last: float
    topic: str


def _span(journal: Offline, name: str) -> Span:
    """Look at both ends of a room's journal."""
    record = journal.room(name)
    oldest, first = next(journal.events(name))
    _, last = next(journal.events(name, record.last - 1))
    return Span(name, record.last - oldest + 1, first.at, last.at, record.topic)


def _lines(events: Iterable[Numbered], render: Callable[[int, Event], str], what: str) -> Iterator[str]:
    with readable(what):
        for seq, event in events:
            yield render(seq, event)


def _without_repeats(events: Iterable[Numbered]) -> Iterator[Numbered]:
    """Leave out that somebody has left, where the line before says who kicked them."""
    before: Event | None = None
    for seq, event in events:
        if not is_part_of_kick(event, before):
            yield seq, event
        before = event


@lru_cache(maxsize=1024)
def _day_of_minute(minute: int) -> str:
    return day(minute * 60)


def _table(found: list[Span]) -> list[str]:
    if not found:
        return ["There are no rooms."]
    rows = [(f"#{one.name}", f"{one.events:,}", day(one.first), day(one.last), one.topic) for one in found]
    return columns(("ROOM", "EVENTS", "FIRST", "LAST", "TOPIC"), rows)


def _object(one: Span) -> str:
    return json_line(room=one.name, events=one.events, first=iso(one.first), last=iso(one.last), topic=one.topic)
