"""The linked outlet: stands in the house for the outlet of a session at a door in another process."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from sys import intern
from typing import Any, Protocol, TypedDict

from chatroom.chat.events import Batch
from chatroom.chat.people.person import CatchingUp
from chatroom.chat.ports import RoomLink
from chatroom.chat.replies import Preferences, Reply

from .codec import BadFrame, pack, pack_batch

Frame = list[Any]

UNANSWERED = 64
"""Commands of one session that may be on their way to the house."""

AT_ONCE = 16
"""Events of a last page that nothing waits for: else a crowd that comes in waits for its own greetings."""


class Traits(TypedDict):
    """What a door says of a new connection: the fields of `Outlet` with these names."""

    door: str
    address: str
    secure: bool
    resumes: bool
    asks: bool
    reads: bool
    keeps_nick: bool


class Owner(Protocol):
    """The part of the house's end of a session that its outlet uses."""

    @property
    def catch_up(self) -> CatchingUp:
        """What the session still has to be shown."""

    def ready(self) -> None:
        """Note that the session can take the next command."""

    def show_card(self) -> None:
        """Give the door a new card, if it differs from the one that it has."""


class LinkedOutlet:
    """
    Sends what a session is shown to its door, in order; the door renders and writes it.

    What is live comes by `RoomLink.show`, once for all sessions of a door.  What is read from the journal comes page
    by page: each waits until the door has taken the one before, unless that was short.

    :param sid: what the link calls the session.
    :param send: sends a frame.
    """

    __slots__ = (
        "_full",
        "_gathered",
        "_kept",
        "_pages",
        "_send",
        "_session",
        "_viewer",
        "address",
        "asks",
        "door",
        "keeps_nick",
        "link",
        "owner",
        "reads",
        "resumes",
        "secure",
        "sid",
    )

    owner: Owner
    """The house's end of the session; set once there is one."""

    def __init__(self, sid: str, traits: Traits, link: RoomLink, send: Callable[[Frame], object]) -> None:
        self.sid = sid
        self.door, self.address, self.secure = intern(traits["door"]), traits["address"], traits["secure"]
        self.resumes, self.asks, self.reads = traits["resumes"], traits["asks"], traits["reads"]
        self.keeps_nick = traits["keeps_nick"]
        self.link: RoomLink | None = link
        self._send = send
        self._viewer = self._session = ""
        self._full = False
        """Whether the client takes nothing now."""
        self._pages = 0
        """Pages that the door has not taken yet."""
        self._gathered: list[Frame] | None = None
        self._kept: Sequence[Frame] = ()

    def send(self, frame: Frame) -> None:
        """Send *frame*, or gather it: see `together`."""
        if self._gathered is None:
            self._send(frame)
        else:
            self._gathered.append(frame)

    # Called by the house.

    @property
    def viewer(self) -> str:
        """The identity of the reader."""
        return self._viewer

    @viewer.setter
    def viewer(self, identity: str) -> None:
        self._viewer = identity
        self.send(["viewer", self.sid, identity, self._session])
        self.owner.show_card()

    @property
    def session(self) -> str:
        """The mark of the reader's session among several; empty for the first."""
        return self._session

    @session.setter
    def session(self, mark: str) -> None:
        if mark != self._session:
            self._session = mark
            self.send(["viewer", self.sid, self._viewer, mark])

    def deliver(self, batch: Batch) -> bool:
        """Show *batch*, which was read for this session; False: show no more until the door has taken it."""
        catch_up = self.owner.catch_up
        cursor = catch_up.cursors.get(batch.room)
        if cursor is not None and cursor.live:
            # A glance at a room that is not the current one.
            self.send(["glimpse", self.sid, pack_batch(batch)])
            return not self._full
        waits = len(batch) > AT_ONCE or cursor is None or batch.last < cursor.room.shown
        self.send(["page", self.sid, pack_batch(batch), waits])
        if not waits:
            return not self._full
        self._pages += 1
        catch_up.wait()
        return False

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Show *reply*, marked with the *ref* of the command that it answers."""
        self.send(["reply", self.sid, pack(reply), ref])

    @contextmanager
    def together(self) -> Iterator[None]:
        """Have the door show at once what is shown inside."""
        if self._gathered is not None:
            yield
            return
        self._gathered = []
        try:
            yield
        finally:
            gathered, self._gathered = self._gathered, None
            if len(gathered) > 1:
                self._send(["together", self.sid, gathered])
            elif gathered:
                self._send(gathered[0])

    def in_rooms(self, count: int) -> None:
        """Note that the person is in *count* rooms."""
        self.send(["rooms", self.sid, count])

    def prefer(self, preferences: Preferences, nick: str, ignored: Container[str]) -> None:
        """Apply the preferences of the person *nick*; *ignored* can be iterated over."""
        assert isinstance(ignored, Iterable)
        self.send(["prefer", self.sid, pack(preferences), nick, sorted(ignored)])

    def ready(self) -> None:
        """Note that the session can take the next command."""
        self.owner.ready()

    def close(self) -> None:
        """Have the door write what is buffered, then disconnect."""
        self.send(["close", self.sid])

    # Called by the link.

    def full(self) -> None:
        """Stop showing things live: the client does not read (backpressure)."""
        self._full = True
        self.owner.catch_up.fall_behind()

    def depart(self) -> None:
        """Keep what is to be shown from now on: the connection moves to another door."""
        self.full()
        self.send(["handed", self.sid])
        # The door has taken them when it reads that.
        self._pages = 0
        kept: list[Frame] = []
        self._kept, self._send = kept, kept.append

    def arrive(self, link: RoomLink, send: Callable[[Frame], object], last: int) -> None:
        """
        Go on at another door.

        :param last: the last command that the house has of this session.
        """
        self.link, self._send = link, send
        self.send(["moved", self.sid, last])
        kept, self._kept = self._kept, ()
        for frame in kept:
            send(frame)
        self.drained()

    def drained(self) -> None:
        """Continue: the client has read everything."""
        self._full = False
        self._resume()

    def taken(self) -> None:
        """
        Note that the door has taken a page.

        :raises BadFrame: if it was given none.
        """
        if not self._pages:
            raise BadFrame("no page was sent")
        self._pages -= 1
        self._resume()

    def _resume(self) -> None:
        if not (self._full or self._pages):
            self.owner.catch_up.drained()
