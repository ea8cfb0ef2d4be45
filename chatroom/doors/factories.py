"""The factories of the doors: who is connected, who has yet to say who they are, who has stopped reading."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from chatroom.chat.hub import Hub
from chatroom.dialects.json import JsonDialect
from chatroom.dialects.text import TextDialect
from chatroom.quiet_log import QuietLog

from .deadlines import Deadlines
from .door import NAME_WITHIN, Door
from .line import LineDoor
from .outlets.stream import Dialects
from .progress import Progress

_TEXT: Dialects = (TextDialect(), TextDialect(rooms=True))


class DoorFactory(Factory):
    """
    One way in; holds who is connected through it.

    :param clock: the reactor.
    """

    name: ClassVar[str]
    resumes: ClassVar[bool]
    typed: ClassVar[bool] = False
    """Whether people type here: telnet may come in, blocks may be pasted, and a password can be asked for."""
    noisy = False

    def __init__(self, hub: Hub, clock: IReactorTime, dialects: Dialects) -> None:
        self.hub = hub
        self.clock = clock
        self.dialects = dialects
        self.log = QuietLog(clock, Logger(namespace="chatroom"))
        """For whatever those at the door can cause."""
        self.connected: set[Door] = set()
        self.nameless: Deadlines[Door] = Deadlines(clock, NAME_WITHIN, Door.give_up_on_nameless)
        self.stalled: Progress[Door] = Progress(clock, hub.limits.stall, Door.give_up_on_stalled)
        self.slow: set[Door] = set()
        """Those who do not read what is sent to them."""
        self.lines = self.refusals = self.stalls = 0
        """What has come in, what was refused of it, and how often somebody stopped reading, since the start."""
        self.hang_ups: Counter[str] = Counter()
        """How often somebody was hung up on since the start, by why."""
        self._wait_for_none: list[Deferred[None]] = []

    def arrived(self, door: Door) -> None:
        """Somebody is connected, and has until `NAME_WITHIN` to say who they are."""
        self.connected.add(door)
        self.nameless.begin(door)

    def all_gone(self) -> Deferred[None]:
        """Wait until nobody is connected."""
        gone: Deferred[None] = Deferred()
        self._wait_for_none.append(gone)
        self._check_none()
        return gone

    def departed(self, door: Door) -> None:
        """A connection is gone."""
        self.connected.discard(door)
        self._check_none()
        self.nameless.end(door)
        self.drained(door)

    def fell_behind(self, door: Door) -> None:
        """*door* cannot get rid of what it has to show."""
        self.stalls += 1
        self.slow.add(door)
        self.stalled.begin(door)

    def drained(self, door: Door) -> None:
        """It can again, or is gone."""
        self.slow.discard(door)
        self.stalled.end(door)

    def _check_none(self) -> None:
        if not self.connected:
            waiting, self._wait_for_none = self._wait_for_none, []
            for gone in waiting:
                gone.callback(None)


class LineFactory(DoorFactory):
    """
    The way in for one dialect of lines.

    :param longest: bytes in a line, without its end.
    :param greeting: written at once to whoever connects.
    """

    def __init__(self, hub: Hub, clock: IReactorTime, dialects: Dialects, longest: int, greeting: bytes) -> None:
        super().__init__(hub, clock, dialects)
        self.longest = longest
        self.greeting = greeting

    def buildProtocol(self, addr: IAddress | None) -> LineDoor:
        """Build a door for one connection."""
        return LineDoor(self)


class TextFactory(LineFactory):
    """The way in for nc and telnet."""

    name = "line"
    resumes = False
    typed = True

    def __init__(self, hub: Hub, clock: IReactorTime) -> None:
        greeting = f"-- Welcome to {hub.server}. What is your nick?\n"
        super().__init__(hub, clock, _TEXT, hub.limits.line, greeting.encode())


class JsonFactory(LineFactory):
    """
    The way in for programs.

    A line may have four times the bytes of a text line: an object with a name for each value, and
    characters spelled as escapes.
    """

    name = "json"
    resumes = True

    def __init__(self, hub: Hub, clock: IReactorTime) -> None:
        dialect = JsonDialect(hub.limits.ref)
        super().__init__(hub, clock, (dialect, dialect), 4 * hub.limits.line, b"")
