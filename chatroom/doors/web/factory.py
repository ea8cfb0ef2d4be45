"""The factory of the web door: who is connected to it, and who has to do what within which time."""

from __future__ import annotations

from collections.abc import Mapping

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IReactorTime

from chatroom.chat.hub import Hub
from chatroom.dialects.messages import JsonMessages
from chatroom.doors.browsers import Browsers
from chatroom.doors.crowd import Crowd
from chatroom.doors.factory import DoorFactory
from chatroom.doors.queues import Queues
from chatroom.doors.stall_detector import StallDetector
from chatroom.doors.timeouts import Timeouts

from .files import Page
from .requests import HttpDoor
from .site import Site
from .websocket import WebSocketDoor

ASK_WITHIN = 20.0
"""Seconds that a whole request may take, from the connection or its own first byte."""

IDLE = 5.0
"""Seconds between an answer and the next request on the same connection."""

READ_WITHIN = 60.0
"""Seconds after which someone who takes nothing at all of an answer is hung up on."""

PART_WITHIN = 5.0
"""Seconds that the other end may take to see that it was refused."""

QUIET = 30.0
"""Seconds after which somebody of whom nothing was heard is asked for a sign of life."""

ALIVE_WITHIN = 20.0
"""Seconds that they may take to give it."""

CLOSE_WITHIN = 2.0
"""Seconds that the other end may take to answer that a WebSocket is closed."""


class WebFactory(DoorFactory):
    """
    The way in for browsers.

    :param pages: what is served, by the path below the site's.
    :param crowd: counts who connects; those who come through a proxy are counted here, and nowhere else.
    :param browsers: is told where browsers come from.
    """

    name = "web"
    resumes = True

    def __init__(
        self, hub: Hub, clock: IReactorTime, pages: Mapping[str, Page], crowd: Crowd, browsers: Browsers
    ) -> None:
        dialect = JsonMessages(hub.limits.ref)
        super().__init__(hub, clock, (dialect, dialect))
        self.site = Site(hub, pages, crowd, browsers)
        self.crowd = crowd
        self.queues = Queues(clock, hub.budgets, hub.turns)
        self.longest = 4 * hub.limits.line
        """Bytes in a message: as many as in a JSON line."""
        self.visitors: set[HttpDoor] = set()
        """Connections that speak HTTP."""
        self.asking: Timeouts[HttpDoor] = Timeouts(clock, ASK_WITHIN, HttpDoor.give_up_on_request)
        self.idle: Timeouts[HttpDoor] = Timeouts(clock, IDLE, HttpDoor.close)
        self.reading: StallDetector[HttpDoor] = StallDetector(clock, READ_WITHIN, HttpDoor.abort)
        self.parting: Timeouts[HttpDoor] = Timeouts(clock, PART_WITHIN, HttpDoor.abort)
        self.quiet: Timeouts[WebSocketDoor] = Timeouts(clock, QUIET, WebSocketDoor.ask_for_sign_of_life)
        self.silent: Timeouts[WebSocketDoor] = Timeouts(clock, ALIVE_WITHIN, WebSocketDoor.give_up_on_silent)
        self.closing: Timeouts[WebSocketDoor] = Timeouts(clock, CLOSE_WITHIN, WebSocketDoor.close_unanswered)

    def buildProtocol(self, addr: IAddress | None) -> HttpDoor:
        """Build a door for one connection."""
        return HttpDoor(self)

    def all_gone(self) -> Deferred[None]:
        """Wait until nobody chats; who has only asked for something is sent away."""
        for visitor in list(self.visitors):
            visitor.close()
        return super().all_gone()
