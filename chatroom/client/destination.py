"""The destination: a line goes to the room that the person saw when they entered it, or nowhere."""

from __future__ import annotations

from collections.abc import Collection

from .held_input import Typed
from .rooms import JoinedRooms

CHOOSE = "Choose a room with /go N, or Alt and its number; /go lists yours."
"""What to do after the current room was left on another device."""


class Destination:
    """
    Decides whether a line may go to the current room.

    After a change that the person did not ask for, such as a kick, nothing goes anywhere until they have seen it.

    :param wanted: the rooms to enter at first; none: the server's choice.
    """

    def __init__(self, rooms: JoinedRooms, wanted: Collection[str] = ()) -> None:
        self._rooms = rooms
        self._wanted = wanted
        self._arrived = False
        """Whether the rooms of the first hello have been entered."""
        self._unseen = False
        """Whether the room has changed, and the person may not have seen that."""
        self._astray = False
        """Whether a command that should have led somewhere was refused."""

    def changed(self, before: str, *, asked: bool) -> str:
        """
        Note that *before* is not the current room any more.

        :param asked: the person asked for that.
        :returns: what to tell them; "": nothing.
        """
        self._unseen = not asked and self._arrived
        if not self._unseen:
            return ""
        left = f"You are no longer in #{before}" if before else ""
        here = f"You are in #{self._rooms.current} now." if self._rooms.current else ""
        if here or not self._rooms.people:
            return f"{left}. {here}" if left and here else here or f"{left}, and in no other room. /join enters one."
        return f"{left}. {CHOOSE}"

    def arrived(self) -> None:
        """Note that the rooms of a hello have been entered."""
        self._arrived = True
        self._astray = bool(self._wanted) and self._rooms.current not in self._wanted

    def led(self, *, astray: bool) -> None:
        """Note that a command that changes the room was answered; *astray*: refused."""
        self._astray = astray
        self._unseen = self._unseen and astray

    def objection(self, typed: Typed, *, again: bool, seen: bool) -> str:
        """
        Say why *typed* must not be sent; "": it may.

        :param again: the person can enter it again.
        :param seen: they know then where it goes.
        """
        here = self._rooms.current
        if not here:
            return f"Not sent. {CHOOSE}" if self._rooms.people else "You are not in a room; /join one first."
        known = not self._astray if typed.room is None else typed.room == here
        if known and not self._unseen:
            return ""
        self._unseen = self._unseen and not seen
        return f"Not sent: you are in #{here} now." + (" Press Enter again to send it there." if again else "")
