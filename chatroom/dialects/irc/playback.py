"""Playback: what happened in a room, told among its past messages (IRCv3, draft/event-playback)."""

from __future__ import annotations

from collections.abc import Iterable

from chatroom.chat.changes import Deleted, Edited
from chatroom.chat.events import TALK, AuditEntry, Delivered, Event, Invited, Kicked, Left
from chatroom.chat.outcomes import is_deleted
from chatroom.chat.replies import Numbered

from .look import Look

_NEVER = (Delivered, AuditEntry, Edited)
"""What is about a moment that has passed, or said by the messages themselves by now."""


def played(look: Look, events: Iterable[Numbered], before: Event | None = None) -> list[Numbered]:
    """
    Return those of *events*, which follow each other, that a client with this *look* is shown as past.

    Who knows that messages are taken back is not shown those (draft/message-redaction); others, that they were there.

    :param before: the event before them, if known.
    """
    found: list[Numbered] = []
    for seq, event in events:
        if type(event) in TALK:
            is_shown = not (look.redaction and is_deleted(event))
        else:
            is_shown = look.playback and _is_played(look, event, before)
        if is_shown:
            found.append((seq, event))
        before = event
    return found


def _is_played(look: Look, event: Event, before: Event | None) -> bool:
    if isinstance(event, Deleted):
        return look.redaction
    if isinstance(event, Invited):
        return look.invite_notify
    if isinstance(event, Left) and isinstance(before, Kicked) and before.target == event.nick:
        return False
    return not isinstance(event, _NEVER)
