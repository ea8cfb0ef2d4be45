"""The reading position: how far the person has read, for their other devices; the server keeps and tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from chatroom.dialects.sanitize import clean

from .activity import MAX_CONVERSATIONS, Activity
from .rooms import JoinedRooms

MIN_INTERVAL = 1.0
"""Seconds between two positions of one room: the server wants no more."""
_REF = "read"
"""Marks the answers to positions, of which nobody is told; those to lines have a number."""


class Reading:
    """
    Sends the reading position, and takes over what the other devices have read.

    Only what was shown in the current room counts, and only while the terminal is in front or the person types: a
    client left in a corner must not clear the badges of a phone.  Servers that send no positions are sent none.

    :param clock: paces what is sent; None: nothing is ever sent, because no person reads.
    :param send: sends an object.
    """

    def __init__(
        self,
        rooms: JoinedRooms,
        activity: Activity,
        clock: IReactorTime | None,
        send: Callable[[Mapping[str, Any]], object],
    ) -> None:
        self._in_front = False
        """Whether the terminal says that its window is in front."""
        self._live = False
        """Whether what arrives is happening now: what is replayed was not all read yet."""
        self._rooms = rooms
        self._activity = activity
        self._clock = clock
        self._send = send
        self._read: dict[str, int] = {}
        """The position in each room and conversation of which the server has told it."""
        self._due: dict[str, int] = {}
        self._pause: IDelayedCall | None = None

    def knows(self, place: str) -> bool:
        """Return whether the server counts what is unread in *place*."""
        return place in self._read

    # What the person does.

    def focus(self, *, in_front: bool) -> None:
        """Note that the window of the terminal has come to the front, or is not there any more."""
        self._in_front = in_front
        self.shown()

    def shown(self) -> None:
        """Note that everything received is on the screen."""
        if self._in_front:
            self.typed()

    def typed(self) -> None:
        """Note that the person is here, and so has seen the current room."""
        place = self._rooms.current
        seq = self._rooms.seen.get(place, 0)
        if self._clock is not None and self._live and seq > self._read.get(place, seq):
            self._read[place] = self._due[place] = seq
            if self._pause is None:
                self._send_due()

    def go_live(self) -> None:
        """Send positions from now on."""
        self._live = True

    def stop(self) -> None:
        """Send nothing more on this connection; the next one tells all positions anew."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._live = False
        self._read.clear()
        self._due.clear()

    def _send_due(self) -> None:
        self._pause = None
        due, self._due = self._due, {}
        for place, seq in due.items():
            self._send({"type": "read", "room": place, "seq": seq, "ref": _REF})
        if due and self._clock is not None:
            self._pause = self._clock.callLater(MIN_INTERVAL, self._send_due)

    # What the server says.

    def take(self, values: Mapping[str, Any]) -> bool:
        """Take over the positions in *values*; return whether there is nothing else in it."""
        kind, ref = values.get("type"), values.get("ref")
        if kind in ("read", "room"):
            self._take_over(values, "seq" if kind == "read" else "read")
        elif kind == "conversations":
            self._converse(values.get("conversations"))
        return ref == _REF or (kind in ("read", "conversations") and ref is None)

    def _take_over(self, values: Mapping[str, Any], name: str) -> None:
        place, seq = values.get("room"), values.get(name)
        if not isinstance(place, str) or not _is_count(seq):
            return
        self._read[place] = max(seq, self._read.get(place, 0))
        lines, mentions = values.get("unread"), values.get("mentions", 0)
        if _is_count(lines) and _is_count(mentions) and seq >= self._read[place]:
            self._activity.count(place, lines, mentions)

    def _converse(self, rows: Any) -> None:
        """Note the conversations in *rows*, the newest first, also those that this client has never seen."""
        for row in reversed(rows[:MAX_CONVERSATIONS] if isinstance(rows, list) else []):
            place, nick = (row.get("room"), row.get("nick")) if isinstance(row, dict) else (None, None)
            if isinstance(place, str) and place.startswith("@") and isinstance(nick, str):
                self._activity.converse(place, clean(nick))
                self._take_over(row, "read")


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0
