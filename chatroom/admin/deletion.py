"""``chatroom-admin delete``: takes back one message of anyone."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable

from chatroom.chat.changes import Deleted
from chatroom.chat.events import AUDIT, TALK, AuditEntry, Event
from chatroom.chat.limits import Limits
from chatroom.chat.ports import RecordChange
from chatroom.chat.rooms.deletion_requests import DELETION, is_deletable
from chatroom.config.values import Number
from chatroom.dialects.sanitize import clean
from chatroom.journal.offline_base import Offline

from .arguments import Commands, command, number
from .context import WHO, Context, Problem, is_apart, readable, room_of, shown

_SERVER = 15.0
"""Seconds to wait for a running server, which looks for requests once a second."""
_PAUSE = 0.2


def add_to(commands: Commands) -> None:
    """Add this command to the command line."""
    deleting = command(
        commands,
        "delete",
        delete,
        "delete one message: its text, wherever it is stored; that it was deleted stays",
        "A running server does this, and erases the text from the disk within a minute.  Copies that you have made"
        " yourself, such as backups, are not changed.  The numbers of messages: chatroom-admin export ROOM"
        " --format json.",
    )
    deleting.add_argument("room", metavar="ROOM", help="a room, or a private conversation: @ID:ID")
    deleting.add_argument("seq", metavar="SEQ", type=number(Number(1, whole=True)), help="the number of the message")
    deleting.add_argument("--reason", metavar="TEXT", default="", help="shown to everyone in the room")


def delete(context: Context, given: Namespace, sleep: Callable[[float], object] = time.sleep) -> int:
    """Delete a message."""
    reason = clean(given.reason.strip())
    if len(reason) > Limits().topic:
        raise Problem(f"A reason has at most {Limits().topic} characters.")
    with context.open() as journal:
        room = room_of(journal, given.room)
        event = _message(journal, room, given.seq)
    now = context.now()
    place, of = ("", f" of {room}") if is_apart(room) else (room, "")
    why = f" ({reason})" if reason else ""
    text = f"deleted message {given.seq}{of} by {event.nick}{why}"
    entry = AuditEntry(AUDIT, now, "", WHO, "delete", place, text)
    deleted = Deleted(room, now, "", WHO, given.seq, event.nick, by_author=False, reason=reason)
    with readable("The journal"):
        if not context.delete(deleted, entry, sleep):
            return _ask_server(context, room, deleted, text, place, sleep)
    context.say(f"Deleted message {given.seq} of {shown(room)}.")
    return 0


def _ask_server(
    context: Context, room: str, deleted: Deleted, text: str, place: str, sleep: Callable[[float], object]
) -> int:
    """Leave a request for the running server, and wait until it is carried out."""
    key = f"{room} {deleted.re}"
    request = RecordChange("", DELETION, key, {"reason": deleted.reason, "nick": deleted.nick})
    with context.open(writing=True) as journal:
        context.change(journal, [request], "delete", text, place)
        for _ in range(round(_SERVER / _PAUSE)):
            if not journal.find(DELETION, key):
                context.say(f"Deleted message {deleted.re} of {shown(room)}; erased from the disk within a minute.")
                return 0
            sleep(_PAUSE)
    raise Problem("The server has not deleted it yet; it will as soon as it can, at the latest when it starts again.")


def _message(journal: Offline, room: str, seq: int) -> Event:
    """
    Read the message *seq* of *room*.

    :raises Problem: if it cannot be deleted.
    """
    found = next(journal.events(room, seq - 1), None)
    if found is None or found[0] != seq:
        raise Problem(f"{shown(room)} has no message {seq}.")
    event = found[1]
    if not isinstance(event, TALK):
        raise Problem(f"Event {seq} of {shown(room)} is not a message.")
    if not is_deletable(event):
        raise Problem(f"Message {seq} of {shown(room)} is already deleted.")
    return event
