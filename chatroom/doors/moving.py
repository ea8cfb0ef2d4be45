"""Moving: a connection goes on at the door of another process, and its client notices nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatroom.dialects.line_splitter import LineSplitter, SavedLines

from .addresses import is_encrypted
from .door import BUSY, LOST, MOVING, RESTING
from .house import DoorSession
from .outlets.saved import SavedOutlet
from .outlets.stream import StreamOutlet
from .rate_limit import SavedThrottle
from .stall_detector import buffered
from .typed_ahead import TypingDoor
from .typing_client import SavedClient, TypingClient

_MOVED_LINES = 0.25
"""Cost of going on with a connection, in lines."""


@dataclass(frozen=True, slots=True)
class SavedDoor:
    """
    What a door knows of its connection, besides the session.

    The times are in seconds.  The time limit for a nick is not among them: it begins again.

    :param unread: see `LineDoor`, as for the next two.
    :param asked: see `TypingDoor`.
    :param no_talk: how long what is typed may still be a secret.
    :param unpaid: bytes received and not charged yet.
    """

    outlet: SavedOutlet
    lines: SavedLines
    client: SavedClient | None
    throttle: SavedThrottle | None
    unread: bytes
    together: bool
    by_hand: bool
    asked: bool
    no_talk: float
    unpaid: int


class MovingDoor(TypingDoor):
    """A door for lines whose connection may move, if nothing but a socket is below it."""

    _lines: LineSplitter
    _client: TypingClient | None
    _unread: bytes
    _together: bool
    _by_hand: bool
    _make_client: Callable[[], TypingClient]
    """Make the terminal of a client that has none yet."""
    _speak_telnet: Callable[[], object]
    """Write as telnet needs it."""

    @property
    def session(self) -> Any:
        """The session."""
        return self._session

    @property
    def may_move(self) -> bool:
        """Whether the connection could go on elsewhere, as far as is known here: nothing is buffered or ending."""
        return not (
            self._waits & LOST
            or self._finished
            or self._session.gone
            or self._outlet.broken
            or is_encrypted(self.transport)
            or buffered(self.transport)
        )

    def hold(self) -> None:
        """Stop reading: the connection is to move."""
        self._wait(MOVING)

    def stay(self) -> None:
        """Go on here."""
        self._resume(MOVING)

    def saved(self) -> SavedDoor:
        """Return the state, for `go_on`; nothing may be read or shown afterwards."""
        return SavedDoor(
            outlet=self._outlet.saved(),
            lines=self._lines.saved(),
            client=None if self._client is None else self._client.saved(),
            throttle=None if self._throttle is None else self._throttle.saved(),
            unread=self._unread,
            together=self._together,
            by_hand=self._by_hand,
            asked=self._asked,
            no_talk=max(0.0, self._no_talk_until - self.factory.clock.seconds()),
            unpaid=self._unpaid,
        )

    def go_on(self, transport: Any, saved: SavedDoor, restore: Callable[[StreamOutlet], DoorSession]) -> None:
        """
        Go on with a connection, in the state of another process.

        :param restore: makes the session for an outlet.
        """
        self.transport = transport
        self._outlet = self._make_outlet()
        self._lines.restore(saved.lines)
        self._unread, self._together, self._by_hand = saved.unread, saved.together, saved.by_hand
        self._asked, self._unpaid = saved.asked, saved.unpaid
        if saved.no_talk:
            self._no_talk_until = self.factory.clock.seconds() + saved.no_talk
        if saved.client is not None:
            self._client = self._make_client()
            self._client.restore(saved.client)
            if saved.client.speaks_telnet:
                self._speak_telnet()
        self._outlet.restore(saved.outlet)
        self._session = restore(self._outlet)
        self.factory.arrived(self)
        if self.named:
            self.factory.nameless.end(self)
        if saved.throttle is not None:
            self._throttle = self._make_throttle()
            self._throttle.restore(saved.throttle)
            self._wait(RESTING)
        if self._session.busy:
            self._wait(BUSY)
        # What has been received already is read then.
        self._wait_for_turn(_MOVED_LINES)
