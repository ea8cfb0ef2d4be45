"""The rooms that are shown live at a door: who follows them there, and how far they have been shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from chatroom.chat.events import Batch
from chatroom.chat.rooms.subscribers import Subscribers
from chatroom.doors.outlets.fan_out import deliver, fan_out
from chatroom.doors.outlets.stream import StreamOutlet

from .codec import BadFrame


class Follower(Protocol):
    """A session at this door; see `RemoteSession`."""

    outlet: StreamOutlet
    full: bool
    """Whether the client does not read, which the house may not know yet."""

    def settle(self, n: str) -> None:
        """Note that command *n* is done: its event is shown now."""

    def __hash__(self) -> int:
        """Sessions are told apart by identity."""


class _Room:
    """A room: its live outlets here, and the last seq that they were shown."""

    __slots__ = ("following", "shown", "slow", "subscribers")

    def __init__(self, shown: int) -> None:
        self.shown = shown
        self.subscribers = Subscribers()
        self.following: dict[Follower, tuple[str, str]] = {}
        """The sessions, with the identity and the id under which they were added."""
        self.slow: dict[Follower, None] = {}
        """Those whose clients did not read: nothing is written past what their transports have buffered."""


class RoomsShown:
    """All rooms that any session of this door is live in."""

    def __init__(self) -> None:
        self._rooms: dict[str, _Room] = {}
        self._of: dict[Follower, set[str]] = {}

    def follow(self, session: Follower, name: str, seq: int) -> None:
        """
        Show *session* the room *name* after *seq*, the last one shown there.

        :raises BadFrame: if it is shown already, or up to another seq.
        """
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = _Room(seq)
        if session in room.following or room.shown != seq:
            raise BadFrame("live twice, or from another seq")
        outlet = session.outlet
        who = room.following[session] = outlet.viewer, outlet.session or outlet.viewer
        if session.full:
            room.slow[session] = None
        else:
            room.subscribers.add(*who, outlet)  # type: ignore[arg-type]
        self._of.setdefault(session, set()).add(name)

    def unfollow(self, session: Follower, name: str) -> int:
        """
        Show *session* nothing more of the room; return the last seq shown.

        :raises BadFrame: if it is not shown the room.
        """
        room = self._rooms.get(name)
        if room is None or session not in room.following:
            raise BadFrame("not live")
        who = room.following.pop(session)
        if session in room.slow:
            del room.slow[session]
        else:
            room.subscribers.remove(*who)
        self._of[session].discard(name)
        if not room.following:
            del self._rooms[name]
        return room.shown

    def slow_down(self, session: Follower) -> None:
        """Note that the client of *session* does not read: until the house knows, it is shown what comes."""
        for name in self._of.get(session, ()):
            room = self._rooms[name]
            if session not in room.slow:
                room.slow[session] = None
                room.subscribers.remove(*room.following[session])

    def leave(self, session: Follower) -> None:
        """Show *session* nothing more."""
        for name in tuple(self._of.get(session, ())):
            self.unfollow(session, name)
        self._of.pop(session, None)

    def positions(self, session: Follower) -> dict[str, int]:
        """Return the last seq shown of each room that *session* is live in."""
        return {name: self._rooms[name].shown for name in self._of.get(session, ())}

    def show(self, batch: Batch, settle: Mapping[str, Follower]) -> int:
        """
        Show *batch* to everyone who is live in its room.

        :param settle: sessions by their sid: those whose commands led to it are told.
        :returns: how many were shown it.
        :raises BadFrame: if it does not follow the one before.
        """
        room = self._rooms.get(batch.room)
        if room is None:
            return 0
        if batch.first != room.shown + 1 or not batch.events:
            raise BadFrame("not the next batch")
        room.shown = batch.last
        for event in batch.events:
            if event.ask:
                sid, _, n = event.ask.partition(".")
                session = settle.get(sid)
                if session is not None and session in room.following:
                    session.settle(n)
        slow = list(room.slow)
        fan_out(room.subscribers, batch)  # type: ignore[arg-type]
        for follower in slow:
            deliver(follower.outlet, batch)
        return len(room.following)
