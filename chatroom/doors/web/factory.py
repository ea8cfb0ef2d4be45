"""The factory of the web door: which requests are answered how, and who has to do what within which time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import h11
from twisted.internet.interfaces import IAddress, IReactorTime

from chatroom.chat.hub import Hub
from chatroom.dialects.messages import JsonMessages
from chatroom.doors.addresses import address_of, is_secure
from chatroom.doors.deadlines import Deadlines
from chatroom.doors.factories import DoorFactory

from .answers import Answer, told
from .files import Page
from .requests import HttpDoor
from .upgrading import Upgrade, upgraded
from .websocket import WebSocketDoor

ASK_WITHIN = 20.0
"""Seconds in which a whole request has to come, from the connection or the answer before."""

LEAVE_WITHIN = 60.0
"""Seconds in which an answer has to be read."""

QUIET = 30.0
"""Seconds after which somebody of whom nothing was heard is asked for a sign of life."""

ANSWER_WITHIN = 20.0
"""Seconds that they may take to give it."""

CLOSE_WITHIN = 2.0
"""Seconds that the other end may take to answer that a WebSocket is closed."""


class WebFactory(DoorFactory):
    """
    The way in for browsers.

    :param pages: what is served, by the path below the site's.
    """

    name = "web"
    resumes = True

    def __init__(self, hub: Hub, clock: IReactorTime, pages: Mapping[str, Page]) -> None:
        dialect = JsonMessages(hub.limits.ref)
        super().__init__(hub, clock, (dialect, dialect))
        self._pages = pages
        self.longest = 4 * hub.limits.line
        """Bytes in a message: as many as in a JSON line."""
        self.visitors: set[HttpDoor] = set()
        """Connections that speak HTTP."""
        self.asking: Deadlines[HttpDoor] = Deadlines(clock, ASK_WITHIN, HttpDoor.give_up_on_request)
        self.leaving: Deadlines[HttpDoor] = Deadlines(clock, LEAVE_WITHIN, HttpDoor.abort)
        self.quiet: Deadlines[WebSocketDoor] = Deadlines(clock, QUIET, WebSocketDoor.ask_for_sign_of_life)
        self.unanswered: Deadlines[WebSocketDoor] = Deadlines(clock, ANSWER_WITHIN, WebSocketDoor.give_up_on_silent)
        self.closing: Deadlines[WebSocketDoor] = Deadlines(clock, CLOSE_WITHIN, WebSocketDoor.close_unanswered)

    def buildProtocol(self, addr: IAddress | None) -> HttpDoor:
        """Build a door for one connection."""
        return HttpDoor(self)

    def seen_out(self, door: WebSocketDoor) -> None:
        """*door* is closing: it need show no more that somebody is there."""
        self.quiet.end(door)
        self.unanswered.end(door)

    def answer(self, request: h11.Request, transport: Any) -> Answer | Upgrade:
        """Answer *request*, which is complete."""
        path = request.target.decode().partition("?")[0].removeprefix("/")
        if request.method not in (b"GET", b"HEAD"):
            return told(405, "Only GET and HEAD are understood here.", ("Allow", "GET, HEAD"))
        if path == "ws":
            return upgraded(request, address_of(transport), is_secure(transport))
        page = self._pages.get(path)
        if page is None:
            return told(404, "There is nothing here.")
        return page.answer(request)
