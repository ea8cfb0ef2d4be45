"""Activity: the rooms and private conversations that a person is in, numbered, and what is unread in each."""

from __future__ import annotations

from dataclasses import dataclass

from chatroom.chat.events import TALK, Event, Renamed, Whispered
from chatroom.chat.syntax.conversations import is_with_oneself
from chatroom.chat.syntax.mentions import mentions
from chatroom.dialects.json.decoder import ME

from .rooms import JoinedRooms

MAX_CONVERSATIONS = 50
"""Private conversations that keep a number; strangers begin them, so the one that has rested longest is dropped."""


@dataclass(slots=True)
class Unread:
    """What has been said in one place since the person was last there."""

    lines: int = 0
    called: bool = False
    """Whether some of it was meant for them: a mention, or a private message."""


class Activity:
    """
    Numbers the places, in the order in which they came up, and counts what is unread elsewhere.

    A place is a joined room, or a private conversation, whose name begins with ``@``.
    """

    def __init__(self, rooms: JoinedRooms) -> None:
        self._rooms = rooms
        self._others: dict[str, str] = {}
        """The nick of the other person in each private conversation, the most recent last."""
        self._order: list[str] = []
        self._unread: dict[str, Unread] = {}

    def mark_read(self) -> None:
        """Forget what is unread where the person is now."""
        self._unread.pop(self._rooms.current, None)

    def note(self, event: Event, nick: str, *, counted: bool = False) -> None:
        """
        Count *event*, if it is somebody's words and happens elsewhere.

        :param nick: this person's.
        :param counted: the server has counted it already, and told that with the room.
        """
        if isinstance(event, Renamed):
            self._others.update({place: event.new for place, other in self._others.items() if other == event.nick})
        if not isinstance(event, TALK):
            return
        if isinstance(event, Whispered):
            self._converse(event)
        own = event.by == ME or is_with_oneself(event.room)
        if counted or own or event.room == self._rooms.current:
            return
        unread = self._unread.setdefault(event.room, Unread())
        unread.lines += 1
        unread.called = unread.called or isinstance(event, Whispered) or mentions(nick, event.text)

    def count(self, place: str, lines: int, mentions: int) -> None:
        """Take over the server's numbers of *place*: they include what was read on other devices."""
        self._unread.pop(place, None)
        if lines:
            self._unread[place] = Unread(lines, called=mentions > 0 or place.startswith("@"))

    def _converse(self, event: Whispered) -> None:
        self.converse(event.room, event.to if event.by == ME else event.nick)

    def converse(self, place: str, nick: str) -> None:
        """Note the conversation *place* with *nick*, the most recent one from now on."""
        self._others.pop(place, None)
        self._others[place] = nick
        if len(self._others) > MAX_CONVERSATIONS:
            del self._others[next(place for place in self._others if place != self._rooms.current)]

    def forget_conversations(self) -> None:
        """Drop the private conversations: they belong to the account, which this person is logged out of."""
        self._others.clear()
        if self._rooms.current.startswith("@"):
            self._rooms.current = next(iter(self._rooms.people), "")

    @property
    def places(self) -> list[str]:
        """All places, the first of which has the number 1."""
        present = {**self._rooms.people, **self._others}
        self._order = [place for place in self._order if place in present]
        self._order += [place for place in present if place not in self._order]
        return list(self._order)

    @property
    def unread(self) -> dict[str, Unread]:
        """What is unread, by place, in the order of the numbers."""
        self.mark_read()
        self._unread = {place: self._unread[place] for place in self.places if place in self._unread}
        return self._unread

    @property
    def most_urgent(self) -> str | None:
        """The place where the person is called, or else the first with unread lines; None: there is none."""
        unread = self.unread
        return min(unread, key=lambda place: not unread[place].called, default=None)

    def name(self, place: str) -> str:
        """Name *place* for people: ``#room`` or ``@nick``."""
        return f"@{self._others.get(place, '?')}" if place.startswith("@") else f"#{place}"

    def other(self, place: str) -> set[str]:
        """Return the nick of the other person in the conversation *place*, if it is one."""
        return {self._others[place]} if place in self._others else set()

    def find(self, text: str) -> str | None:
        """Find the place with the number or the name *text*; None: there is none."""
        wanted = text.casefold()
        found = {self.name(place).casefold(): place for place in self.places}
        found |= {str(number): place for number, place in enumerate(self.places, 1)}
        return found.get(wanted) or found.get(f"#{wanted}") or found.get(f"@{wanted}")

    def go(self, place: str | None) -> bool:
        """Make *place* the one that typed text goes to; return whether there is such a place."""
        if place is None or place not in self.places:
            return False
        self._rooms.current = place
        self.mark_read()
        return True
