"""How events and replies come to be lines on a person's face: worded as the text door words them."""

from __future__ import annotations

from chatroom.chat.events import TALK, Acted, Event, Joined, Left, Renamed, Said, Whispered
from chatroom.chat.replies import Refused, Reply
from chatroom.dialects.text_events import event_lines
from chatroom.dialects.text_replies import reply_lines

from .face import Face
from .mentions import mentions
from .wire import ME

_TOLD_BY_REPLY = (Joined, Left, Renamed)
"""One's own events that a reply tells already."""


class Showing:
    """
    Collects what is to be shown, and shows it in order.

    :param echo: show what oneself says when it has arrived; otherwise whatever was typed stands already.
    """

    def __init__(self, face: Face, *, echo: bool) -> None:
        self._face = face
        self._unshown = _TOLD_BY_REPLY if echo else (*_TOLD_BY_REPLY, Said, Acted)
        self._unread: list[Event] = []

    def add(self, event: Event, nick: str) -> None:
        """Have *event* shown to *nick* with the next `settle`."""
        # Coming in with a hello, and going when the grace time is over, carry no mark.
        own = event.by == ME or (isinstance(event, Joined | Left) and event.nick == nick)
        if not (own and isinstance(event, self._unshown)):
            self._unread.append(event)

    def settle(self, nick: str, *, rooms: bool) -> None:
        """Show what has come: together, so that many who come or go at once are one line."""
        events, self._unread = self._unread, []
        for line in event_lines(events, ME, rooms=rooms):
            self._face.show(line)
        if any(_is_for(nick, event) for event in events):
            self._face.ring()

    def reply(self, reply: Reply) -> None:
        """Show an answer."""
        tell = self._face.complain if isinstance(reply, Refused) else self._face.show
        for line in reply_lines(reply):
            tell(line)


def _is_for(nick: str, event: Event) -> bool:
    if event.by == ME or not isinstance(event, TALK):
        return False
    return isinstance(event, Whispered) or mentions(nick, event.text)
