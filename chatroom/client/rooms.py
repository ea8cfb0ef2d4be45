"""Where the person is: their rooms, who is in them, and up to where they have read."""

from __future__ import annotations

from chatroom.chat.events import Event, Joined, Left, Renamed, RoleChanged
from chatroom.chat.replies import Entered, Gap, Reply, Rooms, Who
from chatroom.dialects.json.decoder import ME


class JoinedRooms:
    """
    The client's picture of its rooms.

    The server's list of people is newer than the events that are replayed after it.  Applying those
    to it all the same ends at the same list: the last thing that happened to each person decides.
    """

    def __init__(self) -> None:
        self.people: dict[str, set[str]] = {}
        """Who is in each room that one is in."""
        self.current = ""
        """The room that plain text is said to; "" while one is in none."""
        self.known: set[str] = set()
        """Rooms heard of, to complete names from."""
        self.seen: dict[str, int] = {}
        """The seq of the last event received, by room; private conversations are rooms here too."""
        self._roles: dict[str, str] = {}
        self._unconfirmed: set[str] = set()

    def greet(self) -> None:
        """A new connection: the server is about to tell which rooms one is in."""
        self._unconfirmed = set(self.people)

    def live(self) -> None:
        """It has told: whatever else we thought is no longer so."""
        for room in self._unconfirmed:
            self._out_of(room)
        self._unconfirmed = set()

    def forget(self) -> None:
        """The server does not know us any more, so its numbers may have begun anew."""
        self.seen.clear()

    def enter(self, entered: Entered, greeting: bool) -> bool:
        """
        Be in a room.

        :param greeting: this comes with a new connection, and not from asking for that room.
        :returns: whether that is news.
        """
        room = entered.room
        news = room not in self.people
        self.people[room] = set(entered.people)
        self._roles[room] = entered.role
        self.known.add(room)
        self._unconfirmed.discard(room)
        if greeting:
            # What follows begins there, whatever we had seen of it.
            self.seen[room] = entered.seq
        else:
            # Requests for a room that one is in answers with where one came in, which is long past.
            self.seen[room] = max(entered.seq, self.seen.get(room, 0))
        if news or not greeting:
            self.current = room
        return news

    def saw(self, seq: int, event: Event, nick: str, *, live: bool) -> bool:
        """
        Take in *event*.

        :param nick: one's own.
        :param live: it happens now, rather than being replayed.
        :returns: False if it had been seen before.
        """
        if seq <= self.seen.get(event.room, 0):
            return False
        self.seen[event.room] = seq
        self._move(event, nick, live)
        return True

    def told(self, reply: Reply) -> None:
        """Take in what the server answers."""
        match reply:
            case Gap():
                # Some events are never going to come.
                self.seen[reply.room] = max(reply.last, self.seen.get(reply.room, 0))
            case Who() if reply.room in self.people:
                # A page of many is not everyone.
                before = self.people[reply.room] if reply.more or reply.page > 1 else set()
                self.people[reply.room] = before | {person.nick for person in reply.people}
            case Rooms():
                self.known |= {row.room for row in reply.rooms}
            case _:
                pass

    @property
    def here(self) -> set[str]:
        """Everyone in the current room."""
        return self.people.get(self.current, set())

    @property
    def operator(self) -> bool:
        """Whether one is an operator of the current room."""
        return self._roles.get(self.current) == "operator"

    def _move(self, event: Event, nick: str, live: bool) -> None:
        people = self.people.get(event.room)
        if people is None:
            return
        if type(event) is Joined:
            people.add(event.nick)
        elif type(event) is Renamed:
            people.discard(event.nick)
            people.add(event.new)
        elif type(event) is Left:
            # Who is put out of a room has left it as well, though not because they asked to.
            if event.by != ME and event.nick != nick:
                people.discard(event.nick)
            elif live:
                self._out_of(event.room)
        elif type(event) is RoleChanged and event.target == nick:
            self._roles[event.room] = event.role

    def _out_of(self, room: str) -> None:
        del self.people[room]
        self._roles.pop(room, None)
        self.seen.pop(room, None)
        if self.current == room:
            self.current = next(iter(self.people), "")
